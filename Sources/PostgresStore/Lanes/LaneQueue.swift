/// The jobs that wait for a group of lanes, and the choice of what a lane takes next.
///
/// A lane never waits for more jobs: it takes those that are there. Of the jobs that touch the same thing, one is under
/// way at a time, in the order of their arrival.
struct LaneQueue<Job: Sendable>: Sendable {
    /// The most jobs that wait. A caller behind them would wait for seconds.
    static var limit: Int { 4_096 }

    private let jobsPerBatch: Int
    private var waiting: [Entry] = []
    private var touched: Set<String> = []
    private var idle: [Int]
    private var isClosed = false

    private struct Entry: Sendable {
        let job: Job
        let touches: [String]
        let goesAlone: Bool
    }

    init(lanes: Int, jobsPerBatch: Int) {
        precondition(lanes > 0 && jobsPerBatch > 0, "lanes that do nothing")
        self.jobsPerBatch = jobsPerBatch
        idle = Array((0..<lanes).reversed())
    }

    /// The jobs that wait.
    var count: Int { waiting.count }

    enum Arrival: Equatable {
        /// The lane rests: the caller starts it.
        case start(lane: Int)
        /// All lanes are at work, and one of them takes the job later.
        case wait
        case refuse(Refusal)
    }

    enum Refusal { case closed, full }

    /// - Parameter touches: the names of what the job works on.
    /// - Parameter goesAlone: the job shares its transaction with no other.
    mutating func arrive(_ job: Job, touching touches: [String], goesAlone: Bool) -> Arrival {
        guard !isClosed else { return .refuse(.closed) }
        guard waiting.count < Self.limit else { return .refuse(.full) }
        waiting.append(Entry(job: job, touches: touches, goesAlone: goesAlone))
        return idle.popLast().map { .start(lane: $0) } ?? .wait
    }

    /// Jobs that are under way together, and what they touch.
    struct Batch: Sendable {
        let jobs: [Job]
        fileprivate let touches: [String]
        /// A lane that rests, though more jobs wait: the caller starts it.
        let alsoStart: Int?
    }

    /// Nil when nothing can be taken: the lane rests until it is started.
    mutating func take(for lane: Int) -> Batch? {
        let places = nextPlaces()
        guard !places.isEmpty else {
            idle.append(lane)
            return nil
        }
        let taken = places.map { waiting[$0] }
        for place in places.reversed() { waiting.remove(at: place) }
        let touches = taken.flatMap(\.touches)
        touched.formUnion(touches)
        return Batch(jobs: taken.map(\.job), touches: touches, alsoStart: waiting.isEmpty ? nil : idle.popLast())
    }

    /// The batch is over. The lane takes the next one.
    mutating func finished(_ batch: Batch) { touched.subtract(batch.touches) }

    mutating func close() { isClosed = true }

    private func nextPlaces() -> [Int] {
        var places: [Int] = []
        // Also what was passed over: a later job must not overtake it.
        var blocked = touched
        for (place, entry) in waiting.enumerated() {
            if entry.touches.contains(where: blocked.contains) || (entry.goesAlone && !places.isEmpty) {
                blocked.formUnion(entry.touches)
                continue
            }
            places.append(place)
            blocked.formUnion(entry.touches)
            if entry.goesAlone || places.count == jobsPerBatch { break }
        }
        return places
    }
}
