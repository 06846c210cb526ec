import ArgumentParser
import PayCore
import PayFlow
import SQLiteStore

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Puts a copy of an SQLite database in the place of database.url, and marks it as restored.",
        discussion: """
            Stop the service first, and move the old files away: a restore never replaces a database. The mark makes the \
            service skip every number that it may have used since the copy, and query everything that may hold money. \
            Run paypage reconcile afterwards.
            """)

    @Argument(help: "The copy, as paypage backup made it.")
    var file: String

    @Flag(help: "Only check the copy, and show what is in it. Changes nothing.")
    var check = false

    @Option(
        help: """
            The number of this restore. Set it if an earlier restore is known neither to the copy nor to the file \
            DATABASE.restores: one more than all restores of this service so far.
            """)
    var number: Int?

    @OptionGroup var author: AuthorOptions
    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func validate() throws {
        if let number, !(1...PayFlow.Restore.mostNumbers).contains(number) {
            throw ValidationError("--number must be 1 to \(PayFlow.Restore.mostNumbers)")
        }
    }

    func run() async throws {
        if check {
            let contents = try FileBackup.check(file)
            return output.print(
                text: "\(file) is a whole copy\n\(ContentsTable(contents).text)",
                json: RestoreJSON(file: file, contents: ContentsJSON(contents), restore: nil))
        }
        let actor = try author.actor()
        let database = try CommandDatabase.address(config: config)
        guard case .sqlite(let path) = database else {
            throw CommandFailure(
                "the database is on PostgreSQL: restore it by its own tools, then run paypage migrate --restored")
        }
        let progress = CopyProgress("restored")
        let restore = try await FileBackup.restore(
            file, to: path, number: number, audit: AuditNote(actor, .databaseRestored, on: file),
            at: SystemClock().now(), progress: progress.tell)
        let contents = try FileBackup.check(file)
        output.print(
            text: """
                \(path) is restored from \(file), restore \(restore.number)
                \(ContentsTable(contents).text)
                new attempts begin at _\(Numbering(restores: restore.number).lastLostSequence + 1)
                next: start the service, then run paypage attention, and paypage reconcile for the days since the copy
                """,
            json: RestoreJSON(file: file, contents: ContentsJSON(contents), restore: restore.number))
    }
}

struct RestoreJSON: Encodable {
    let file: String
    let contents: ContentsJSON
    /// Nil if the copy was only checked.
    let restore: Int?
}
