public import PayFlow
import Synchronization

/// An observer that records every observation.
public final class RecordingObserver: FlowObserver {
    private let seen = Mutex<[Observation]>([])

    public init() {}

    public func saw(_ observation: Observation) {
        seen.withLock { $0.append(observation) }
    }

    public var observations: [Observation] { seen.withLock { $0 } }
}
