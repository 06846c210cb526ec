import CSQLite
import Crypto
import GRDB
import Migrations

/// Applies the history's migrations, each in one transaction, and remembers a digest of each.
///
/// GRDB's own migrator knows a migration by its name alone: it would run on over a file that was altered after it was
/// applied, and over a database that a newer release wrote.
struct Migrator {
    /// "PAYP", in the file's header: tells our databases from other programs'.
    static let applicationID: Int64 = 0x5041_5950

    let history: [Migration]
    let path: String

    func report(_ db: Database) throws -> MigrationReport {
        let applied = try look(db)
        return MigrationReport(appliedBefore: applied, appliedNow: [], pending: pending(after: applied))
    }

    func migrate(_ db: Database) throws -> MigrationReport {
        try checkVersion(db)
        Self.guardSchemaTexts(false, db)
        let appliedBefore = try look(db)
        var appliedNow: [String] = []
        while let name = try applyNext(db) {
            appliedNow.append(name)
        }
        return MigrationReport(appliedBefore: appliedBefore, appliedNow: appliedNow, pending: [])
    }

    /// Some builds of SQLite keep a schema's texts from being changed by SQL; one of our migrations changes them.
    static func guardSchemaTexts(_ guards: Bool, _ db: Database) {
        _ = csqlite_guard_schema_texts(db.sqliteConnection, guards ? 1 : 0)
    }

    /// What was applied, as of one moment: another process may be applying the next.
    private func look(_ db: Database) throws -> [String] {
        var applied: [String] = []
        try db.inTransaction(.deferred) {
            applied = try checkedApplied(db)
            return .commit
        }
        return applied
    }

    /// Applies the first migration that is pending; nil when none is. What is pending is looked up inside the
    /// transaction, because another process may be at it too.
    private func applyNext(_ db: Database) throws -> String? {
        var name: String?
        try db.inTransaction(.immediate) {
            let applied = try checkedApplied(db)
            guard applied.count < history.count else { return .rollback }
            if applied.isEmpty { try markAsOurs(db) }
            try apply(history[applied.count], number: applied.count + 1, db)
            name = history[applied.count].name
            return .commit
        }
        return name
    }

    private func apply(_ migration: Migration, number: Int, _ db: Database) throws {
        try db.execute(sql: migration.sql)
        // When it was applied is for people alone, so SQLite's clock is good enough for it.
        try db.execute(
            sql: """
                INSERT INTO schema_migrations (number, name, sha256, applied_at)
                VALUES (?, ?, ?, CAST(strftime('%s', 'now') AS INTEGER) * 1000)
                """,
            arguments: [number, migration.name, migration.digest])
    }

    private func markAsOurs(_ db: Database) throws {
        try db.execute(
            sql: """
                PRAGMA application_id = \(Self.applicationID);
                CREATE TABLE schema_migrations (
                    number INTEGER NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    sha256 TEXT NOT NULL,
                    applied_at INTEGER NOT NULL
                ) STRICT;
                """)
    }

    /// The names of what was applied, once it is known that it is a beginning of our history, word for word.
    private func checkedApplied(_ db: Database) throws -> [String] {
        guard try isOurs(db) else { return [] }
        let rows = try Row.fetchAll(db, sql: "SELECT name, sha256 FROM schema_migrations ORDER BY number")
        let applied = rows.map { row in
            (name: String.fromDatabaseValue(row["name"]) ?? "", digest: String.fromDatabaseValue(row["sha256"]) ?? "")
        }
        let known = Set(history.map(\.name))
        if let unknown = applied.first(where: { !known.contains($0.name) }) {
            throw SchemaError.newer(migration: unknown.name)
        }
        for (step, migration) in zip(applied, history) {
            guard step.name == migration.name else { throw SchemaError.missing(migration: migration.name) }
            guard step.digest == migration.digest else { throw SchemaError.altered(migration: migration.name) }
        }
        return applied.map(\.name)
    }

    /// False for a database with nothing in it. Throws for one that another program made.
    private func isOurs(_ db: Database) throws -> Bool {
        let mark = try Int64.fetchOne(db, sql: "PRAGMA application_id")
        // Not by GRDB's `tableExists`, which remembers what was there before another process's migration.
        let names = try Set(String.fetchAll(db, sql: "SELECT name FROM sqlite_master"))
        if mark == Self.applicationID, names.contains("schema_migrations") { return true }
        guard mark == 0, names.isEmpty else { throw SchemaError.notPaypage(path: path) }
        return false
    }

    private func pending(after applied: [String]) -> [String] {
        history.dropFirst(applied.count).map(\.name)
    }

    private func checkVersion(_ db: Database) throws {
        let version = try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? ""
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) >= (3, 37) else { throw SchemaError.oldSQLite(version: version) }
    }
}

extension Migration {
    /// SHA-256 of the text, in hexadecimal.
    var digest: String {
        SHA256.hash(data: Array(sql.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
