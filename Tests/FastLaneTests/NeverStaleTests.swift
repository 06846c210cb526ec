import Logging
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// One writer changes orders while many readers read their pages from memory and from the database.
@Suite(.timeLimit(.minutes(5))) struct NeverStaleTests {
    private static let reads = 1_000_000

    @Test func `1,000,000 concurrent reads show no stale page and no wrong remaining time`() async throws {
        let history = LinearHistory()
        var setup = TestSetup.twoChannels()
        (setup.pageTTL, setup.pcKind, setup.comparesLanes, setup.logLevel) = (.seconds(300), .qr, false, .critical)
        setup.watching = { store in
            let recorded = HistoryLedger(store.reads, store.decisions, history)
            return TestStore(reads: recorded, decisions: recorded)
        }
        try await withService(setup) { service in
            let race = Race(service, history)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                try await race.openOrders()
                tasks.addTask {
                    await race.readOutOfMemory(Self.reads)
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
            #expect(race.hasSeenEnough(hits: Self.reads), "\(race.summary)")
            // The routes answer requests after a change; the fast lane answers the others.
            #expect(race.byRoutes.count < race.hits.count / 10, "\(race.summary)")
        }
    }
}
