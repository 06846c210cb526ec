import Foundation
import PayFlow

/// The database of a command that needs no other setting.
enum CommandDatabase {
    static func address(config: String?) throws -> DatabaseAddress {
        do {
            return try Settings.databaseAddress(
                environment: ProcessInfo.processInfo.environment, configFile: config)
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
    }

    /// Opens the database that the settings name, runs `work` on it, and closes it.
    static func with<Value>(
        config: String?, _ work: (any Store) async throws -> Value
    ) async throws -> Value {
        let store = try await Stores.openMigrated(address(config: config))
        let value: Value
        do {
            value = try await work(store)
        } catch {
            _ = try? await store.close()
            throw error
        }
        try await store.close()
        return value
    }
}
