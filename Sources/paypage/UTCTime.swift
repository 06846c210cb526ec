import Foundation
import PayCore

/// An instant as text, to the millisecond. Computed in integers, because floating point may be off by one millisecond.
struct UTCTime: CustomStringConvertible {
    /// `2026-11-22`
    let day: String
    /// `10:00:00.004`
    let time: String

    init(_ instant: Instant) {
        let (second, millisecond) = instant.milliseconds.parts(of: 1_000)
        let (days, inDay) = second.parts(of: 24 * 60 * 60)
        day = Date(timeIntervalSince1970: Double(days) * 24 * 60 * 60).formatted(.iso8601.year().month().day())
        time =
            [inDay / 3_600, inDay / 60 % 60, inDay % 60].map { $0.digits(2) }.joined(separator: ":")
            + "." + millisecond.digits(3)
    }

    var description: String { "\(day)T\(time)Z" }
}

extension Int64 {
    /// The number of whole parts, and the rest, which is never below zero.
    fileprivate func parts(of size: Int64) -> (whole: Int64, rest: Int64) {
        let (whole, rest) = quotientAndRemainder(dividingBy: size)
        return rest < 0 ? (whole - 1, rest + size) : (whole, rest)
    }

    fileprivate func digits(_ width: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }
}
