import PayCore

/// Alipay's notation of a time: the local time of GMT+8, as in `2026-11-22 18:00:00`.
///
/// Computed from the fixed offset, so that the machine's time zone does not matter. China has no summer time.
enum AlipayTime {
    private static let offsetSeconds: Int64 = 8 * 3_600
    private static let daySeconds: Int64 = 86_400

    /// Truncated to the second, so that a deadline is never moved later.
    static func text(_ instant: Instant) -> String {
        let (seconds, _) = instant.milliseconds.dividedDown(by: 1_000)
        let (day, second) = (seconds + offsetSeconds).dividedDown(by: daySeconds)
        let date = CivilDate(day: day)
        let time = [second / 3_600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(date.year)-\(twoDigits(date.month))-\(twoDigits(date.day)) \(time)"
    }

    /// Nil unless `text` has exactly this form and names a real time.
    static func instant(_ text: String) -> Instant? {
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count,
            zip(bytes, pattern).allSatisfy({ $1 == UInt8(ascii: "0") ? $0.isDecimalDigit : $0 == $1 })
        else { return nil }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        let date = CivilDate(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        guard let date, hour < 24, minute < 60, second < 60 else { return nil }
        let wall = date.daysSince1970 * daySeconds + hour * 3_600 + minute * 60 + second
        return Instant(milliseconds: (wall - offsetSeconds) * 1_000).clamped
    }

    private static let pattern = Array("0000-00-00 00:00:00".utf8)

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    let year: Int64
    /// From 1.
    let month: Int64
    /// From 1.
    let day: Int64

    /// Nil for a day that there isn't, and before 1970.
    init?(year: Int64, month: Int64, day: Int64) {
        guard year >= 1970, (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day) else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that is `day` days after 1970-01-01.
    init(day: Int64) {
        // No year is longer than 366 days, and none is shorter than 365: the guess is never late.
        var year = 1970 + day.dividedDown(by: day < 0 ? 365 : 366).quotient
        while Self.daysBefore(year + 1) <= day { year += 1 }
        var left = day - Self.daysBefore(year)
        var month: Int64 = 1
        while left >= Self.days(in: month, of: year) {
            left -= Self.days(in: month, of: year)
            month += 1
        }
        self.year = year
        self.month = month
        self.day = left + 1
    }

    var daysSince1970: Int64 {
        (1..<month).reduce(Self.daysBefore(year)) { $0 + Self.days(in: $1, of: year) } + day - 1
    }

    /// From 1970-01-01 to the first day of `year`.
    private static func daysBefore(_ year: Int64) -> Int64 {
        (year - 1970) * 365 + leapYears(before: year) - leapYears(before: 1970)
    }

    private static func leapYears(before year: Int64) -> Int64 {
        let last = year - 1
        return last.dividedDown(by: 4).quotient - last.dividedDown(by: 100).quotient
            + last.dividedDown(by: 400).quotient
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient rounded down, and what is left, which is never negative.
    fileprivate func dividedDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
