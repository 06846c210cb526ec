import LedgerSQL
import PayCore
import StoreTestSupport
import Testing

@testable import PayFlow
@testable import PostgresStore

/// The clock's work, shared out among two processes.
@Suite(StoreKind.needsPostgres, .timeLimit(.minutes(5))) struct ClockSharesTests {
    private static let (alice, bob) = (WorkerID("alice"), WorkerID("bob"))

    @Test func `each share is taken by one process at a time`() async throws {
        try await TwoNodes.with { nodes in
            var taken: [Int] = []
            for turn in 0..<ClockDuty.query.shares {
                let (ledger, worker) = turn % 2 == 0 ? (nodes.one, Self.alice) : (nodes.other, Self.bob)
                let share = try await ledger.takeShare(of: .query, by: worker, at: noon, until: at(30))
                taken.append(try #require(share?.number))
            }
            #expect(taken.sorted() == Array(0..<16))
            #expect(try await nodes.one.takeShare(of: .query, by: Self.alice, at: at(29), until: at(60)) == nil)
        }
    }

    @Test func `a share is due again at its time, and the one that waited longest comes first`() async throws {
        try await TwoNodes.with { nodes in
            var shares: [ClockShare] = []
            while let share = try await nodes.one.takeShare(of: .query, by: Self.alice, at: noon, until: at(30)) {
                shares.append(share)
            }
            for (index, share) in shares.enumerated() {
                try await nodes.one.giveBack(share, of: .query, by: Self.alice, dueAt: at(100 - index))
            }
            #expect(try await nodes.other.takeShare(of: .query, by: Self.bob, at: at(84), until: at(99)) == nil)
            let next = try await nodes.other.takeShare(of: .query, by: Self.bob, at: at(85), until: at(99))
            #expect(next?.number == shares.last?.number)
        }
    }

    @Test func `the shares of a process that died are taken by the other`() async throws {
        try await TwoNodes.with { nodes in
            let lost = try #require(
                try await nodes.one.takeShare(of: .reconcile, by: Self.alice, at: noon, until: at(30)))
            #expect(try await nodes.other.takeShare(of: .reconcile, by: Self.bob, at: at(29), until: at(60)) == nil)
            let found = try await nodes.other.takeShare(of: .reconcile, by: Self.bob, at: at(30), until: at(60))
            #expect(found?.number == lost.number)
            // The first process comes back late, and gives nothing away.
            try await nodes.one.giveBack(lost, of: .reconcile, by: Self.alice, dueAt: at(31))
            #expect(try await nodes.one.takeShare(of: .reconcile, by: Self.alice, at: at(40), until: at(70)) == nil)
        }
    }

    @Test func `the shares together have all due work, each piece once`() async throws {
        try await TwoNodes.with { nodes in
            let names = (1...40).map { "order_\($0)" }
            for name in names {
                try await nodes.one.put(
                    order(name, fence: 1, attempts: [attempt(trade(name, 1), .open, askAt: at(5))]))
            }
            var found: [String] = []
            var shares = 0
            while let share = try await nodes.other.takeShare(of: .query, by: Self.bob, at: at(6), until: at(60)) {
                let due = try #require(share.due)
                found += try await due.attemptsToWatch(on: [sandbox], at: at(6), limit: 100).map(\.order.text)
                shares += 1
            }
            #expect(found.sorted() == names.sorted())
            #expect(shares == 16)
            #expect(try await nodes.one.attemptsToWatch(on: [sandbox], at: at(6), limit: 100).count == 40)
        }
    }
}
