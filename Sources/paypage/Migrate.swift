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
            After the database was restored from an older copy, before the service starts: skips the numbers that may be \
            used, and queries everything that may hold money. paypage restore does this for SQLite.
            """)
    var restored = false

    @Option(
        help: """
            With --restored: the number of this restore, if the copy does not know the last one. One more than all \
            restores of this service so far.
            """)
    var restoreNumber: Int?

    @OptionGroup var author: AuthorOptions

    func validate() throws {
        guard restored || restoreNumber == nil else { throw ValidationError("--restore-number needs --restored") }
        if let restoreNumber, !(1...Restore.mostNumbers).contains(restoreNumber) {
            throw ValidationError("--restore-number must be 1 to \(Restore.mostNumbers)")
        }
        guard !(dryRun && restored) else { throw ValidationError("--restored changes the database: omit --dry-run") }
    }

    func run() async throws {
        let database = try CommandDatabase.address(config: config)
        let report = try dryRun ? Stores.migrations(of: database) : Stores.migrate(database)
        if restored {
            let note = AuditNote(try author.actor(), .databaseRestored, on: "\(database)")
            try await Stores.markRestored(database, number: restoreNumber, audit: note, at: SystemClock().now())
        }
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
