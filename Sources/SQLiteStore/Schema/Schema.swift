import Foundation
import GRDB
import Migrations

/// The database's schema, as `paypage migrate` shows and changes it.
public enum Schema {
    /// What was and would be applied. Changes nothing, and makes no file where there is none.
    public static func report(at path: String) throws -> MigrationReport {
        guard FileManager.default.fileExists(atPath: path) else {
            return MigrationReport(appliedBefore: [], appliedNow: [], pending: SchemaHistory.sqlite.map(\.name))
        }
        return try withConnection(to: path) { try Migrator(history: SchemaHistory.sqlite, path: path).report($0) }
    }

    /// Applies what is pending. Two processes may do this at once: each migration is applied by one of them.
    @discardableResult
    public static func migrate(at path: String) throws -> MigrationReport {
        try migrate(at: path, by: SchemaHistory.sqlite)
    }

    @discardableResult
    static func migrate(at path: String, by history: [Migration]) throws -> MigrationReport {
        DatabaseFile.makeIfAbsent(at: path)
        return try withConnection(to: path) { db in
            let report = try Migrator(history: history, path: path).migrate(db)
            // So that a copy of the file alone has the new schema. A service that runs beside this holds it back at worst,
            // and does the same at its own end.
            if !report.appliedNow.isEmpty { _ = Checkpoint.truncate(db) }
            return report
        }
    }

    /// A connection of its own, which leaves the journal mode alone: what isn't ours must not be changed by a look.
    private static func withConnection<Value>(to path: String, _ work: (Database) throws -> Value) throws -> Value {
        do {
            let queue = try DatabaseQueue(path: path, configuration: Connections.configuration())
            defer { try? queue.close() }
            return try queue.writeWithoutTransaction(work)
        } catch let error as DatabaseError {
            throw SchemaError.why(path, isNotOpenedBy: error)
        }
    }
}

/// Migrations by name, in the order in which they are applied.
public struct MigrationReport: Hashable, Sendable {
    public let appliedBefore: [String]
    public let appliedNow: [String]
    public let pending: [String]

    public init(appliedBefore: [String], appliedNow: [String], pending: [String]) {
        self.appliedBefore = appliedBefore
        self.appliedNow = appliedNow
        self.pending = pending
    }
}
