import GRDB
import LedgerSQL
import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore
@testable import SQLiteStore

/// An order that a process has just stored is not loaded again, unless it may have changed.
struct RecentOrdersTests {
    private static let number = orderNumber("order_1")

    private struct Refusal: Error {}

    /// Stores an order on which another decision will follow, and returns the order as its next decision sees it after
    /// `between`.
    private func seen(
        after between: (SQLiteLedger, DatabaseQueue) async throws -> Void
    ) async throws -> Order? {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let lease = Lease(owner: WorkerID("worker-a"), endsAt: at(10), isUnanswered: false)
            try await ledger.put(
                order("order_1", fence: 1, lease: lease, attempts: [attempt(trade("order_1", 1), askAt: at(4))]))
            try await between(ledger, try scratch.connection())
            return try await ledger.update(Self.number, creating: nil, at: noon) { Decision($0) }
        }
    }

    private static let asking = "UPDATE attempts SET ask_at = ask_at + 1"
    private static let asked = at(4) + .milliseconds(1)

    @Test func `an order that nothing has changed is decided on as it was stored`() async throws {
        let order = try await seen { _, _ in }
        #expect(order?.attempts.map(\.askAt) == [at(4)])
        #expect(order?.lease?.owner == WorkerID("worker-a"))
    }

    @Test func `a command's change is seen`() async throws {
        let order = try await seen { _, command in try await command.write { try $0.execute(sql: Self.asking) } }
        #expect(order?.attempts.map(\.askAt) == [Self.asked])
    }

    @Test(arguments: [WriteScope.statements, .work(.outbox), .longWork(.purge)])
    func `a change by a write that is no decision is seen`(scope: WriteScope) async throws {
        let order = try await seen { ledger, _ in
            try await ledger.write(scope) { try $0.prepared(Self.asking).run() }
        }
        #expect(order?.attempts.map(\.askAt) == [Self.asked])
    }

    @Test func `a decision that was rolled back is forgotten`() async throws {
        let order = try await seen { ledger, _ in
            _ = try? await ledger.write(.order(Self.number)) { db in
                _ = try OrderTransactions.update(
                    Self.number, creating: nil, at: noon,
                    { order in
                        order.attempts[0].ask(at: at(9))
                        return Decision(true)
                    }, db)
                throw Refusal()
            }
        }
        #expect(order?.attempts.map(\.askAt) == [at(4)])
    }
}
