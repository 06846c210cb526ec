import Foundation
public import Migrations

/// The database's schema, as `paypage migrate` shows and changes it.
public enum Schema {
    /// The applied and the pending migrations. Changes nothing, and makes no file.
    public static func report(at path: String) throws -> MigrationReport {
        guard FileManager.default.fileExists(atPath: path) else {
            return MigrationReport(appliedBefore: [], appliedNow: [], pending: SchemaHistory.sqlite.map(\.name))
        }
        return try withConnection(to: path) { try Migrator(history: SchemaHistory.sqlite, path: path).report($0) }
    }

    /// Applies the pending migrations. Two processes may do this at once: each migration is applied by one of them.
    @discardableResult
    public static func migrate(at path: String) throws -> MigrationReport {
        try migrate(at: path, by: SchemaHistory.sqlite)
    }

    @discardableResult
    static func migrate(at path: String, by history: [Migration]) throws -> MigrationReport {
        DatabaseFile.makeIfAbsent(at: path)
        return try withConnection(to: path) { db in
            let report = try Migrator(history: history, path: path).migrate(db)
            // A copy of the file alone then has the new schema. A service that runs beside this may prevent it, and
            // does the same at its own end.
            if !report.appliedNow.isEmpty { _ = Checkpoint.truncate(db) }
            return report
        }
    }

    private static func withConnection<Value>(to path: String, _ work: (FileConnection) throws -> Value) throws -> Value
    {
        do {
            return try Connections.withOne(to: path, work)
        } catch {
            throw SchemaError.why(path, isNotOpenedBy: error)
        }
    }
}
