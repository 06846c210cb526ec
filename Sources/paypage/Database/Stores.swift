import Foundation
import Migrations
import PayFlow
import SQLiteStore

/// Opens the store at an address. The only part of the program that knows the kinds of databases.
enum Stores {
    /// Opens the store of the service. Blocks.
    static func open(_ database: Settings.Database) async throws -> any Store {
        switch database.address {
        case .sqlite(let path): try SQLiteLedger(path: path, writesPerCommit: database.writesPerCommit)
        case .postgres: throw CommandFailure("PostgreSQL is not supported yet")
        }
    }

    /// Opens an existing, up-to-date database for a command. A command must not migrate a database that an older
    /// service uses.
    static func openMigrated(_ address: DatabaseAddress) async throws -> any Store {
        if case .sqlite(let path) = address, !FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("no database at \(path): set PAYPAGE_DATABASE_URL to the database of the service")
        }
        guard try await migrations(of: address).pending.isEmpty else {
            throw CommandFailure("\(address) has pending migrations: run paypage migrate first")
        }
        switch address {
        case .sqlite(let path): return try SQLiteLedger(path: path)
        case .postgres: throw CommandFailure("PostgreSQL is not supported yet")
        }
    }

    /// The applied and the pending migrations. Changes nothing.
    static func migrations(of address: DatabaseAddress) async throws -> MigrationReport {
        switch address {
        case .sqlite(let path): try Schema.report(at: path)
        case .postgres: throw CommandFailure("PostgreSQL is not supported yet")
        }
    }

    /// Applies the pending migrations.
    static func migrate(_ address: DatabaseAddress) async throws -> MigrationReport {
        switch address {
        case .sqlite(let path): try Schema.migrate(at: path)
        case .postgres: throw CommandFailure("PostgreSQL is not supported yet")
        }
    }
}
