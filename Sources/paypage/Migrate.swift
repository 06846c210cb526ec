import ArgumentParser
import Foundation
import SQLiteStore

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Applies the database's migrations, as serve does at its start, and says which.")

    @Flag(help: "Only say what would be applied.")
    var dryRun = false

    @Option(help: "A YAML or JSON file with settings; database.url is all that is read of it.")
    var config: String?

    func run() throws {
        let path = try DatabaseOption.path(config: config)
        let report = dryRun ? try Schema.report(at: path) : try Schema.migrate(at: path)
        for name in report.appliedBefore { print("applied before  \(name)") }
        for name in report.appliedNow { print("applied now     \(name)") }
        for name in report.pending { print("pending         \(name)") }
        print("\(path): \(report.pending.isEmpty ? "up to date" : "\(report.pending.count) pending")")
    }
}

/// The database of a command that needs no other setting.
enum DatabaseOption {
    static func path(config: String?) throws -> String {
        do {
            return try Settings.databasePath(
                environment: ProcessInfo.processInfo.environment, configFile: config)
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
    }

    /// The same, of a database that is there and up to date: a look must not migrate what an older service uses.
    static func migratedPath(config: String?) throws -> String {
        let path = try path(config: config)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("there is no database at \(path): set PAYPAGE_DATABASE_URL as the service has it")
        }
        guard try Schema.report(at: path).pending.isEmpty else {
            throw CommandFailure("\(path) was written by an older version: run paypage migrate first")
        }
        return path
    }
}
