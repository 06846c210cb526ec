import Foundation
import Logging
import Migrations
import PayCore
import PayFlow
import PayTelemetry
import PostgresStore
import SQLiteStore

/// Opens the store at an address. The only part of the program that knows the kinds of databases.
enum Stores {
    /// Opens the store of the service. Blocks. Throws an error with its fix for a database that loses commits.
    static func open(_ database: Settings.Database, _ logger: Logger) async throws -> any Store {
        switch database.address {
        case .sqlite(let path):
            return try SQLiteLedger(path: path, writesPerCommit: database.writesPerCommit)
        case .postgres(let uri):
            try check(uri, database.durability, logger)
            if database.migration == .atStart { try PostgresSchema.migrate(at: uri) }
            guard try PostgresSchema.report(at: uri).pending.isEmpty else {
                throw CommandFailure(
                    "\(database.address) has pending migrations: run paypage migrate, or set database.migrate = at_start"
                )
            }
            return try PostgresLedger(
                serverAddress(uri), PostgresLanes.Counts(writers: database.lanes), node: UUID().uuidString,
                database.durability, proofsPerSecond: database.proofsPerSecond)
        }
    }

    /// Opens an existing, up-to-date database for a command. A command must not migrate a database that an older
    /// service uses.
    static func openMigrated(_ address: DatabaseAddress) async throws -> any Store {
        if case .sqlite(let path) = address, !FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("no database at \(path): set PAYPAGE_DATABASE_URL to the database of the service")
        }
        guard try migrations(of: address).pending.isEmpty else {
            throw CommandFailure("\(address) has pending migrations: run paypage migrate first")
        }
        switch address {
        case .sqlite(let path): return try SQLiteLedger(path: path)
        case .postgres(let uri): return try PostgresLedger(serverAddress(uri), PostgresLanes.Counts(writers: 1))
        }
    }

    /// The clock jobs that only this kind of store has. Declares their metrics.
    static func jobs(for store: any Store, _ metrics: PrometheusMetrics, _ logger: Logger) -> [ClockJob] {
        guard let watch = (store as? PostgresLedger)?.watch else { return [] }
        PrimaryJob.declareMetrics(on: metrics)
        return [PrimaryJob(watch, logger).clockJob]
    }

    /// The applied and the pending migrations. Changes nothing.
    static func migrations(of address: DatabaseAddress) throws -> MigrationReport {
        switch address {
        case .sqlite(let path): try Schema.report(at: path)
        case .postgres(let uri): try PostgresSchema.report(at: uri)
        }
    }

    /// Applies the pending migrations.
    static func migrate(_ address: DatabaseAddress) throws -> MigrationReport {
        switch address {
        case .sqlite(let path): try Schema.migrate(at: path)
        case .postgres(let uri): try PostgresSchema.migrate(at: uri)
        }
    }

    /// Marks a database as restored from an older copy. A dump of PostgreSQL numbers its transactions anew.
    static func markRestored(
        _ address: DatabaseAddress, number: Int?, audit: AuditNote, at now: Instant
    ) async throws {
        switch address {
        case .sqlite(let path):
            _ = try await FileBackup.markRestored(path, number: number, audit: audit, at: now)
        case .postgres(let uri):
            try PostgresSchema.beginEra(at: uri)
            let store = try await openMigrated(address)
            do {
                _ = try await store.markRestored(number, audit: audit, at: now)
            } catch {
                _ = try? await store.close()
                throw error
            }
            try await store.close()
        }
    }

    private static func check(_ uri: Secret, _ durability: Durability, _ logger: Logger) throws {
        let problems = try ServerCheck.problems(at: uri, durability)
        let refusals = problems.filter(\.stopsStart)
        guard refusals.isEmpty else {
            let lines = refusals.map { "\($0.text); \($0.remedy)" }
            throw CommandFailure((["the database server is refused:"] + lines).joined(separator: "\n"))
        }
        for problem in problems {
            logger.warning(
                "database server needs attention",
                metadata: [
                    "database.rule": "\(problem.rule.rawValue)", "reason": "\(problem.text)",
                    "remedy": "\(problem.remedy)",
                ])
        }
    }

    private static func serverAddress(_ uri: Secret) throws -> ServerAddress {
        guard let address = ServerAddress(uri.reveal()) else { throw UnreadableAddress() }
        return address
    }
}
