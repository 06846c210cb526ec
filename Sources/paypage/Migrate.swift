import ArgumentParser
import Migrations
import PayFlow

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Applies the pending migrations of the database, as serve does at start, and lists them.")

    @Flag(help: "List the pending migrations without applying them.")
    var dryRun = false

    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    @Flag(
        help: """
            After a restore of PostgreSQL by pg_restore, before the service starts: lists of changed orders begin again.
            """)
    var restored = false

    func validate() throws {
        guard !(dryRun && restored) else { throw ValidationError("--restored changes the database: omit --dry-run") }
    }

    func run() async throws {
        let database = try CommandDatabase.address(config: config)
        let report = try dryRun ? Stores.migrations(of: database) : Stores.migrate(database)
        if restored { try Stores.beginEra(of: database) }
        output.print(
            text: text(report, of: database),
            json: MigrationsJSON(
                database: database.description, applied_before: report.appliedBefore, applied_now: report.appliedNow,
                pending: report.pending))
    }

    private func text(_ report: MigrationReport, of database: DatabaseAddress) -> String {
        let lines =
            report.appliedBefore.map { "already applied  \($0)" }
            + report.appliedNow.map { "applied now      \($0)" } + report.pending.map { "pending          \($0)" }
        let state = report.pending.isEmpty ? "up to date" : "\(report.pending.count) pending"
        return (lines + ["\(database): \(state)"]).joined(separator: "\n")
    }
}
