import PayCore
import PayFlow
import PayProviders
import Synchronization

/// The channels of this process whose circuit is open, each since its first opening in a row.
final class OpenCircuits: Sendable {
    private let openings = Mutex<[Channel: Instant]>([:])

    func note(_ change: GuardedTransport.Change, of channel: Channel, at now: Instant) {
        openings.withLock { openings in
            switch change {
            case .opened: openings[channel] = openings[channel] ?? now
            case .closed: openings[channel] = nil
            case .slowedDown: break
            }
        }
    }

    /// Forgets all circuits: new connections begin with closed ones.
    func startOver() {
        openings.withLock { $0 = [:] }
    }

    var conditions: [ServiceCondition] {
        openings.withLock { $0 }.sorted { $0.key < $1.key }.map { .circuitOpen($0.key, since: $0.value) }
    }
}
