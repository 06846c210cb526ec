/// The day of a bill: from midnight to midnight in China (UTC+8), for every provider.
public struct BillDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let date: CivilDate

    package init(_ date: CivilDate) {
        self.date = date
    }

    /// The day that contains `instant`.
    public init(containing instant: Instant) {
        date = CivilTime(instant, offset: .china).date
    }

    /// Reads `2026-11-22`. Nil for any other text, and for a day that the calendar does not have.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0.isASCIIDigit || $0 == 0x2D }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        self.date = date
    }

    /// The first instant of the day.
    public var start: Instant {
        Instant(milliseconds: (date.daysSince1970 * 86_400 - UTCOffset.china.seconds) * 1_000)
    }

    /// The first instant after the day.
    public var end: Instant { next.start }

    public var next: BillDay { BillDay(CivilDate(daysSince1970: date.daysSince1970 + 1)) }
    public var previous: BillDay { BillDay(CivilDate(daysSince1970: date.daysSince1970 - 1)) }

    /// The day that was `count` days earlier.
    public func days(before count: Int64) -> BillDay { BillDay(CivilDate(daysSince1970: date.daysSince1970 - count)) }

    public func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }

    public static func < (left: BillDay, right: BillDay) -> Bool {
        left.date.daysSince1970 < right.date.daysSince1970
    }

    /// `2026-11-22`
    public var description: String {
        CivilTime(start, offset: .china).text { time, bytes in time.writeDate(to: &bytes) }
    }
}
