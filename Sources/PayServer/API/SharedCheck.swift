import PayCore
import Synchronization

/// An expensive check that anybody may ask for. It runs a limited number of times each second; further calls get the outcome
/// of the last run, which is then at most a fraction of a second old.
final class SharedCheck: Sendable {
    private let limit: RateLimit
    private let check: @Sendable () async throws -> Void
    private let last = Mutex<Result<Void, any Error>?>(nil)

    init(atOnce: Int, perSecond: Int, _ check: @escaping @Sendable () async throws -> Void) {
        limit = RateLimit(burst: atOnce, perSecond: perSecond)
        self.check = check
    }

    func run(at now: Instant) async throws {
        // Without an outcome yet, every call runs the check: there is nothing to repeat.
        if limit.pause(before: "all", at: now) != nil, let last = last.withLock({ $0 }) { return try last.get() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await check()) } catch { outcome = .failure(error) }
        // A caller that went away says nothing of the database.
        if case .failure(let error) = outcome, error is CancellationError { throw error }
        last.withLock { $0 = outcome }
        try outcome.get()
    }
}
