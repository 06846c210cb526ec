public import PayCore

/// The clock of the flows, and their only way to wait.
public protocol PayClock: Sendable {
    func now() -> Instant

    /// The time since a fixed moment in the past. Unlike `now()` it never goes back or jumps when the machine's clock
    /// is set. It measures the length of waits.
    func uptime() -> Duration

    /// Returns after `duration`. Throws if the task is cancelled.
    func sleep(for duration: Duration) async throws
}
