/// An instant by the calendar, in UTC.
package struct CivilTime {
    package let year, month, day: Int64
    package let hour, minute, second, millisecond: Int64
    /// Days since Sunday.
    package let weekday: Int64

    /// The years 0 to 9999, in milliseconds since 1970: all that four digits can write.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000...Instant.latest.milliseconds

    /// An instant outside the years 0 to 9999 is taken for the nearest one inside.
    package init(_ instant: Instant) {
        let milliseconds = min(max(instant.milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let (days, ofDay) = milliseconds.quotientAndFloor(dividingBy: 86_400_000)
        (year, month, day) = Self.date(daysSince1970: days)
        (hour, minute) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
        (second, millisecond) = (ofDay / 1_000 % 60, ofDay % 1_000)
        // The first of January 1970 was a Thursday.
        weekday = (days + 4).quotientAndFloor(dividingBy: 7).remainder
    }

    /// The proleptic Gregorian date, counted in years that begin in March, so that the leap day is the last of one.
    private static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // 719,468 days from 0000-03-01 to 1970-01-01; 146,097 days in 400 years.
        let (era, dayOfEra) = (daysSince1970 + 719_468).quotientAndFloor(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }
}

extension CivilTime {
    /// RFC 3339 to the second: `2026-11-22T10:30:00`, without the zone.
    private func writeSeconds(to bytes: inout [UInt8]) {
        bytes.append(year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(day, digits: 2)
        bytes.append(UInt8(ascii: "T"))
        writeClock(to: &bytes)
    }

    private func writeClock(to bytes: inout [UInt8]) {
        bytes.append(hour, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(minute, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second, digits: 2)
    }

    /// RFC 3339, UTC, whole seconds: `2026-11-22T10:30:00Z`.
    package func writeTimestamp(to bytes: inout [UInt8]) {
        writeSeconds(to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// RFC 3339, UTC, to the millisecond: `2026-11-22T10:30:00.000Z`.
    package func writeExactTimestamp(to bytes: inout [UInt8]) {
        writeSeconds(to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(millisecond, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// As HTTP's `Date` has it (RFC 9110, 5.6.7): `Sun, 22 Nov 2026 10:30:00 GMT`.
    package func writeHTTPDate(to bytes: inout [UInt8]) {
        bytes += Self.weekdays[Int(weekday)].utf8
        bytes += ", ".utf8
        bytes.append(day, digits: 2)
        bytes += Self.months[Int(month) - 1].utf8
        bytes.append(year, digits: 4)
        bytes.append(UInt8(ascii: " "))
        writeClock(to: &bytes)
        bytes += " GMT".utf8
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]
}

extension Int64 {
    /// Division that rounds down, so that a time before 1970 has a time of day as well.
    fileprivate func quotientAndFloor(dividingBy divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
