import Foundation
import GRDB
import Migrations
import Synchronization
import Testing

@testable import SQLiteStore

struct MigrationTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Migrations/SQLite")

    private let names = SchemaHistory.sqlite.map(\.name)

    @Test func `the list names every file of the folder, in order, with its text`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.map { "\($0).sql" } == files)
        for migration in SchemaHistory.sqlite {
            let text = try String(contentsOf: folder.appendingPathComponent("\(migration.name).sql"), encoding: .utf8)
            #expect(migration.sql == text)
        }
    }

    @Test(arguments: SchemaHistory.sqlite) func `a migration begins with why`(_ migration: Migration) {
        #expect(migration.sql.hasPrefix("-- Why: "))
    }

    @Test func `what is pending is applied once, and told`() async throws {
        try await withScratch { scratch in
            let all = MigrationReport(appliedBefore: [], appliedNow: [], pending: names)
            let report = try Schema.report(at: scratch.path)
            #expect(report == all)
            #expect(!FileManager.default.fileExists(atPath: scratch.path), "a look makes no file")

            let applied = MigrationReport(appliedBefore: [], appliedNow: names, pending: [])
            #expect(try Schema.migrate(at: scratch.path) == applied)

            let known = MigrationReport(appliedBefore: names, appliedNow: [], pending: [])
            #expect(try Schema.migrate(at: scratch.path) == known)
            #expect(try Schema.report(at: scratch.path) == known)
        }
    }

    @Test func `a build of SQLite that guards the texts of a schema is no hindrance`() async throws {
        try await withScratch { scratch in
            let path = scratch.path
            let report = try await scratch.connection().writeWithoutTransaction { db in
                Migrator.guardSchemaTexts(true, db)
                return try Migrator(history: SchemaHistory.sqlite, path: path).migrate(db)
            }
            #expect(report.appliedNow == names)
        }
    }

    @Test func `a database that stopped half way is taken on from there`() async throws {
        try await withScratch { scratch in
            try Schema.migrate(at: scratch.path, by: Array(SchemaHistory.sqlite.prefix(2)))
            let report = try Schema.report(at: scratch.path)
            #expect(report.appliedBefore == Array(names.prefix(2)))
            #expect(report.pending == Array(names.dropFirst(2)))
            #expect(try Schema.migrate(at: scratch.path).appliedNow == Array(names.dropFirst(2)))
        }
    }

    @Test(arguments: SchemaHistory.sqlite.indices)
    func `a migration that was altered after it was applied is refused`(_ index: Int) async throws {
        try await withScratch { scratch in
            var history = SchemaHistory.sqlite
            history[index] = Migration(name: names[index], sql: history[index].sql + "-- one word more\n")
            try Schema.migrate(at: scratch.path, by: history)
            #expect(throws: SchemaError.altered(migration: names[index])) { try scratch.ledger() }
        }
    }

    @Test func `a database that a newer release wrote is refused, and the message says so`() async throws {
        try await withScratch { scratch in
            let next = Migration(name: "v9999_later", sql: "CREATE TABLE later (id INTEGER) STRICT;")
            try Schema.migrate(at: scratch.path, by: SchemaHistory.sqlite + [next])
            let error = #expect(throws: SchemaError.self) { try scratch.ledger() }
            #expect(error == .newer(migration: "v9999_later"))
            #expect(error?.description.contains("newer Paypage") == true)
            #expect(throws: SchemaError.newer(migration: "v9999_later")) { try Schema.report(at: scratch.path) }
        }
    }

    @Test func `a migration that was passed over is refused`() async throws {
        try await withScratch { scratch in
            let history = SchemaHistory.sqlite
            try Schema.migrate(at: scratch.path, by: [history[0], history[2]])
            #expect(throws: SchemaError.missing(migration: names[1])) { try scratch.ledger() }
        }
    }

    @Test func `a migration that fails leaves nothing of itself`() async throws {
        try await withScratch { scratch in
            let bad = Migration(name: "v9999_bad", sql: "CREATE TABLE half (id INTEGER) STRICT; nonsense;")
            #expect(throws: DatabaseError.self) {
                try Schema.migrate(at: scratch.path, by: SchemaHistory.sqlite + [bad])
            }
            let connection = try scratch.connection()
            #expect(try connection.number("SELECT count(*) FROM sqlite_master WHERE name = 'half'") == 0)
            #expect(try connection.texts("SELECT name FROM schema_migrations ORDER BY number") == names)
        }
    }

    @Test(arguments: ["no", "not a database, but a text\n", String(repeating: "text ", count: 4_000)])
    func `a file that is no database is refused and left alone`(_ text: String) async throws {
        try await withScratch { scratch in
            try text.write(toFile: scratch.path, atomically: true, encoding: .utf8)
            #expect(throws: SchemaError.notSQLite(path: scratch.path)) { try scratch.ledger() }
            #expect(try String(contentsOfFile: scratch.path, encoding: .utf8) == text)
        }
    }

    @Test(arguments: [
        "CREATE TABLE theirs (id INTEGER)", "PRAGMA application_id = 7", "CREATE TABLE orders (id INTEGER)",
    ])
    func `another program's database is refused and left alone`(_ sql: String) async throws {
        try await withScratch { scratch in
            try scratch.connection().write { try $0.execute(sql: sql) }
            let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
            #expect(throws: SchemaError.notPaypage(path: scratch.path)) { try scratch.ledger() }
            #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == before)
        }
    }

    /// Some races, because one may be run without a meeting.
    @Test(arguments: 1...6)
    func `processes that start at once apply each migration once`(_: Int) async throws {
        try await withScratch { scratch in
            let applied = Mutex<[String]>([])
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    let report = try Schema.migrate(at: scratch.path)
                    applied.withLock { $0 += report.appliedNow }
                    try scratch.ledger().close()
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(applied.withLock { $0.sorted() } == names)
        }
    }

    @Test func `a history that was written before its rules were spelt anew is kept, row by row`() async throws {
        try await withScratch { scratch in
            let before = SchemaHistory.sqlite.prefix { $0.name != "v0013_history_checks" }
            try Schema.migrate(at: scratch.path, by: Array(before))
            let rows = "SELECT id || order_number || at || what || ifnull(new_state, '-') FROM history ORDER BY id"
            let connection = try scratch.connection()
            try await connection.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO orders (
                            number, user_id, amount, currency, subject, created_at, deadline, state, left_new_at, fence,
                            updated_at
                        ) VALUES ('order_1', 'u', 1, 'CNY', 's', 1, 2, 'closed', 2, 1, 1);
                        INSERT INTO history (id, order_number, at, what, new_state)
                        VALUES (3, 'order_1', 1, 'made', NULL), (8, 'order_1', 2, 'moved', 'closed');
                        """)
            }
            let written = try connection.texts(rows)
            #expect(written.count == 2)
            try Schema.migrate(at: scratch.path)
            #expect(try scratch.connection().texts(rows) == written)
        }
    }

    @Test func `rules that are spelt anew leave the rows, and hold for whoever has them open`() async throws {
        let changed = ["orders", "attempts", "pages"]
        let withLists = """
            SELECT name FROM sqlite_schema WHERE type = 'table' AND
            (sql LIKE '%state IN (''new''%' OR sql LIKE '%terminal IN (%' OR sql LIKE '%kind IN (''html''%')
            ORDER BY rootpage
            """
        let rows: @Sendable (Database) throws -> [[String]] = { db in
            try changed.map { table in try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" } }
        }
        let makesTables: @Sendable (Database) throws -> Bool = { db in
            let steps = try Row.fetchAll(db, sql: "EXPLAIN UPDATE pages SET kind = 'qr'")
            return steps.contains { $0["opcode"] == "OpenEphemeral" }
        }
        try await withScratch { scratch in
            // Given a database of the release before, with an order that another connection has read.
            let filled = Scratch(folder: scratch.folder.appendingPathComponent("filled"))
            try FileManager.default.createDirectory(at: filled.folder, withIntermediateDirectories: true)
            try await filled.ledger().put(order("order_1", attempts: [attempt(trade("order_1", 1), pages: [page()])]))
            let before = SchemaHistory.sqlite.prefix { $0.name != "v0015_checks_by_comparisons" }
            try Schema.migrate(at: scratch.path, by: Array(before))
            let open = try scratch.connection()
            try await open.writeWithoutTransaction { db in
                try db.execute(sql: "ATTACH ? AS filled", arguments: [filled.path])
                for table in changed { try db.execute(sql: "INSERT INTO \(table) SELECT * FROM filled.\(table)") }
                try db.execute(sql: "DETACH filled")
            }
            let written = try await open.read(rows)
            #expect(written.allSatisfy { $0.count == 1 })
            #expect(try open.texts(withLists) == changed)
            #expect(try await open.read(makesTables))

            // When
            try Schema.migrate(at: scratch.path)

            // Then
            #expect(try open.texts(withLists) == [])
            #expect(try await open.read(rows) == written)
            #expect(try await open.read(makesTables) == false)
            let refusal = await #expect(throws: DatabaseError.self) {
                try await open.write { try $0.execute(sql: "UPDATE pages SET kind = 'lost'") }
            }
            #expect(refusal?.message?.contains("pages_kind") == true)
            #expect(try open.texts("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test(arguments: [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")])
    func `the writer keeps what it says that it kept`(_ name: String, _ expected: String) async throws {
        try await withScratch { scratch in
            try Schema.migrate(at: scratch.path)
            let pool = try Connections.pool(at: scratch.path)
            let found = try await pool.writeWithoutTransaction { db in
                try Row.fetchOne(db, sql: "PRAGMA \(name)").map { "\($0[0] as DatabaseValue)" }
            }
            #expect(found?.replacingOccurrences(of: "\"", with: "") == expected)
        }
    }
}
