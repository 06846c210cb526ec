import PayCore

/// Alipay's spelling of a time: the wall clock of GMT+8, as in `2026-11-22 18:00:00`, whatever the zone of this machine.
enum AlipayTime {
    /// The milliseconds are cut off: a deadline is never put later.
    static func text(_ instant: Instant) -> String {
        CivilTime(instant, offset: .china).text { time, bytes in
            time.writeDate(to: &bytes)
            bytes.append(UInt8(ascii: " "))
            time.writeClock(to: &bytes)
        }
    }

    /// Nil for any other spelling, for a day that doesn't exist and for a time before 1970.
    static func instant(_ text: String) -> Instant? {
        var reader = TimeReader(text)
        guard let date = reader.date(), date.year >= 1970, reader.skip(" "), let clock = reader.clock(),
            reader.isAtEnd
        else { return nil }
        return CivilTime(date, clock, offset: .china)?.instant.clamped
    }
}
