/// An instant by the calendar and by a clock that has a fixed offset from UTC.
package struct CivilTime: Hashable, Sendable {
    package let date: CivilDate
    package let hour, minute, second, millisecond: Int64
    package let offset: UTCOffset

    /// The years 0 to 9999, in milliseconds since 1970: all that four digits can write.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000...Instant.latest.milliseconds

    /// A time outside of the years 0 to 9999 becomes the nearest one inside.
    package init(_ instant: Instant, offset: UTCOffset = .utc) {
        let bounded = min(max(instant.milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
        let local = min(max(bounded + offset.seconds * 1_000, Self.writable.lowerBound), Self.writable.upperBound)
        let (days, ofDay) = local.quotientAndFloor(dividingBy: 86_400_000)
        date = CivilDate(daysSince1970: days)
        (hour, minute) = (ofDay / 3_600_000, ofDay / 60_000 % 60)
        (second, millisecond) = (ofDay / 1_000 % 60, ofDay % 1_000)
        self.offset = offset
    }

    /// Nil where the clock never shows this time. A leap second is no such time.
    package init?(
        _ date: CivilDate, _ clock: (hour: Int64, minute: Int64, second: Int64), millisecond: Int64 = 0,
        offset: UTCOffset
    ) {
        guard (0..<24).contains(clock.hour), (0..<60).contains(clock.minute), (0..<60).contains(clock.second),
            (0..<1_000).contains(millisecond)
        else { return nil }
        self.date = date
        (hour, minute, second) = clock
        self.millisecond = millisecond
        self.offset = offset
    }

    package var instant: Instant {
        let seconds = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset.seconds
        return Instant(milliseconds: seconds * 1_000 + millisecond)
    }
}

/// How far a clock is ahead of UTC, all year round.
package struct UTCOffset: Hashable, Sendable {
    /// Negative in the west.
    package let seconds: Int64

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    package static let utc = UTCOffset(seconds: 0)
    /// China's clocks know no summer time.
    package static let china = UTCOffset(seconds: 8 * 3_600)
}

extension CivilTime {
    /// The text that `write` makes of this time.
    package func text(_ write: (CivilTime, inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(self, &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `2026-11-22`
    package func writeDate(to bytes: inout [UInt8]) {
        bytes.append(date.year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(date.month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(date.day, digits: 2)
    }

    /// `10:30:00`
    package func writeClock(to bytes: inout [UInt8]) {
        bytes.append(hour, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(minute, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second, digits: 2)
    }
}
