public import PayFlow
import Synchronization

/// A witness that records every observation.
public final class RecordingWitness: Witness {
    private let seen = Mutex<[Observation]>([])

    public init() {}

    public func saw(_ observation: Observation) {
        seen.withLock { $0.append(observation) }
    }

    public var observations: [Observation] { seen.withLock { $0 } }
}
