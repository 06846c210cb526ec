import Foundation
import GRDB
import LedgerSQL
import Migrations
import StoreTestSupport
import Synchronization
import Testing

@testable import SQLiteStore

struct MigrationTests {
    private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Migrations/SQLite")

    private let names = SchemaHistory.sqlite.map(\.name)

    /// Steps of a later release.
    private static let later = ["v9998_one", "v9999_two"].map { name in
        Migration(name: name, sql: "CREATE TABLE \(name) (id INTEGER) STRICT;")
    }

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

    @Test func `pending migrations are applied once, and reported`() async throws {
        try await withScratch { scratch in
            let all = MigrationReport(appliedBefore: [], appliedNow: [], pending: names)
            let report = try Schema.report(at: scratch.path)
            #expect(report == all)
            #expect(!FileManager.default.fileExists(atPath: scratch.path), "a report makes no file")

            let applied = MigrationReport(appliedBefore: [], appliedNow: names, pending: [])
            #expect(try Schema.migrate(at: scratch.path) == applied)

            let known = MigrationReport(appliedBefore: names, appliedNow: [], pending: [])
            #expect(try Schema.migrate(at: scratch.path) == known)
            #expect(try Schema.report(at: scratch.path) == known)
        }
    }

    @Test func `a migration that was interrupted continues with the next step`() async throws {
        try await withScratch { scratch in
            let (history, later) = (SchemaHistory.sqlite + Self.later, Self.later.map(\.name))
            try Schema.migrate(at: scratch.path)
            let report = try Schema.migrate(at: scratch.path, by: history)
            #expect(report.appliedBefore == names)
            #expect(report.appliedNow == later)
            #expect(try Schema.migrate(at: scratch.path, by: history).appliedBefore == names + later)
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

    @Test func `a database of a newer release is refused, with what to do`() async throws {
        try await withScratch { scratch in
            let next = Migration(name: "v9999_later", sql: "CREATE TABLE later (id INTEGER) STRICT;")
            try Schema.migrate(at: scratch.path, by: SchemaHistory.sqlite + [next])
            let error = #expect(throws: SchemaError.self) { try scratch.ledger() }
            #expect(error == .newer(migration: "v9999_later"))
            #expect(error?.description.contains("newer Paypage") == true)
            #expect(throws: SchemaError.newer(migration: "v9999_later")) { try Schema.report(at: scratch.path) }
        }
    }

    @Test func `a database that lacks a migration before an applied one is refused`() async throws {
        try await withScratch { scratch in
            let history = SchemaHistory.sqlite + Self.later
            try Schema.migrate(at: scratch.path, by: SchemaHistory.sqlite + Self.later.suffix(1))
            #expect(throws: SchemaError.missing(migration: Self.later[0].name)) {
                try Schema.migrate(at: scratch.path, by: history)
            }
        }
    }

    @Test func `a database of a development build is refused and left alone, with what to do`() async throws {
        try await withScratch { scratch in
            // Given the marks of a database that was made by the 19 steps before the first release.
            try scratch.connection().write { db in
                try db.execute(
                    sql: """
                        PRAGMA application_id = \(Migrator.applicationID);
                        CREATE TABLE schema_migrations (
                            number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
                            applied_at INTEGER NOT NULL
                        ) STRICT;
                        INSERT INTO schema_migrations VALUES (1, 'v0001_orders', 'd', 1), (2, 'v0002_attempts', 'e', 1);
                        CREATE TABLE orders (number TEXT NOT NULL PRIMARY KEY) STRICT;
                        """)
            }
            let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path))

            // Then
            let error = #expect(throws: SchemaError.developmentBuild(path: scratch.path)) { try scratch.ledger() }
            #expect(error?.description.contains("name a new file in database.url") == true)
            #expect(throws: SchemaError.developmentBuild(path: scratch.path)) { try Schema.report(at: scratch.path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == before)
        }
    }

    @Test func `a migration that fails leaves the database as it was`() async throws {
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
    func `a file that isn't an SQLite database is refused and left alone`(_ text: String) async throws {
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

    @Test(arguments: [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")])
    func `the writer has the settings that make a commit durable`(_ name: String, _ expected: String) async throws {
        try await withScratch { scratch in
            try Schema.migrate(at: scratch.path)
            let pool = try ConnectionPool(path: scratch.path)
            let found = try pool.write { db in try db.prepared("PRAGMA \(name)").first { $0.text(0) } }
            #expect(found == expected)
        }
    }
}
