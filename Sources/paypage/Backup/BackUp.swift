import ArgumentParser
import Foundation
import PayFlow
import SQLiteStore

struct BackUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database to a file, while the service runs, and checks the copy.",
        discussion: """
            The copy is one SQLite file, readable for its owner alone. It gets its name once every page of it is checked. \
            PostgreSQL has its own tools: the command says which.
            """)

    @Argument(help: "The file to write.")
    var file: String

    @Flag(help: "Replace the file if it exists.")
    var overwrite = false

    @OptionGroup var author: AuthorOptions
    @OptionGroup var output: OutputOption

    @Option(help: "A YAML or JSON file with settings; only database.url is read.")
    var config: String?

    func run() async throws {
        let actor = try author.actor()
        let database = try CommandDatabase.address(config: config)
        guard case .sqlite(let path) = database else { throw CommandFailure(Self.ofServer) }
        let progress = CopyProgress("copied")
        let contents = try FileBackup.make(of: path, at: file, overwriting: overwrite, progress: progress.tell)
        try await CommandDatabase.with(config: config) { store in
            let note = AuditNote(actor, .databaseBackedUp, on: file, detail: "\(contents.rows["orders"] ?? 0) orders")
            try await store.audit(note, at: SystemClock().now())
        }
        output.print(
            text: "\(file) is a whole copy of \(database)\n\(ContentsTable(contents).text)",
            json: BackupJSON(file: file, contents: ContentsJSON(contents)))
    }

    /// The commands for PostgreSQL, which has no single file.
    static let ofServer = """
        the database is on PostgreSQL, whose own tools make better copies:
          pg_basebackup --pgdata=DIR --wal-method=stream --checkpoint=fast   a copy of the whole server
          archive_mode = on, archive_command = '…'                           every change since, for a restore to the second
          pg_dump --format=custom --file=FILE DATABASE                       a copy of this database alone
        after a restore, before the service starts: paypage migrate --restored
        """
}

struct BackupJSON: Encodable {
    let file: String
    let contents: ContentsJSON
}

/// Reports the progress of a long copy on standard error, each time another tenth is done.
struct CopyProgress {
    /// A copy that is done within this time reports nothing.
    private static let quiet = Duration.seconds(2)

    private let word: String
    private let begin = ContinuousClock.now
    private let told = Told()

    private final class Told {
        var tenths = 0
    }

    init(_ word: String) {
        self.word = word
    }

    func tell(_ part: Double) {
        let tenths = Int(part * 10)
        guard tenths > told.tenths, ContinuousClock.now - begin > Self.quiet else { return }
        told.tenths = tenths
        FileHandle.standardError.write(Data("\(tenths * 10) % \(word)\n".utf8))
    }
}
