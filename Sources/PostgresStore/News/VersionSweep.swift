import PayCore
import Synchronization

/// Compares the versions of the watched orders with those of the check before. A change that no news told of is found
/// by it.
final class VersionSweep: Sendable {
    /// The interval of the checks while the news are heard.
    static let interval = Duration.seconds(5)

    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var versions: [OrderNumber: Int64] = [:]
        var lastAt: ContinuousClock.Instant?
    }

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Whether a check is due: each time while nothing is heard, and rarely otherwise.
    func isDue(isListening: Bool) -> Bool {
        let now = now()
        return state.withLock { state in
            if isListening, let last = state.lastAt, now < last + Self.interval { return false }
            state.lastAt = now
            return true
        }
    }

    /// The orders whose version differs from the last check, and those that it did not have.
    func changes(of watched: [OrderNumber], _ versions: [String: Int64]) -> [OrderNumber] {
        let found = Dictionary(watched.map { ($0, versions[$0.text] ?? 0) }, uniquingKeysWith: { $1 })
        return state.withLock { state in
            defer { state.versions = found }
            return found.keys.filter { state.versions[$0] != found[$0] }
        }
    }
}
