import Foundation
import Logging
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import StoreTestSupport
import Testing

/// One writer changes orders while many readers read their pages from memory and from the database.
@Suite(.serialized, .timeLimit(.minutes(20))) struct NeverStaleTests {
    private static let reads = 1_000_000
    /// Each read waits for a proof by the database, so that a run of the tests makes fewer of them.
    /// `PAYPAGE_TEST_READS=1000000` makes as many.
    private static let readsOfTwo =
        ProcessInfo.processInfo.environment["PAYPAGE_TEST_READS"].flatMap(Int.init) ?? 10_000

    @Test func `1,000,000 concurrent reads show no stale page and no wrong remaining time`() async throws {
        let history = LinearHistory()
        try await withService(setup(history)) { service in
            let race = Race([service], history, hitsPerChange: 2_000, fewestByHTTP: 1_000)
            try await read(Self.reads, of: race, threads: 2)
        }
    }

    @Test(StoreKind.needsPostgres)
    func `concurrent reads of two services on one database show no stale page`() async throws {
        let history = LinearHistory()
        var setup = setup(history)
        // A service looks again and again at an order that the other one works on.
        setup.clock = HandMovedClock(skippingSleepsUpTo: FlowParts.lookEvery)
        try await withTestDatabase(.postgres) { [setup] database in
            try await withService(setup, on: database) { one in
                var setup = setup
                setup.sandbox = one
                try await withService(setup, on: database) { other in
                    let race = Race([one, other], history, hitsPerChange: 100, fewestByHTTP: 300)
                    try await read(Self.readsOfTwo, of: race, threads: 8)
                }
            }
        }
    }

    private func setup(_ history: LinearHistory) -> TestSetup {
        var setup = TestSetup.twoChannels()
        (setup.pageTTL, setup.pcKind, setup.comparesLanes, setup.logLevel) = (.seconds(300), .qr, false, .critical)
        setup.watching = { store in
            let recorded = HistoryLedger(store.reads, store.decisions, history)
            return TestStore(reads: recorded, decisions: recorded)
        }
        return setup
    }

    private func read(_ count: Int, of race: Race, threads: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            try await race.openOrders()
            tasks.addTask {
                await race.readOutOfMemory(count, threads: threads)
                race.end()
            }
            for _ in 0..<4 {
                tasks.addTask { try await race.untilItEnds { try await race.fill() } }
                tasks.addTask { try await race.untilItEnds { try await race.fillSlowly() } }
            }
            for _ in 0..<2 { tasks.addTask { try await race.untilItEnds { try await race.readByHTTP() } } }
            tasks.addTask { try await race.untilItEnds { try await race.write() } }
            try await tasks.waitForAll()
        }
        #expect(race.mistakes.isEmpty, "\(race.mistakes.joined(separator: "\n"))")
        #expect(race.hasSeenEnough(hits: count), "\(race.summary)")
        // The routes answer requests after a change; the fast lane answers the others.
        #expect(race.byRoutes.count < race.hits.count / 10, "\(race.summary)")
    }
}
