import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct ArchiveTests {
    private let number = orderNumber("order_1")

    /// An order that is over since so many seconds, with two pages.
    private func over(_ name: String, at instant: Instant) -> Order {
        order(
            name, state: .closed(at: instant), fence: 1,
            attempts: [
                attempt(trade(name, 1), .closed, pages: [page(.pc), page(.h5)]), attempt(trade(name, 2), .closed),
            ])
    }

    private func pagesLeft(_ database: TestDatabase) throws -> [String] {
        try database.tamper().texts("SELECT trade_no || ' ' || terminal FROM pages ORDER BY id")
    }

    @Test(arguments: StoreKind.available)
    func `pages of orders that ended by the instant are purged, and nothing else`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let kept = over("order_1", at: at(11))
            try await ledger.put(over("order_0", at: at(10)))
            try await ledger.put(kept)
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(9), limit: 10) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(database).count == 4)

            #expect(try await ledger.purgePages(ofOrdersOverBy: at(10), limit: 10) == PurgedPages(orders: 1, pages: 2))
            #expect(try pagesLeft(database) == ["order_1_1 pc", "order_1_1 h5"])
            let bare = order(
                "order_0", state: .closed(at: at(10)), fence: 1,
                attempts: [attempt(trade("order_0", 1), .closed), attempt(trade("order_0", 2), .closed)])
            #expect(try await ledger.order(bare.number) == bare)
            #expect(try await ledger.order(number) == kept)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a new order keeps its pages`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1), pages: [page()])]))
            let never = Instant.latest
            #expect(try await ledger.purgePages(ofOrdersOverBy: never, limit: 10) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(database) == ["order_1_1 pc"])
        }
    }

    @Test(arguments: StoreKind.available, everyOrderState("order_1").filter { $0 != .new })
    func `an order is purged by the time when it left new`(
        _ kind: StoreKind, _ state: OrderState
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let first = attempt(trade("order_1", 1), pages: [page()])
            try await ledger.put(order("order_1", attempts: [first]))
            try await ledger.put(order("order_1", state: state, fence: 1, attempts: [first]))
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(60), limit: 9) == PurgedPages(orders: 0, pages: 0))
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(63), limit: 9) == PurgedPages(orders: 1, pages: 1))
            #expect(try pagesLeft(database) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `batches purge the oldest orders first, and continue after a failure`(_ kind: StoreKind)
        async throws
    {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for index in [3, 0, 4, 1, 2] { try await ledger.put(over("order_\(index)", at: at(index))) }
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 2, pages: 4))
            #expect(Set(try pagesLeft(database).map { $0.prefix(7) }) == ["order_2", "order_3", "order_4"])

            let next = try await database.open()
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2).orders == 2)
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 1, pages: 2))
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(database) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `two processes purge each order and each key once`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledgers = [try await database.open(), try await database.open()]
            for index in 0..<20 { try await ledgers[0].put(over("order_\(index)", at: at(index))) }
            try await useKeys(20, on: trade("order_1", 1), ledgers[0])
            let purged = try await withThrowingTaskGroup(of: (pages: PurgedPages, keys: Int).self) { group in
                for turn in 0..<12 {
                    group.addTask {
                        let ledger = ledgers[turn % 2]
                        return (
                            try await ledger.purgePages(ofOrdersOverBy: at(60), limit: 3),
                            try await ledger.purgeKeys(expiredAt: at(60), limit: 3)
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(purged.map(\.pages.orders).reduce(0, +) == 20)
            #expect(purged.map(\.pages.pages).reduce(0, +) == 40)
            #expect(purged.map(\.keys).reduce(0, +) == 20)
        }
    }

    private func useKeys(_ count: Int, on trade: TradeNumber, _ ledger: any Store) async throws {
        for index in 0..<count {
            let record = keyRecord("key-\(index)", of: trade, expiresAt: at(index))
            _ = try await ledger.update(trade.order, creating: nil, at: noon - .seconds(1)) { _ in
                Decision(true, usingUp: record)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `expired keys are purged, the oldest first`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            try await useKeys(5, on: trade("order_1", 1), ledger)
            let left = "SELECT key FROM idempotency_keys ORDER BY key"
            #expect(try await ledger.purgeKeys(expiredAt: noon - .milliseconds(1), limit: 9) == 0)
            #expect(try await ledger.purgeKeys(expiredAt: at(3), limit: 2) == 2)
            #expect(try database.tamper().texts(left) == ["key-2", "key-3", "key-4"])
            #expect(try await ledger.purgeKeys(expiredAt: at(3), limit: 9) == 2)
            #expect(try database.tamper().texts(left) == ["key-4"])
            #expect(try await ledger.keyRecord(scoped("key-4"), at: at(3))?.expiresAt == at(4))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a purge with nothing to do writes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(over("order_1", at: at(10)))
            try await ledger.put(order("order_2", attempts: [attempt(trade("order_2", 1), pages: [page()])]))
            try await useKeys(1, on: trade("order_1", 1), ledger)
            let watcher = try database.tamper()
            let before = try watcher.writes()
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(9), limit: 10).orders == 0)
            #expect(try await ledger.purgeKeys(expiredAt: noon - .seconds(1), limit: 10) == 0)
            #expect(try watcher.writes() == before)

            #expect(try await ledger.purgePages(ofOrdersOverBy: at(10), limit: 10).orders == 1)
            #expect(try watcher.writes() != before, "else the watcher sees nothing")
        }
    }
}
