import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Synchronization
import Testing

/// Shares that a test hands out, in the order of their numbers.
private final class HandedShares: ClockShares {
    private struct State {
        var left: [Int]
        var taken: [ClockDuty] = []
        var givenBack: [Int] = []
        var dueAt: [Instant] = []
    }

    private let state: Mutex<State>
    private let due: any DueWork

    init(_ numbers: [Int], due: any DueWork) {
        state = Mutex(State(left: numbers))
        self.due = due
    }

    var taken: [ClockDuty] { state.withLock { $0.taken } }
    var givenBack: [Int] { state.withLock { $0.givenBack } }
    var dueAt: [Instant] { state.withLock { $0.dueAt } }

    func takeShare(
        of duty: ClockDuty, by worker: WorkerID, at now: Instant, until end: Instant
    ) async throws -> ClockShare? {
        state.withLock { state in
            guard let number = state.left.first else { return nil }
            state.left.removeFirst()
            state.taken.append(duty)
            return ClockShare(number: number, due: due)
        }
    }

    func giveBack(_ share: ClockShare, of duty: ClockDuty, by worker: WorkerID, dueAt next: Instant) async throws {
        state.withLock { state in
            state.givenBack += [share.number].compactMap(\.self)
            state.dueAt.append(next)
        }
    }
}

/// Clock jobs whose work is shared out among processes.
@Suite(.timeLimit(.minutes(5))) struct SharedJobsTests {
    @Test func `a job runs once for each share that it gets, and gives each back`() async throws {
        try await withService { service in
            let shares = HandedShares([3, 1, 7], due: service.ledger)
            let now = service.clock.now()
            for job in ClockJob.orders(service.flows, sharing: shares) where job.name == "query" {
                let report = try await job.runOnce(now)
                #expect(report.isEmpty)
            }
            #expect(shares.taken == [.query, .query, .query])
            #expect(shares.givenBack == [3, 1, 7])
            #expect(shares.dueAt == Array(repeating: now + ClockJob.soon, count: 3))
        }
    }

    @Test func `a share whose run fails is given back`() async throws {
        try await withService { service in
            let shares = HandedShares([3, 1], due: service.ledger)
            service.ledger.setBroken(true)
            for job in ClockJob.orders(service.flows, sharing: shares) where job.name == "expire" {
                await #expect(throws: BreakableLedger.Broken.self) { _ = try await job.runOnce(service.clock.now()) }
            }
            #expect(shares.givenBack == [3])
        }
    }

    @Test func `without a share, a job does nothing`() async throws {
        try await withService { service in
            let shares = HandedShares([], due: service.ledger)
            service.ledger.setBroken(true)
            for job in ClockJob.orders(service.flows, sharing: shares) {
                let report = try await job.runOnce(service.clock.now())
                #expect(report.isEmpty && !report.reachedLimit)
            }
        }
    }
}
