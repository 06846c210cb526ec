import LedgerSQL
import Migrations

/// Applies the history's migrations, each in one transaction, and stores a digest of each.
///
/// GRDB's own migrator knows a migration by its name alone. It would accept a migration that was altered after it was
/// applied, and a database of a newer release.
struct Migrator {
    /// "PAYP", in the file's header: distinguishes our databases from other programs'.
    static let applicationID: Int64 = 0x5041_5950

    /// The first of the steps that made the schema before the first release. A release can't take over from them.
    private static let firstOfDevelopment = "v0001_orders"

    let history: [Migration]
    let path: String

    func report(_ db: FileConnection) throws -> MigrationReport {
        let applied = try look(db)
        return MigrationReport(appliedBefore: applied, appliedNow: [], pending: pending(after: applied))
    }

    /// The same, within a transaction of the caller.
    func reportInTransaction(_ db: FileConnection) throws -> MigrationReport {
        let applied = try checkedApplied(db)
        return MigrationReport(appliedBefore: applied, appliedNow: [], pending: pending(after: applied))
    }

    func migrate(_ db: FileConnection) throws -> MigrationReport {
        try checkVersion(db)
        let appliedBefore = try look(db)
        var appliedNow: [String] = []
        while let name = try applyNext(db) {
            appliedNow.append(name)
        }
        return MigrationReport(appliedBefore: appliedBefore, appliedNow: appliedNow, pending: [])
    }

    /// The applied migrations as of one snapshot: another process may be applying the next.
    private func look(_ db: FileConnection) throws -> [String] {
        var applied: [String] = []
        try db.inTransaction(.deferred) {
            applied = try checkedApplied(db)
            return true
        }
        return applied
    }

    /// Applies the first pending migration; nil when none is. The lookup is part of the transaction, because another
    /// process may be migrating too.
    private func applyNext(_ db: FileConnection) throws -> String? {
        var name: String?
        try db.inTransaction(.immediate) {
            let applied = try checkedApplied(db)
            guard applied.count < history.count else { return false }
            if applied.isEmpty { try markAsOurs(db) }
            try apply(history[applied.count], number: applied.count + 1, db)
            name = history[applied.count].name
            return true
        }
        return name
    }

    private func apply(_ migration: Migration, number: Int, _ db: FileConnection) throws {
        try db.execute(migration.sql)
        // The time is for people only, so SQLite's clock will do.
        try db.prepared(
            """
            INSERT INTO schema_migrations (number, name, sha256, applied_at)
            VALUES (?, ?, ?, CAST(strftime('%s', 'now') AS INTEGER) * 1000)
            """
        ).run([number, migration.name, migration.digest])
    }

    private func markAsOurs(_ db: FileConnection) throws {
        try db.execute(
            """
            PRAGMA application_id = \(Self.applicationID);
            CREATE TABLE schema_migrations (
                number INTEGER NOT NULL PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                sha256 TEXT NOT NULL,
                applied_at INTEGER NOT NULL
            ) STRICT;
            """)
    }

    /// The names of the applied migrations. Throws unless they are the beginning of our history, with the same texts.
    private func checkedApplied(_ db: FileConnection) throws -> [String] {
        guard try isOurs(db) else { return [] }
        let applied = try db.prepared("SELECT name, sha256 FROM schema_migrations ORDER BY number").all { row in
            AppliedMigration(name: row.text(0) ?? "", digest: row.text(1) ?? "")
        }
        if applied.first?.name == Self.firstOfDevelopment { throw SchemaError.developmentBuild(path: path) }
        do {
            try history.check(applied)
        } catch {
            throw SchemaError(error)
        }
        return applied.map(\.name)
    }

    /// False for an empty database. Throws for another program's.
    private func isOurs(_ db: FileConnection) throws -> Bool {
        let mark = try db.prepared("PRAGMA application_id").first { $0.integer(0) }
        let names = Set(try db.prepared("SELECT name FROM sqlite_master").all { $0.text(0) ?? "" })
        if mark == Self.applicationID, names.contains("schema_migrations") { return true }
        guard mark == 0, names.isEmpty else { throw SchemaError.notPaypage(path: path) }
        return false
    }

    private func pending(after applied: [String]) -> [String] {
        history.dropFirst(applied.count).map(\.name)
    }

    private func checkVersion(_ db: FileConnection) throws {
        let version = try db.prepared("SELECT sqlite_version()").first { $0.text(0) ?? "" } ?? ""
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) >= (3, 37) else { throw SchemaError.oldSQLite(version: version) }
    }
}
