package import PayCore

extension Timestamp {
    /// Parses an RFC 3339 time, rounded down to the millisecond. Nil if the text is not exactly one: a format style
    /// would accept the 30th of February and trailing text. Leap seconds are not accepted.
    package static func parse(_ text: String) -> Instant? {
        guard text.utf8.count <= longest, text.utf8.allSatisfy({ $0 < 0x80 }), let match = text.wholeMatch(of: shape),
            let year = Int64(match.1), let month = Int64(match.2), let day = Int64(match.3),
            let hour = Int64(match.4), let minute = Int64(match.5), let second = Int64(match.6),
            (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second < 60,
            let offset = offsetMinutes(match.8)
        else { return nil }
        let milliseconds = Int64((match.7 ?? "").prefix(3).padded(to: 3)) ?? 0
        let minutes = (days(to: year, month, day) * 24 + hour) * 60 + minute - offset
        return Instant(milliseconds: (minutes * 60 + second) * 1_000 + milliseconds)
    }

    /// In characters. A time with nanoseconds and an offset has 35.
    private static let longest = 40

    private static var shape:
        Regex<(Substring, Substring, Substring, Substring, Substring, Substring, Substring, Substring?, Substring)>
    {
        /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)/
    }

    /// Parses `Z`, or a sign with hours and minutes.
    private static func offsetMinutes(_ text: Substring) -> Int64? {
        guard text.count == 6 else { return 0 }
        guard let hours = Int64(text.dropFirst().prefix(2)), let minutes = Int64(text.suffix(2)), hours < 24,
            minutes < 60
        else { return nil }
        return (text.first == "-" ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that the leap day is
    /// the last day.
    private static func days(to year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year + 399 : year + 400
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 1) * 146_097 + dayOfEra - 719_468
    }
}

extension Substring {
    fileprivate func padded(to length: Int) -> String {
        self + String(repeating: "0", count: Swift.max(0, length - count))
    }
}
