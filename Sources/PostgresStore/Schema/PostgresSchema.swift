public import Migrations
public import PayCore

/// The schema of a PostgreSQL database, as `paypage migrate` shows and changes it. Every call blocks.
public enum PostgresSchema {
    /// The applied and the pending migrations. Changes nothing.
    public static func report(at uri: Secret) throws -> MigrationReport {
        try withMigrator(at: uri, SchemaHistory.postgres) { try $0.report() }
    }

    /// Applies the pending migrations. Two processes may do this at once: each migration is applied by one of them.
    @discardableResult
    public static func migrate(at uri: Secret) throws -> MigrationReport {
        try migrate(at: uri, by: SchemaHistory.postgres)
    }

    @discardableResult
    static func migrate(at uri: Secret, by history: [Migration]) throws -> MigrationReport {
        try withMigrator(at: uri, history) { try $0.migrate() }
    }

    /// Raises the era: the database was restored from a dump, whose transactions are numbered anew. Orders that change
    /// from now on come behind all others in lists of changes.
    public static func beginEra(at uri: Secret) throws {
        try withMigrator(at: uri, SchemaHistory.postgres) { try $0.beginEra() }
    }

    private static func withMigrator<Value>(
        at uri: Secret, _ history: [Migration], _ work: (PostgresMigrator) throws -> Value
    ) throws -> Value {
        guard let address = ServerAddress(uri.reveal()) else { throw PostgresSchemaError.notURI }
        let connection = try PostgresConnection(address, .patient)
        defer { connection.close() }
        do {
            return try work(PostgresMigrator(history: history, db: connection))
        } catch let failure as PostgresFailure where failure.sqlState == .insufficientPrivilege {
            throw PostgresSchemaError.notPermitted(because: failure.message)
        }
    }
}
