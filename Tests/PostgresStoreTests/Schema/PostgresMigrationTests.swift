import Dispatch
import Foundation
import Migrations
import PayCore
import StoreTestSupport
import Synchronization
import Testing

@testable import PostgresStore

@Suite(StoreKind.needsPostgres) struct PostgresMigrationTests {
    private let names = SchemaHistory.postgres.map(\.name)

    /// Steps of a later release.
    private static let later = ["p9998_one", "p9999_two"].map { name in
        Migration(name: name, sql: "CREATE TABLE \(name) (id bigint);")
    }

    @Test func `the list names every file of the folder, in order, with its text`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Migrations/Postgres")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.map { "\($0).sql" } == files)
        for migration in SchemaHistory.postgres {
            let text = try String(contentsOf: folder.appending(path: "\(migration.name).sql"), encoding: .utf8)
            #expect(migration.sql == text)
            #expect(migration.sql.hasPrefix("-- Why: "))
        }
    }

    @Test func `pending migrations are applied once, and reported`() async throws {
        try await withEmptyPostgres { database in
            let all = MigrationReport(appliedBefore: [], appliedNow: [], pending: names)
            let report = try PostgresSchema.report(at: database.uri)
            #expect(report == all)
            let tables = try database.tamper().number(
                "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace")
            #expect(tables == 0, "a report makes nothing")

            let applied = MigrationReport(appliedBefore: [], appliedNow: names, pending: [])
            #expect(try PostgresSchema.migrate(at: database.uri) == applied)

            let known = MigrationReport(appliedBefore: names, appliedNow: [], pending: [])
            #expect(try PostgresSchema.migrate(at: database.uri) == known)
            #expect(try PostgresSchema.report(at: database.uri) == known)
        }
    }

    @Test func `a migration that was interrupted continues with the next step`() async throws {
        try await withEmptyPostgres { database in
            let (history, later) = (SchemaHistory.postgres + Self.later, Self.later.map(\.name))
            try PostgresSchema.migrate(at: database.uri)
            let report = try PostgresSchema.migrate(at: database.uri, by: history)
            #expect(report.appliedBefore == names)
            #expect(report.appliedNow == later)
            #expect(try PostgresSchema.migrate(at: database.uri, by: history).appliedBefore == names + later)
        }
    }

    @Test func `a migration that was altered after it was applied is refused`() async throws {
        try await withEmptyPostgres { database in
            let migration = Migration(name: names[0], sql: SchemaHistory.postgres[0].sql + "-- one word more\n")
            try PostgresSchema.migrate(at: database.uri, by: [migration] + SchemaHistory.postgres.dropFirst())
            #expect(throws: PostgresSchemaError.mismatch(.altered(migration: names[0]))) {
                try PostgresSchema.migrate(at: database.uri)
            }
        }
    }

    @Test func `a database of a newer release is refused, with what to do`() async throws {
        try await withEmptyPostgres { database in
            try PostgresSchema.migrate(at: database.uri, by: SchemaHistory.postgres + Self.later)
            let error = #expect(throws: PostgresSchemaError.self) { try PostgresSchema.migrate(at: database.uri) }
            #expect(error == .mismatch(.newer(migration: Self.later[0].name)))
            #expect(error?.description.contains("newer Paypage") == true)
            #expect(throws: PostgresSchemaError.self) { try PostgresSchema.report(at: database.uri) }
        }
    }

    @Test func `a database that lacks a migration before an applied one is refused`() async throws {
        try await withEmptyPostgres { database in
            try PostgresSchema.migrate(at: database.uri, by: SchemaHistory.postgres + Self.later.suffix(1))
            #expect(throws: PostgresSchemaError.mismatch(.missing(migration: Self.later[0].name))) {
                try PostgresSchema.migrate(at: database.uri, by: SchemaHistory.postgres + Self.later)
            }
        }
    }

    @Test func `a migration that fails leaves the database as it was`() async throws {
        try await withEmptyPostgres { database in
            let bad = Migration(name: "p9999_bad", sql: "CREATE TABLE half (id bigint); nonsense;")
            #expect(throws: PostgresFailure.self) {
                try PostgresSchema.migrate(at: database.uri, by: SchemaHistory.postgres + [bad])
            }
            let tamper = try database.tamper()
            #expect(try tamper.number("SELECT count(*) FROM pg_class WHERE relname = 'half'") == 0)
            #expect(try tamper.texts("SELECT name FROM schema_migrations ORDER BY number") == names)
        }
    }

    @Test(arguments: [
        "CREATE TABLE theirs (id bigint)", "CREATE TABLE orders (id bigint)", "CREATE VIEW theirs AS SELECT 1 AS id",
        "CREATE TABLE schema_migrations (version text PRIMARY KEY)",
    ])
    func `another program's database is refused and left alone`(_ sql: String) async throws {
        try await withEmptyPostgres { database in
            let tamper = try database.tamper()
            try tamper.execute(sql)
            let names = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace ORDER BY 1"
            let before = try tamper.texts(names)
            #expect(throws: PostgresSchemaError.notPaypage(database: database.name)) {
                try PostgresSchema.migrate(at: database.uri)
            }
            #expect(try tamper.texts(names) == before)
        }
    }

    @Test func `the tables of an extension are not another program's`() async throws {
        try await withEmptyPostgres { database in
            try database.tamper().execute("CREATE EXTENSION pg_stat_statements")
            #expect(try PostgresSchema.migrate(at: database.uri).appliedNow == names)
        }
    }

    @Test func `a database with another encoding is refused`() async throws {
        try await withEmptyPostgres("ENCODING 'SQL_ASCII'") { database in
            #expect(throws: PostgresSchemaError.notUTF8(encoding: "SQL_ASCII")) {
                try PostgresSchema.migrate(at: database.uri)
            }
        }
    }

    @Test func `a user without the privilege is told what to grant`() async throws {
        try await withEmptyPostgres { database in
            let role = "\(database.name)_user"
            let tamper = try database.tamper()
            try tamper.execute("CREATE ROLE \(role) LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            defer { try? tamper.execute("DROP ROLE \(role)") }
            let uri = Secret(database.uri.reveal().replacing("paypage@", with: "\(role)@"))
            let error = #expect(throws: PostgresSchemaError.self) { try PostgresSchema.migrate(at: uri) }
            #expect(error?.description.contains("let it own the database") == true)
        }
    }

    @Test func `a mistake in the address doesn't show the password`() throws {
        let error = #expect(throws: PostgresSchemaError.notURI) {
            try PostgresSchema.migrate(at: Secret("postgresql://me:s3cr%t@/paypage"))
        }
        #expect(error?.description.contains("s3cr") == false)
    }

    /// Some races, because one may be run without a meeting.
    @Test(arguments: 1...3)
    func `processes that start at once apply each migration once`(_: Int) async throws {
        try await withEmptyPostgres { database in
            let applied = Mutex<[String]>([])
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    let report = try PostgresSchema.migrate(at: database.uri)
                    applied.withLock { $0 += report.appliedNow }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(applied.withLock { $0.sorted() } == names)
        }
    }
}
