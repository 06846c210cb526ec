import PayCore

/// Alipay's notation of a time: the local time of GMT+8, as in `2026-11-22 18:00:00`.
enum AlipayTime {
    /// Truncated to the second, so that a deadline is never moved later.
    static func text(_ instant: Instant) -> String {
        CivilTime(instant, offset: .china).text { time, bytes in
            time.writeDate(to: &bytes)
            bytes.append(UInt8(ascii: " "))
            time.writeClock(to: &bytes)
        }
    }

    /// Nil unless `text` has exactly this form and names a real time since 1970.
    static func instant(_ text: String) -> Instant? {
        var reader = TimeReader(text)
        guard let date = reader.date(), date.year >= 1970, reader.skip(" "), let clock = reader.clock(),
            reader.isAtEnd
        else { return nil }
        return CivilTime(date, clock, offset: .china)?.instant.clamped
    }
}
