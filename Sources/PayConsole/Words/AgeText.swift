import PayCore

extension ConsoleLanguage {
    /// How long ago an instant was, in one unit: `3 min`.
    func age(of instant: Instant, at now: Instant) -> String {
        let seconds = max(0, (now - instant).wholeSeconds)
        switch seconds {
        case ..<60: return of("\(seconds) s", "\(seconds) 秒")
        case ..<3_600: return of("\(seconds / 60) min", "\(seconds / 60) 分钟")
        case ..<172_800: return of("\(seconds / 3_600) h", "\(seconds / 3_600) 小时")
        default: return of("\(seconds / 86_400) days", "\(seconds / 86_400) 天")
        }
    }
}
