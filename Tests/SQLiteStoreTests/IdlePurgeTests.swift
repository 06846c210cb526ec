import Foundation
import GRDB
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import StoreTestSupport
import Testing

struct IdlePurgeTests {
    @Test func `a purge with nothing to do takes no write lock`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(
                order(
                    "order_1", state: .closed(at: at(10)), fence: 1,
                    attempts: [attempt(trade("order_1", 1), .closed, pages: [page()])]))
            try await ledger.put(order("order_2", attempts: [attempt(trade("order_2", 1), pages: [page()])]))
            let key = keyRecord("key", of: trade("order_1", 1), expiresAt: noon)
            _ = try await ledger.update(orderNumber("order_1"), creating: nil, at: noon - .seconds(1)) { _ in
                Decision(true, usingUp: key)
            }
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
}
