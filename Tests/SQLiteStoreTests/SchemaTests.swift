import GRDB
import Testing

@testable import SQLiteStore

/// Facts about SQLite's schema alone. The tests of its rules are those of every store.
struct SchemaTests {
    /// SQLite would build a temporary table for each, at every row.
    @Test(arguments: [
        "orders", "attempts", "pages", "history", "idempotency_keys", "receipts", "notices", "events", "deliveries",
    ])
    func `no rule of a table that a first pay or a notice writes to uses a list of three or more`(
        table: String
    ) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let connection = try scratch.connection()
            let text = try connection.texts("SELECT sql FROM sqlite_schema WHERE name = '\(table)'").joined()
            #expect(text.contains("CHECK"))
            #expect(text.matches(of: /IN \([^,)]+(,[^,)]+){2,}\)/).map { $0.0 } == [])
            let steps = try await connection.read { db in
                let columns = try db.columns(in: table).map(\.name).joined(separator: ", ")
                let copy = "INSERT INTO \(table) SELECT \(columns) FROM \(table)"
                return try Row.fetchAll(db, sql: "EXPLAIN \(copy)").map { $0["opcode"] as String }
            }
            // One, because the table is copied into itself. The trigger of an event reads deliveries and adds some.
            #expect(steps.filter { $0 == "OpenEphemeral" }.count <= (table == "events" ? 2 : 1))
            #expect(try connection.texts("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func `every table is strict about types`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let tables = try scratch.connection().texts(
                "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict")
            #expect(tables.filter { !$0.hasPrefix("sqlite_") } == [])
        }
    }
}
