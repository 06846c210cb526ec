import ArgumentParser
import LedgerSQL
import PayCore
import PayFlow
import PayTestSupport
import PostgresStore
import SQLiteStore
import StoreTestSupport
import Testing

@testable import paypage

/// `paypage copy` between an SQLite file and a PostgreSQL database.
@Suite(StoreKind.needsPostgres) struct CopyTests {
    private struct Stopped: Error {}

    private func address(_ database: TestDatabase) throws -> DatabaseAddress {
        try DatabaseAddress(parsing: database.kind == .sqlite ? "sqlite:\(database.address)" : database.address)
    }

    private func copy(_ source: TestDatabase, to target: TestDatabase) throws -> [TableCopy.Report] {
        try Copy.copy(address(source), to: address(target)) { _, _ in }
    }

    private func fill(_ database: TestDatabase) async throws {
        let store = try await database.open()
        try await store.put(fullOrder("order_1"))
        for number in ["order_2", "order_3"] { try await store.put(payable(number)) }
        try await store.put(draft("order_4", fence: 1))
        _ = try await store.record(notice("n-1", about: "unknown_1_1"), at: noon) { _ in .unknownTrade }
        #expect(try await store.pause(wechat, at: noon))
        try await store.close()
    }

    private func payable(_ number: String) -> Order {
        order(number, fence: 1, attempts: [attempt(trade(number, 1), pages: [page()])])
    }

    private func counts(_ database: TestDatabase) throws -> [String: Int64?] {
        let tamper = try database.tamper()
        let pairs = try CopiedTable.names.map { ($0, try tamper.number("SELECT count(*) FROM \($0)")) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test func `a copy to PostgreSQL and back keeps every row`() async throws {
        try await withTestDatabase(.sqlite) { file in
            try await fill(file)
            try await withTestDatabase(.postgres) { server in
                let reports = try copy(file, to: server)
                let orders = try #require(reports.first { $0.table == "orders" })
                #expect(orders.rows == 4 && orders.amount == 4 * yuan.amount)
                // A trigger that fills pages_to_purge has not doubled its rows.
                #expect(try counts(server) == counts(file))
                try await withTestDatabase(.sqlite) { second in
                    #expect(try copy(server, to: second) == reports)
                    #expect(try counts(second) == counts(file))
                    let store = try await second.open()
                    #expect(try await store.order(orderNumber("order_1")) == fullOrder("order_1"))
                    // The rules of the schema are back.
                    #expect(try second.tamper().refusal(of: "DELETE FROM orders") != nil)
                }
            }
        }
    }

    @Test func `the copy takes new orders`() async throws {
        try await withTestDatabase(.sqlite) { file in
            try await fill(file)
            try await withTestDatabase(.postgres) { server in
                _ = try copy(file, to: server)
                let store = PostgresLedger(try #require(ServerAddress(server.address)))
                try await store.put(payable("order_5"))
                #expect(try await store.order(orderNumber("order_5")) == payable("order_5"))
                #expect(try await store.order(orderNumber("order_1")) == fullOrder("order_1"))
                #expect(try server.tamper().refusal(of: "DELETE FROM orders") != nil)
                try await store.close()
            }
        }
    }

    @Test func `the copy's audit goes on, and says where its rows are from`() async throws {
        try await withTestDatabase(.sqlite) { file in
            try await fill(file)
            try await withTestDatabase(.postgres) { server in
                let rows = try copy(file, to: server).map(\.rows).reduce(0, +)
                try await Copy.note(try address(file), to: try address(server), rows: rows, by: .tester)
                let notes = try await server.open().auditEntries(AuditListing(limit: 9)).map(\.note)
                #expect(notes.map(\.action) == [.databaseCopied, .channelPaused])
                #expect(notes[0].detail == "\(rows) rows from \(try address(file))")
            }
        }
    }

    @Test func `a database that is in use is not copied`() async throws {
        try await withTestDatabase(.sqlite) { file in
            try await withTestDatabase(.postgres) { server in
                let store = try await file.open()
                try await store.put(draft("order_1", fence: 1))
                #expect(throws: CopyFailure.inUse(file.address)) { try copy(file, to: server) }
                try await store.close()
                // Of a later time, so that a slow machine doesn't make it old.
                try server.tamper().execute("INSERT INTO node_beats (node, at) VALUES ('a', now() + interval '1 hour')")
                #expect(throws: CopyFailure.inUse("\(try address(server))")) { try copy(file, to: server) }
                try server.tamper().execute("UPDATE node_beats SET at = now() - interval '6 seconds'")
                #expect(try copy(file, to: server).first?.rows == 1)
            }
        }
    }

    @Test func `a target with rows is refused, and an interrupted copy leaves nothing`() async throws {
        try await withTestDatabase(.sqlite) { file in
            try await fill(file)
            try await withTestDatabase(.postgres) { server in
                guard case .postgres(let uri) = try address(server) else { return }
                #expect(throws: Stopped.self) {
                    try FileCopyEnd.with(path: file.address, writes: false) { source in
                        try ServerCopyEnd.with(uri: uri, name: "", writes: true) { target in
                            _ = try TableCopy(from: source, to: target) { _, _ in }.run(source.tables())
                            throw Stopped()
                        }
                    }
                }
                #expect(try server.tamper().number("SELECT count(*) FROM orders") == 0)
                _ = try copy(file, to: server)
                #expect(throws: CopyFailure.hasRows(table: "orders")) { try copy(file, to: server) }
            }
        }
    }

    @Test func `every table of orders and money is copied`() async throws {
        try await withTestDatabase(.sqlite) { file in
            let tables = try file.tamper().texts("SELECT name FROM sqlite_master WHERE type = 'table'")
            let own = ["readiness", "schema_migrations", "sqlite_sequence"]
            #expect(Set(tables).subtracting(own) == Set(CopiedTable.names))
        }
    }
}
