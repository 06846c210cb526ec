import Foundation
import GRDB
import Migrations
import PayFlow
import Testing

@testable import PayCore
@testable import LedgerSQL
@testable import SQLiteStore

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

    private func pagesLeft(_ scratch: Scratch) throws -> [String] {
        try scratch.connection().texts("SELECT trade_no || ' ' || terminal FROM pages ORDER BY id")
    }

    @Test func `pages of orders that ended by the instant are purged, and nothing else`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let kept = over("order_1", at: at(11))
            try await ledger.put(over("order_0", at: at(10)))
            try await ledger.put(kept)
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(9), limit: 10) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(scratch).count == 4)

            #expect(try await ledger.purgePages(ofOrdersOverBy: at(10), limit: 10) == PurgedPages(orders: 1, pages: 2))
            #expect(try pagesLeft(scratch) == ["order_1_1 pc", "order_1_1 h5"])
            let bare = order(
                "order_0", state: .closed(at: at(10)), fence: 1,
                attempts: [attempt(trade("order_0", 1), .closed), attempt(trade("order_0", 2), .closed)])
            #expect(try await ledger.order(bare.number) == bare)
            #expect(try await ledger.order(number) == kept)
        }
    }

    @Test func `a new order keeps its pages`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1), pages: [page()])]))
            let never = Instant.latest
            #expect(try await ledger.purgePages(ofOrdersOverBy: never, limit: 10) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(scratch) == ["order_1_1 pc"])
        }
    }

    @Test(arguments: RoundTripTests.orderStates("order_1").filter { $0 != .new })
    func `an order is purged by the time when it left new`(
        _ state: OrderState
    ) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let first = attempt(trade("order_1", 1), pages: [page()])
            try await ledger.put(order("order_1", attempts: [first]))
            try await ledger.put(order("order_1", state: state, fence: 1, attempts: [first]))
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(60), limit: 9) == PurgedPages(orders: 0, pages: 0))
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(63), limit: 9) == PurgedPages(orders: 1, pages: 1))
            #expect(try pagesLeft(scratch) == [])
        }
    }

    @Test func `batches purge the oldest orders first, and continue after a failure`()
        async throws
    {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for index in [3, 0, 4, 1, 2] { try await ledger.put(over("order_\(index)", at: at(index))) }
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 2, pages: 4))
            #expect(Set(try pagesLeft(scratch).map { $0.prefix(7) }) == ["order_2", "order_3", "order_4"])
            try ledger.close()

            let next = try scratch.ledger()
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2).orders == 2)
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 1, pages: 2))
            #expect(try await next.purgePages(ofOrdersOverBy: at(60), limit: 2) == PurgedPages(orders: 0, pages: 0))
            #expect(try pagesLeft(scratch) == [])
        }
    }

    @Test func `two processes purge each order and each key once`() async throws {
        try await withScratch { scratch in
            let ledgers = [try scratch.ledger(), try scratch.ledger()]
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

    private func useKeys(_ count: Int, on trade: TradeNumber, _ ledger: SQLiteLedger) async throws {
        for index in 0..<count {
            let record = keyRecord("key-\(index)", of: trade, expiresAt: at(index))
            _ = try await ledger.update(trade.order, creating: nil, at: noon - .seconds(1)) { _ in
                Decision(true, usingUp: record)
            }
        }
    }

    @Test func `expired keys are purged, the oldest first`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            try await useKeys(5, on: trade("order_1", 1), ledger)
            let left = "SELECT key FROM idempotency_keys ORDER BY key"
            #expect(try await ledger.purgeKeys(expiredAt: noon - .milliseconds(1), limit: 9) == 0)
            #expect(try await ledger.purgeKeys(expiredAt: at(3), limit: 2) == 2)
            #expect(try scratch.connection().texts(left) == ["key-2", "key-3", "key-4"])
            #expect(try await ledger.purgeKeys(expiredAt: at(3), limit: 9) == 2)
            #expect(try scratch.connection().texts(left) == ["key-4"])
            #expect(try await ledger.keyRecord(scoped("key-4"), at: at(3))?.expiresAt == at(4))
        }
    }

    @Test func `a purge with nothing to do takes no write lock`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(over("order_1", at: at(10)))
            try await ledger.put(order("order_2", attempts: [attempt(trade("order_2", 1), pages: [page()])]))
            try await useKeys(1, on: trade("order_1", 1), ledger)
            let watcher = try scratch.connection()
            let before = try watcher.dataVersion()
            let log = try logSize(scratch)

            // A purge that took the write lock would wait for this connection, and fail as busy.
            var configuration = GRDB.Configuration()
            configuration.allowsUnsafeTransactions = true
            let writer = try DatabaseQueue(path: scratch.path, configuration: configuration)
            try await writer.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            #expect(try await ledger.purgePages(ofOrdersOverBy: at(9), limit: 10).orders == 0)
            #expect(try await ledger.purgeKeys(expiredAt: noon - .seconds(1), limit: 10) == 0)
            try await writer.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            #expect(try watcher.dataVersion() == before)
            #expect(try logSize(scratch) == log)

            #expect(try await ledger.purgePages(ofOrdersOverBy: at(10), limit: 10).orders == 1)
            #expect(try watcher.dataVersion() != before, "else the watcher sees nothing")
            #expect(try logSize(scratch) != log, "else the log tells nothing")
        }
    }

    private func logSize(_ scratch: Scratch) throws -> Int {
        try Data(contentsOf: URL(fileURLWithPath: scratch.path + "-wal")).count
    }

    @Test(arguments: [
        PurgeStatements.ordersOver, PurgeStatements.pagesOfOrder, PurgeStatements.orderPurged,
        PurgeStatements.anyExpiredKey, PurgeStatements.expiredKeys,
    ])
    func `purges find their rows by an index, without sorting`(_ sql: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments = StatementArguments(Array(repeating: 1, count: sql.count { $0 == "?" }))
            let plan = try scratch.connection().read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map {
                    $0["detail"] as String
                }
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && $0 != "SCAN CONSTANT ROW" }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}
