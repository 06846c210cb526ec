import PayCore

/// How texts and times are written into a log.
enum LogText {
    /// Whether a scalar steers a terminal or a layout instead of being read: control characters (C0, DEL, C1), line and
    /// paragraph separators, direction overrides. None goes into a log as itself, or a stranger's text could forge a
    /// record or hide one.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// A JSON string (RFC 8259), quotes included.
    static func json(_ text: String) -> String {
        quoted(text) { hexadecimal in "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal }
    }

    /// The text as it is when that can be told from what stands around it, else in quotes.
    static func word(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { !steers($0) && !" \"=\\".unicodeScalars.contains($0) }
        return isPlain && !text.isEmpty ? text : quoted(text) { "\\u{\($0)}" }
    }

    /// A sentence without quotes around it, on one line whatever is in it.
    static func sentence(_ text: String) -> String {
        escaped(text, quotesToo: false) { "\\u{\($0)}" }
    }

    /// RFC 3339, UTC, to the millisecond: `2026-11-22T10:30:00.000Z`.
    static func time(_ instant: Instant) -> String {
        let (day, ofDay) = instant.milliseconds.quotientAndFloor(dividingBy: 86_400_000)
        let date = civilDate(daysSince1970: day)
        let clock = [ofDay / 3_600_000, ofDay / 60_000 % 60, ofDay / 1_000 % 60].map { padded($0, 2) }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(clock.joined(separator: ":")).\(padded(ofDay % 1_000, 3))Z"
    }

    private static func quoted(_ text: String, unicode: (String) -> String) -> String {
        "\"\(escaped(text, quotesToo: true, unicode: unicode))\""
    }

    private static func escaped(_ text: String, quotesToo: Bool, unicode: (String) -> String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotesToo: escaped += "\\\""
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where steers(scalar): escaped += unicode(String(scalar.value, radix: 16))
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The proleptic Gregorian date, counted in years that begin in March, so that the leap day is the last of one.
    private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719,468 days from 0000-03-01 to 1970-01-01; 146,097 days in 400 years.
        let (era, dayOfEra) = (daysSince1970 + 719_468).quotientAndFloor(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// Division that rounds down, so that a time before 1970 has a time of day as well.
    fileprivate func quotientAndFloor(dividingBy divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
