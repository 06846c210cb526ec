import PayCore

/// WeChat's notation of a time: RFC 3339 with an offset from UTC. Paypage sends China's offset, +08:00, on a machine in
/// any time zone.
enum WeChatPayTime {
    /// Truncated to the second, because a rounded-up deadline would be later than ours.
    static func text(_ instant: Instant) -> String {
        CivilTime(instant, offset: .china).text { $0.writeTimestamp(to: &$1) }
    }

    /// Nil for any other text. WeChat writes `T` and `Z` in upper case.
    static func instant(_ text: String) -> Instant? {
        guard !text.utf8.contains(where: \.isASCIILowercase) else { return nil }
        return CivilTime(rfc3339: text)?.instant.clamped
    }
}
