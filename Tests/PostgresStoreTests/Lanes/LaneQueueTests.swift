import Testing

@testable import PostgresStore

@Suite struct LaneQueueTests {
    private func queue(lanes: Int = 2, jobsPerBatch: Int = 32, _ jobs: [(Int, [String])] = []) -> LaneQueue<Int> {
        var queue = LaneQueue<Int>(lanes: lanes, jobsPerBatch: jobsPerBatch)
        for (job, touches) in jobs { _ = queue.arrive(job, touching: touches, goesAlone: false) }
        return queue
    }

    @Test func `each job starts a lane that rests, and waits when there is none`() {
        var queue = queue()
        #expect(queue.arrive(1, touching: [], goesAlone: false) == .start(lane: 0))
        #expect(queue.arrive(2, touching: [], goesAlone: false) == .start(lane: 1))
        #expect(queue.arrive(3, touching: [], goesAlone: false) == .wait)
        #expect(queue.take(for: 0)?.jobs == [1, 2, 3])
        #expect(queue.take(for: 1) == nil)
        #expect(queue.arrive(4, touching: [], goesAlone: false) == .start(lane: 1))
    }

    @Test func `a batch has each order once, and later jobs of the order keep their turn`() {
        var queue = queue([(1, ["A"]), (2, ["B"]), (3, ["A", "C"]), (4, ["C"]), (5, ["D"])])
        let first = queue.take(for: 0)
        #expect(first?.jobs == [1, 2, 5])
        // The order A is under way, and the fourth job must not overtake the third.
        #expect(queue.take(for: 1) == nil)
        if let first { queue.finished(first) }
        let second = queue.take(for: 0)
        #expect(second?.jobs == [3])
        if let second { queue.finished(second) }
        #expect(queue.take(for: 0)?.jobs == [4])
    }

    @Test func `a batch has at most its number of jobs, and the rest starts another lane`() {
        var queue = queue(jobsPerBatch: 2, [])
        _ = queue.arrive(1, touching: [], goesAlone: false)
        _ = queue.arrive(2, touching: [], goesAlone: false)
        #expect(queue.take(for: 1)?.jobs == [1, 2])
        #expect(queue.take(for: 1) == nil)
        for job in 3...5 { _ = queue.arrive(job, touching: [], goesAlone: false) }
        let batch = queue.take(for: 0)
        #expect(batch?.jobs == [3, 4])
    }

    @Test func `a job that goes alone has no company`() {
        var queue = queue([(1, ["A"])])
        _ = queue.arrive(2, touching: ["B"], goesAlone: true)
        _ = queue.arrive(3, touching: ["C"], goesAlone: false)
        #expect(queue.take(for: 0)?.jobs == [1, 3])
        #expect(queue.take(for: 1)?.jobs == [2])
    }

    @Test func `a lane that takes one of two jobs starts another lane for the second`() {
        var queue = queue(lanes: 2)
        #expect(queue.arrive(1, touching: [], goesAlone: true) == .start(lane: 0))
        let first = queue.take(for: 0)
        #expect(first?.alsoStart == nil)
        #expect(queue.arrive(2, touching: [], goesAlone: true) == .start(lane: 1))
        #expect(queue.arrive(3, touching: [], goesAlone: true) == .wait)
        if let first { queue.finished(first) }
        #expect(queue.take(for: 0)?.jobs == [2])
    }

    @Test func `the queue refuses what it has no room for, and everything once it is closed`() {
        var queue = queue()
        for job in 0..<4_096 { #expect(queue.arrive(job, touching: [], goesAlone: false) != .refuse(.full)) }
        #expect(queue.arrive(0, touching: [], goesAlone: false) == .refuse(.full))
        queue.close()
        #expect(queue.arrive(0, touching: [], goesAlone: false) == .refuse(.closed))
        #expect(queue.take(for: 0)?.jobs.count == 32)
    }
}
