public import PayCore

/// The one place where a flow learns what time it is, and waits.
public protocol PayClock: Sendable {
    func now() -> Instant

    /// The time since a fixed moment in the past. Unlike `now()` it never goes back or jumps when the machine's clock is
    /// set, so the length of a wait is measured by it.
    func uptime() -> Duration

    /// Returns after `duration`. Throws when the task is cancelled.
    func sleep(for duration: Duration) async throws
}
