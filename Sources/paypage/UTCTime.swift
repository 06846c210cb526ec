import PayCore

/// An instant as text, in UTC, to the millisecond.
struct UTCTime: CustomStringConvertible {
    /// `2026-11-22`
    let day: String
    /// `10:00:00.004`
    let time: String
    /// `2026-11-22T10:00:00.004Z`
    let description: String

    init(_ instant: Instant) {
        description = CivilTime(instant).text { $0.writeExactTimestamp(to: &$1) }
        day = String(description.prefix(10))
        time = String(description.dropFirst(11).dropLast())
    }
}
