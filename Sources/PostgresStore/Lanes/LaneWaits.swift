#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The clock of the lanes, their pauses, and the limits of their waits.
package struct LaneWaits: Sendable {
    /// From a write's arrival to the last try to reach the server.
    package var reconnectLimit: Duration
    /// From a write's arrival to the last try to lock its rows.
    package var lockLimit: Duration
    /// The least time to find out the outcome of a commit.
    package var lookUpLimit: Duration
    /// A monotonic clock.
    let now: @Sendable () -> ContinuousClock.Instant
    /// Blocks.
    let sleep: @Sendable (Duration) -> Void
    /// A number in 0..<1.
    let random: @Sendable () -> Double

    package init(
        reconnectLimit: Duration = .seconds(15), lockLimit: Duration = .seconds(5), lookUpLimit: Duration = .seconds(5),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) -> Void = LaneWaits.block,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.reconnectLimit = reconnectLimit
        self.lockLimit = lockLimit
        self.lookUpLimit = lookUpLimit
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The most repetitions of a transaction that meets others.
    static let conflicts = 8

    /// The pause before a repetition: 1, 2, 4 … 128 ms, half of it by chance.
    func pause(beforeConflict count: Int) -> Duration {
        .microseconds(Int64(Double(1_000 << min(max(count - 1, 0), 7)) * (0.5 + random() / 2)))
    }

    /// The pause before a connection: 50, 100, 200, 250 ms, half of it by chance. None before the first.
    func pause(beforeConnection count: Int) -> Duration {
        guard count > 1 else { return .zero }
        return .microseconds(Int64(Double(min(50_000 << min(count - 2, 3), 250_000)) * (0.5 + random() / 2)))
    }

    package static func block(for duration: Duration) {
        guard duration > .zero else { return }
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // A signal cuts the pause short. A pause may be short.
        nanosleep(&left, nil)
    }
}
