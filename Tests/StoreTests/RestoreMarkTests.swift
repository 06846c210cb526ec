import PayCore
import PayFlow
import StoreTestSupport
import Testing

struct RestoreMarkTests {
    private let author = Actor(PersonName("operator")!, by: .cli, from: nil)

    private var note: AuditNote { AuditNote(author, .databaseRestored, on: "the copy") }

    @Test(arguments: StoreKind.available)
    func `a mark has its number, its time and the copy's last change, and an entry of the audit`(
        _ kind: StoreKind
    ) async throws {
        try await withTestStore(kind) { store in
            try await store.put(order("order_1"))
            let first = try await store.markRestored(nil, audit: note, at: at(100))
            let third = try await store.markRestored(3, audit: nil, at: at(200))
            #expect(first.number == 1 && first.at == at(100) && first.copiedAt <= at(100))
            #expect(try await store.restores() == [first, third])
            await #expect(throws: RestoreNumberUsed(last: 3)) {
                try await store.markRestored(3, audit: note, at: at(300))
            }
            let entries = try await store.auditEntries(AuditListing(limit: 10))
            #expect(entries.map(\.note) == [note])
        }
    }

    @Test(arguments: StoreKind.available)
    func `after a mark, every order is numbered behind the lost numbers, also a new one`(_ kind: StoreKind) async throws
    {
        try await withTestStore(kind) { store in
            try await store.put(order("order_1"))
            _ = try await store.markRestored(2, audit: nil, at: at(100))
            #expect(try await store.order(orderNumber("order_1"))?.numbering == Numbering(restores: 2))
            let new = try await store.update(orderNumber("order_2"), creating: draft("order_2"), at: at(101)) { order in
                Decision(order.numbering)
            }
            #expect(new == Numbering(restores: 2))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a mark makes everything due that may hold or return money`(_ kind: StoreKind) async throws {
        try await withTestStore(kind) { store in
            let later = at(9_000)
            try await store.put(
                order(
                    "order_1",
                    attempts: [
                        attempt(trade("order_1", 1), .exposed(closeUnansweredAt: nil), askAt: later),
                        attempt(trade("order_1", 2), .closed, askAt: later), attempt(trade("order_1", 3), .closed),
                        attempt(trade("order_1", 4), .lapsed), attempt(trade("order_1", 5), .open, askAt: later),
                    ]))
            try await store.put(fullOrder("order_2"))
            _ = try await store.markRestored(nil, audit: nil, at: at(100))
            let due = try await store.attemptsToWatch(on: [sandbox, wechat], at: at(100), limit: 10)
            #expect(Set(due) == [trade("order_1", 1), trade("order_1", 2), trade("order_1", 5)])
            #expect(try await store.ordersToRecover(on: [wechat], at: at(100), limit: 10) == [orderNumber("order_2")])
            #expect(try await store.refundsToAsk(on: [sandbox], at: at(100), limit: 10).count == 1)
            #expect(try await store.ordersToSearch(after: nil, limit: 10) == [orderNumber("order_1")])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a message after a mark has an id that no message of the lost time had`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let store = try await database.open()
            try await store.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            _ = try await store.markRestored(nil, audit: nil, at: at(100))
            _ = try await store.update(orderNumber("order_1"), creating: nil, at: at(101)) { order in
                Decision(try order.settle(receipt(trade("order_1", 1), "tx-1"), at: at(101)))
            }
            let ids = try database.tamper().texts("SELECT id FROM events").compactMap { Int64($0) }
            #expect(ids.count == 1 && ids[0] > at(100).milliseconds)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order that is to be searched does not expire`(_ kind: StoreKind) async throws {
        try await withTestStore(kind) { store in
            try await store.put(order("order_1", attempts: [attempt(trade("order_1", 1), .lapsed)]))
            _ = try await store.markRestored(nil, audit: nil, at: at(100))
            #expect(try await store.ordersToExpire(on: [sandbox], at: at(3_000), limit: 10).isEmpty)
            try await store.endSearch(of: orderNumber("order_1"))
            #expect(try await store.ordersToExpire(on: [sandbox], at: at(3_000), limit: 10) == [orderNumber("order_1")])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order of the three days after a restore is searched`(_ kind: StoreKind) async throws {
        try await withTestStore(kind) { store in
            _ = try await store.markRestored(nil, audit: nil, at: at(-259_200))
            try await store.put(order("order_1"))
            #expect(try await store.ordersToSearch(after: nil, limit: 10).isEmpty)
            _ = try await store.markRestored(nil, audit: nil, at: at(-259_199))
            try await store.endSearch(of: orderNumber("order_1"))
            try await store.put(order("order_2"))
            #expect(try await store.ordersToSearch(after: nil, limit: 10) == [orderNumber("order_2")])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order that appears after a notice about it is searched, if the database was restored`(
        _ kind: StoreKind
    ) async throws {
        try await withTestStore(kind) { store in
            func hear(_ trade: String) async throws {
                _ = try await store.record(notice("n \(trade)", about: trade), at: at(50)) { _ in .alreadyRecorded }
            }
            try await hear("order_1_1")
            try await store.put(order("order_1"))
            #expect(try await store.ordersToSearch(after: nil, limit: 10).isEmpty, "a notice of a foreign trade")
            // More than three days before the orders.
            _ = try await store.markRestored(nil, audit: nil, at: at(-260_000))
            try await store.endSearch(of: orderNumber("order_1"))
            try await hear("order_2_1")
            try await store.put(order("order_2"))
            try await store.put(order("order_20"))
            #expect(try await store.ordersToSearch(after: nil, limit: 10) == [orderNumber("order_2")])
            let noticed = NoticedTrade(trade: trade("order_2", 1), channel: sandbox)
            #expect(try await store.noticedTrades(of: orderNumber("order_2")) == [noticed].compactMap { $0 })
        }
    }
}
