/// The longest wait of a write for another process's write lock.
///
/// The wait starts with the arrival of the write. Its time in our own queue, behind others that wait for the same lock,
/// is part of it.
struct WriteWait: Sendable {
    let limit: Duration
    /// A monotonic clock.
    let now: @Sendable () -> ContinuousClock.Instant

    init(limit: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.limit = limit
        self.now = now
    }

    /// The end of the wait of a write that arrives now.
    func deadline() -> ContinuousClock.Instant { now() + limit }

    /// The time that is left, in SQLite's milliseconds. At 0 the lock is tried once, without waiting.
    func milliseconds(until deadline: ContinuousClock.Instant) -> CInt {
        let left = now().duration(to: deadline)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        return CInt(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    func isOver(_ deadline: ContinuousClock.Instant) -> Bool { now() >= deadline }
}
