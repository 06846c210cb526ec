import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct NoticeTests {
    private let first = trade("order_1", 1)

    private func settling(_ receipt: Receipt) -> @Sendable (inout Order) throws -> SettleAction {
        { order in try order.settle(receipt, at: at(61)) }
    }

    /// Channel, notice, trade, order and outcome of every notice that is kept.
    private func kept(_ database: TestDatabase) throws -> [String] {
        try database.tamper().texts(
            """
            SELECT channel || ' ' || notice_id || ' ' || trade_no || ' ' || coalesce(order_number, '-') || ' ' || outcome
            FROM notices ORDER BY id
            """)
    }

    @Test(arguments: StoreKind.available)
    func `a repeated notice is stored once with its first outcome, and decided every time`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            let notice = notice("n-1", about: "order_1_1")
            #expect(try await ledger.record(notice, at: at(61), settling(receipt(first, "tx-1"))) == .paid)
            #expect(try await ledger.record(notice, at: at(62), settling(receipt(first, "tx-1"))) == .alreadyRecorded)
            #expect(try kept(database) == ["sandbox n-1 order_1_1 order_1 paid"])
            #expect(try await ledger.order(orderNumber("order_1"))?.state == .paid(by: first, at: at(61)))
        }
    }

    @Test(arguments: StoreKind.available)
    func `each outcome is stored with its notice`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let over = order("order_2", state: .closed(at: at(5)), attempts: [attempt(trade("order_2", 1))])
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            try await ledger.put(over)
            let late = receipt(trade("order_2", 1), "tx-5")
            let cases: [(String, Receipt)] = [
                ("n-1", receipt(first, "tx-1")), ("n-2", receipt(first, "tx-1")), ("n-3", receipt(first, "tx-2")),
                ("n-4", receipt(first, "tx-3", amount: 1)), ("n-5", late),
                ("n-6", receipt(trade("order_1", 9), "tx-6")),
            ]
            for (id, receipt) in cases {
                let notice = notice(id, about: receipt.tradeNumber.text)
                _ = try await ledger.record(notice, at: at(61), settling(receipt))
            }
            #expect(
                try kept(database) == [
                    "sandbox n-1 order_1_1 order_1 paid", "sandbox n-2 order_1_1 order_1 repeated",
                    "sandbox n-3 order_1_1 order_1 duplicate", "sandbox n-4 order_1_1 order_1 disputed",
                    "sandbox n-5 order_2_1 order_2 late", "sandbox n-6 order_1_9 - orphan",
                ])
        }
    }

    @Test(arguments: StoreKind.available, ["order_9_1", "INV-2026/7", "", "ord", "order_1_01"])
    func `a notice for an unknown trade is stored as an orphan`(
        _ kind: StoreKind, _ trade: String
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            let action = try await ledger.record(notice("n-1", about: trade), at: noon) { _ in
                Issue.record("decided on nothing")
                return .paid
            }
            #expect(action == .unknownTrade)
            #expect(try kept(database) == ["sandbox n-1 \(trade) - orphan"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a repeated orphan finds its order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let notice = notice("n-1", about: "order_1_1")
            _ = try await ledger.record(notice, at: noon, settling(receipt(first, "tx-1")))
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            #expect(try await ledger.record(notice, at: noon, settling(receipt(first, "tx-1"))) == .paid)
            #expect(try kept(database) == ["sandbox n-1 order_1_1 order_1 paid"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `one payment for two trades is disputed, and its notice is stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let other = trade("order_2", 1)
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            try await ledger.put(order("order_2", attempts: [attempt(other)]))
            _ = try await ledger.record(
                notice("n-1", about: first.text), at: at(61), settling(receipt(first, "tx-1")))
            let action = try await ledger.record(
                notice("n-2", about: other.text), at: at(61), settling(receipt(other, "tx-1")))
            #expect(action == .disputed)
            #expect(try await ledger.order(other.order) == order("order_2", attempts: [attempt(other)]))
            #expect(try kept(database).last == "sandbox n-2 order_2_1 order_2 disputed")
        }
    }

    @Test(arguments: StoreKind.available)
    func `a notice whose decision throws is not stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            await #expect(throws: IllegalTransition.self) {
                try await ledger.record(notice("n-1", about: "order_1_1"), at: noon) { _ in
                    throw IllegalTransition(description: "made up")
                }
            }
            #expect(try kept(database) == [])
        }
    }
}
