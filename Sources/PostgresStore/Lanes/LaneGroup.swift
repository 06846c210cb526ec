import Dispatch
import Synchronization

/// Lanes that share a queue of jobs. A lane is a serial queue of its own, whose thread blocks on the lane's connection.
final class LaneGroup<Job: Sendable, State>: Sendable {
    private let queue: Mutex<LaneQueue<Job>>
    private let lanes: [Lane]
    private let work: @Sendable ([Job], State) -> Void

    /// The state of a lane is used on its queue alone.
    private final class Lane: @unchecked Sendable {
        let queue: DispatchQueue
        let state: State

        init(_ name: String, _ state: State) {
            queue = DispatchQueue(label: name, qos: .userInitiated)
            self.state = state
        }
    }

    /// - Parameter work: does the jobs of a batch with a lane's state. Blocks.
    init(
        _ name: String, lanes: Int, jobsPerBatch: Int = 1, state: () -> State,
        work: @escaping @Sendable ([Job], State) -> Void
    ) {
        self.work = work
        self.lanes = (1...lanes).map { Lane("paypage.\(name).\($0)", state()) }
        queue = Mutex(LaneQueue(lanes: lanes, jobsPerBatch: jobsPerBatch))
    }

    /// The jobs that no lane has taken yet.
    var waiting: Int { queue.withLock { $0.count } }

    /// Nil if a lane takes the job.
    func submit(_ job: Job, touching touches: [String] = [], goesAlone: Bool = true) -> LaneQueue<Job>.Refusal? {
        switch queue.withLock({ $0.arrive(job, touching: touches, goesAlone: goesAlone) }) {
        case .start(let lane): start(lane)
        case .wait: break
        case .refuse(let refusal): return refusal
        }
        return nil
    }

    /// Takes no more jobs, does those that wait, and ends the lanes by `end`. Blocks.
    func close(_ end: @escaping @Sendable (State) -> Void) {
        queue.withLock { $0.close() }
        // A lane works until nothing is left that it could take: what another lane's batch holds up is that lane's.
        for lane in lanes { lane.queue.sync {} }
        for lane in lanes { lane.queue.sync { end(lane.state) } }
    }

    private func start(_ index: Int) {
        let lane = lanes[index]
        lane.queue.async { [self] in
            while let batch = queue.withLock({ $0.take(for: index) }) {
                if let other = batch.alsoStart { start(other) }
                work(batch.jobs, lane.state)
                queue.withLock { $0.finished(batch) }
            }
        }
    }
}
