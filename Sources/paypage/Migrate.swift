import ArgumentParser
import Foundation
import SQLiteStore

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Applies the pending migrations of the database, as serve does at start, and lists them.")

    @Flag(help: "List the pending migrations without applying them.")
    var dryRun = false

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func run() throws {
        let path = try DatabaseOption.path(config: config)
        let report = dryRun ? try Schema.report(at: path) : try Schema.migrate(at: path)
        output.print(
            text: text(report, of: path),
            json: MigrationsJSON(
                database: path, applied_before: report.appliedBefore, applied_now: report.appliedNow,
                pending: report.pending))
    }

    private func text(_ report: MigrationReport, of path: String) -> String {
        let lines =
            report.appliedBefore.map { "already applied  \($0)" }
            + report.appliedNow.map { "applied now      \($0)" } + report.pending.map { "pending          \($0)" }
        let state = report.pending.isEmpty ? "up to date" : "\(report.pending.count) pending"
        return (lines + ["\(path): \(state)"]).joined(separator: "\n")
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

    /// The path of an existing, up-to-date database: a reading command must not migrate a database that an older
    /// service uses.
    static func migratedPath(config: String?) throws -> String {
        let path = try path(config: config)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("no database at \(path): set PAYPAGE_DATABASE_URL to the database of the service")
        }
        guard try Schema.report(at: path).pending.isEmpty else {
            throw CommandFailure("\(path) has pending migrations: run paypage migrate first")
        }
        return path
    }
}
