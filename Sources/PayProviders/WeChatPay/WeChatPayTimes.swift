import PayCore

/// Times as WeChat writes them: RFC 3339, with an offset from UTC. Ours are sent with China's offset, +08:00, whatever
/// the zone of this machine.
enum WeChatPayTime {
    /// The milliseconds are cut off: a deadline that was rounded up would be later than ours.
    static func text(_ instant: Instant) -> String {
        CivilTime(instant, offset: .china).text { $0.writeTimestamp(to: &$1) }
    }

    /// Nil for any other text. WeChat writes `T` and `Z` in upper case.
    static func instant(_ text: String) -> Instant? {
        guard !text.utf8.contains(where: \.isASCIILowercase) else { return nil }
        return CivilTime(rfc3339: text)?.instant.clamped
    }
}
