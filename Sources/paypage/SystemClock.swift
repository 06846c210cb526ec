import Foundation
import PayCore
import PayFlow

/// The machine's clock: the only place where the real time is read.
struct SystemClock: PayClock {
    private static let start = ContinuousClock.now

    func now() -> Instant {
        Instant(milliseconds: Int64((Date.now.timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    /// The time since 1970, in nanoseconds, for traces.
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    func uptime() -> Duration { Self.start.duration(to: .now) }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
