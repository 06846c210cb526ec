import Foundation
import PayCore
import PayFlow

/// The machine's clock: the only place where the real time is read.
struct SystemClock: PayClock {
    private static let start = ContinuousClock.now

    func now() -> Instant {
        Instant(milliseconds: Int64((Date.now.timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    func uptime() -> Duration { Self.start.duration(to: .now) }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
