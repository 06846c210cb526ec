/// A point in time by the server's clock, in milliseconds since 1970-01-01T00:00:00Z.
///
/// The core never reads a clock: an instant is always an argument.
public struct Instant: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The earliest instant that is stored and written.
    public static let earliest = Instant(milliseconds: 0)
    /// The latest instant: the end of the year 9999, the last that RFC 3339 can write. Sums of instants stay far from
    /// an overflow.
    public static let latest = Instant(milliseconds: 253_402_300_799_999)

    /// This instant, or the nearest one that can be stored and written. A time from another system may be any number.
    public var clamped: Instant { min(max(self, .earliest), .latest) }

    /// Whole seconds since 1970, clamped, so that the multiplication can't overflow.
    public init(clampingSeconds seconds: Int64) {
        let bounded = min(max(seconds, 0), Self.latest.milliseconds / 1_000)
        self.init(milliseconds: bounded * 1_000)
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(milliseconds: instant.milliseconds + duration.wholeMilliseconds)
    }

    public static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(milliseconds: instant.milliseconds - duration.wholeMilliseconds)
    }

    /// The duration from `right` to `left`; negative if `left` is earlier.
    public static func - (left: Instant, right: Instant) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}

extension Duration {
    /// The duration in milliseconds, rounded towards zero.
    public var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// The duration in seconds, rounded down, never below zero.
    public var wholeSeconds: Int64 {
        max(0, wholeMilliseconds / 1_000)
    }

    /// The duration in seconds, rounded up, at least one: the value of a `Retry-After`.
    public var secondsToWait: Int64 {
        max(1, (wholeMilliseconds + 999) / 1_000)
    }
}
