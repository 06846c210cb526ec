package import PayCore

/// An instant as text for a person, in UTC, to the millisecond.
package struct UTCTime: Sendable, CustomStringConvertible {
    /// `2026-11-22T10:00:00.004Z`
    package let description: String
    /// `2026-11-22`
    package let day: String
    /// `10:00:00.004`
    package let time: String

    package init(_ instant: Instant) {
        description = CivilTime(instant).text { $0.writeExactTimestamp(to: &$1) }
        day = String(description.prefix(10))
        time = String(description.dropFirst(11).dropLast())
    }

    /// `2026-11-22 10:00:00`
    package var seconds: String { "\(day) \(time.prefix(8))" }
}
