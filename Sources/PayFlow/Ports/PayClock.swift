public import PayCore

/// The one place where a flow learns what time it is, and waits.
public protocol PayClock: Sendable {
    func now() -> Instant

    /// Returns after `duration`. Throws when the task is cancelled.
    func sleep(for duration: Duration) async throws
}
