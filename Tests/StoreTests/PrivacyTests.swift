import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct PrivacyTests {
    private let author = Actor(PersonName("operator")!, by: .cli, from: nil)

    private var note: AuditNote { AuditNote(author, .userErased, on: "user sha256:00") }

    /// The texts that name a buyer, in all tables.
    private static let traces = """
        SELECT user_id FROM orders UNION ALL SELECT subject FROM orders UNION ALL SELECT return_url FROM orders
        UNION ALL SELECT openid FROM attempts UNION ALL SELECT client_ip FROM attempts
        UNION ALL SELECT subject FROM attempts UNION ALL SELECT reason FROM refunds UNION ALL SELECT body FROM notices
        UNION ALL SELECT content FROM pages UNION ALL SELECT scope FROM idempotency_keys
        """

    private func traces(_ database: TestDatabase) throws -> [String] {
        try database.tamper().texts(Self.traces).filter { !$0.isEmpty }
    }

    /// A closed order with an attempt that took no money, a notice and a page.
    private func over(_ name: String, at instant: Instant) -> Order {
        order(
            name, state: .closed(at: instant), fence: 1,
            attempts: [
                attempt(
                    trade(name, 1), .closed, payer: Payer(openID: "o-1", clientIP: "192.0.2.7"), pages: [page()])
            ])
    }

    private func store(_ store: any Store, _ order: Order) async throws {
        try await store.put(order)
        let trade = order.attempts[0].number.text
        _ = try await store.record(notice("n \(trade)", about: trade), at: at(50)) { _ in .alreadyRecorded }
    }

    @Test(arguments: StoreKind.available)
    func `an order that is over is blanked by its time, and keeps amounts and numbers`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await store(ledger, over("order_1", at: at(10)))
            #expect(try await ledger.blank(ordersOverBy: at(9), limit: 10, at: at(100)) == 0)
            #expect(try await ledger.blank(ordersOverBy: at(10), limit: 10, at: at(100)) == 1)
            #expect(try traces(database) == [])
            #expect(try await ledger.blank(ordersOverBy: at(10), limit: 10, at: at(101)) == 0, "twice")

            let order = try #require(try await ledger.order(orderNumber("order_1")))
            #expect(order.userID == .blanked && order.subject == .blanked && order.returnURL == nil)
            #expect(order.money == yuan && order.state == .closed(at: at(10)))
            #expect(order.attempts.map(\.number.text) == ["order_1_1"] && order.attempts[0].request.money == yuan)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order that can still be paid, or whose refund is under way, is not blanked`(_ kind: StoreKind) async throws
    {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await store(ledger, order("order_1", attempts: [attempt(trade("order_1", 1))]))
            try await store(ledger, fullOrder("order_2"))
            let before = try traces(database)
            #expect(try await ledger.askErasure(of: UserID("用户 7")!, audit: note, at: at(90)) == 2)
            #expect(try await ledger.blankErased(limit: 10, at: at(100)) == 0)
            #expect(try await ledger.blank(ordersOverBy: .latest, limit: 10, at: at(100)) == 0)
            #expect(try traces(database) == before)
            #expect(try await ledger.orders(of: UserID("用户 7")!).count == 2)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an open order of an erased user is blanked as soon as it is over`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await store(ledger, order("order_1", attempts: [attempt(trade("order_1", 1))]))
            _ = try await ledger.askErasure(of: UserID("用户 7")!, audit: note, at: at(90))
            _ = try await ledger.update(orderNumber("order_1"), creating: nil, at: at(95)) { order in
                Decision(try order.settle(receipt(trade("order_1", 1), "tx-1"), at: at(95)))
            }
            #expect(try await ledger.blankErased(limit: 10, at: at(100)) == 1)
            #expect(try traces(database) == [])
            let entries = try await ledger.auditEntries(AuditListing(limit: 10))
            #expect(entries.map(\.note.subject) == ["user sha256:00"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a blanked order takes late money, and returns it`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await store(ledger, over("order_1", at: at(10)))
            _ = try await ledger.blank(ordersOverBy: at(10), limit: 10, at: at(100))
            let action = try await ledger.update(orderNumber("order_1"), creating: nil, at: at(200)) { order in
                Decision(try order.settle(receipt(trade("order_1", 1), "tx-1"), at: at(200)))
            }
            guard case .late = action else { return #expect(Bool(false), "\(String(describing: action))") }
            #expect(try await ledger.order(orderNumber("order_1"))?.refunds.map(\.number) == ["order_1_1_r1"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a notice about no order of ours is blanked by its own time`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.record(notice("n-1", about: "foreign"), at: at(50)) { _ in .alreadyRecorded }
            #expect(try await ledger.blankNotices(receivedBy: at(49), limit: 10) == 0)
            #expect(try await ledger.blankNotices(receivedBy: at(50), limit: 10) == 1)
            #expect(try traces(database) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a blanked order belongs to no user, and an export has the texts of the others`(_ kind: StoreKind) async throws
    {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await store(ledger, over("order_1", at: at(10)))
            try await store(ledger, over("order_2", at: at(20)))
            _ = try await ledger.blank(ordersOverBy: at(10), limit: 10, at: at(100))
            let user = UserID("用户 7")!
            #expect(try await ledger.orders(of: user) == [orderNumber("order_2")])
            let texts = try await ledger.personalTexts(of: orderNumber("order_2"))
            #expect(texts.notices.map(\.body) == ["{\"trade\":\"order_2_1\"}"])
            #expect(UserID("") == nil, "no caller names a blanked user")
        }
    }
}
