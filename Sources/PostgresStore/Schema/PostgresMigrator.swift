import LedgerSQL
import Migrations

/// Applies the history's migrations, each in one transaction, and stores a digest of each.
struct PostgresMigrator {
    let history: [Migration]
    let db: PostgresConnection

    /// The columns of `schema_migrations`, by which our table is told from another program's.
    private static let columns = ["applied_at", "name", "number", "sha256"]

    func report() throws -> MigrationReport {
        try checkServer()
        let applied = try isOurs() ? checkedApplied() : []
        return MigrationReport(
            appliedBefore: applied, appliedNow: [], pending: history.dropFirst(applied.count).map(\.name))
    }

    func migrate() throws -> MigrationReport {
        try checkServer()
        if try !isOurs() { try makeTable() }
        let appliedBefore = try checkedApplied()
        var appliedNow: [String] = []
        while let name = try applyNext() { appliedNow.append(name) }
        return MigrationReport(appliedBefore: appliedBefore, appliedNow: appliedNow, pending: [])
    }

    func beginEra() throws {
        try inTransaction { try run("UPDATE eras SET era = era + 1") }
    }

    /// Another process may be making the table too. The lock is held until the end of the transaction.
    private func makeTable() throws {
        try inTransaction {
            try run("SELECT pg_advisory_xact_lock(hashtext('paypage schema_migrations'))")
            if try isOurs() { return }
            try run(
                """
                CREATE TABLE schema_migrations (
                    number bigint NOT NULL PRIMARY KEY,
                    name text COLLATE "C" NOT NULL UNIQUE,
                    sha256 text COLLATE "C" NOT NULL,
                    applied_at bigint NOT NULL
                )
                """)
        }
    }

    /// Applies the first pending migration; nil when none is. Others that migrate wait for the lock, and then see it.
    private func applyNext() throws -> String? {
        try inTransaction {
            try run("LOCK TABLE schema_migrations IN EXCLUSIVE MODE")
            let applied = try checkedApplied()
            guard applied.count < history.count else { return nil }
            let migration = history[applied.count]
            try db.execute(migration.sql)
            // The time is for people only, so the server's clock will do.
            try db.prepared(
                """
                INSERT INTO schema_migrations (number, name, sha256, applied_at)
                VALUES (?, ?, ?, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                """
            ).run([applied.count + 1, migration.name, migration.digest])
            return migration.name
        }
    }

    /// The names of the applied migrations. Throws unless they are the beginning of our history, with the same texts.
    private func checkedApplied() throws -> [String] {
        let applied = try db.prepared("SELECT name, sha256 FROM schema_migrations ORDER BY number").all { row in
            AppliedMigration(name: row.text(0) ?? "", digest: row.text(1) ?? "")
        }
        do {
            try history.check(applied)
        } catch {
            throw PostgresSchemaError.mismatch(error)
        }
        return applied.map(\.name)
    }

    /// False for an empty database. Throws for another program's. Tables of an extension don't count.
    private func isOurs() throws -> Bool {
        let names = try texts(
            """
            SELECT relname FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
                SELECT FROM pg_depend
                WHERE pg_depend.classid = 'pg_class'::regclass AND pg_depend.objid = pg_class.oid
                    AND pg_depend.deptype = 'e'
            )
            """)
        if names.isEmpty { return false }
        let columns = try texts(
            """
            SELECT column_name::text FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = 'schema_migrations' ORDER BY 1
            """)
        guard columns == Self.columns else {
            throw PostgresSchemaError.notPaypage(database: try texts("SELECT current_database()").first ?? "")
        }
        return true
    }

    /// The schema needs generated columns with functions of a SQL body, which came with PostgreSQL 14, and lengths that
    /// count characters.
    private func checkServer() throws {
        let version = try texts("SELECT current_setting('server_version')").first ?? ""
        let number = version.prefix { $0.isNumber }
        guard let major = Int(number), major >= 14 else { throw PostgresSchemaError.oldServer(version: version) }
        let encoding = try texts("SELECT current_setting('server_encoding')").first ?? ""
        guard encoding == "UTF8" else { throw PostgresSchemaError.notUTF8(encoding: encoding) }
    }

    private func inTransaction<Value>(_ work: () throws -> Value) throws -> Value {
        try run("BEGIN")
        do {
            let value = try work()
            _ = try db.commit([])
            return value
        } catch {
            try? db.rollback()
            throw error
        }
    }

    private func run(_ sql: String) throws { try db.prepared(sql).run() }

    private func texts(_ sql: String) throws -> [String] { try db.prepared(sql).all { $0.text(0) ?? "" } }
}
