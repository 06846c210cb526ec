import ServiceLifecycle
import Synchronization

/// Remembers when the process was told to stop, so that all of its ending fits into one limit.
final class ShutdownWatch: Service {
    private let toldAt = Mutex<ContinuousClock.Instant?>(nil)

    func run() async throws {
        try? await gracefulShutdown()
        toldAt.withLock { $0 = .now }
    }

    /// What is left of `limit` since then; all of it when nobody told.
    func left(of limit: Duration) -> Duration {
        let passed = toldAt.withLock { $0 }.map { ContinuousClock.now - $0 } ?? .zero
        return max(.zero, limit - passed)
    }
}
