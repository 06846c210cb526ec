import ArgumentParser
import Foundation
import LedgerSQL
import Migrations
import PayFlow
import PostgresStore
import SQLiteStore

struct Copy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies a database from SQLite to PostgreSQL, or back, and compares both.",
        discussion: """
            Stop the service first. The target must be empty and migrated (paypage migrate). All rows come in one \
            transaction: an interrupted copy leaves the target empty.
            """)

    @Option(help: "The database to copy, as in database.url.")
    var from: String

    @Option(help: "The empty database to copy to, as in database.url.")
    var to: String

    @OptionGroup var author: AuthorOptions

    @OptionGroup var output: OutputOption

    func run() async throws {
        let actor = try author.actor()
        let (source, target) = (try address(from, "--from"), try address(to, "--to"))
        for database in [source, target] { try requireMigrated(database) }
        let reports = try Self.copy(source, to: target, progress: Self.tell)
        try await Self.note(source, to: target, rows: reports.map(\.rows).reduce(0, +), by: actor)
        output.print(
            text: "\(CopyTable(reports).text)\n\(source) and \(target) have the same rows",
            json: CopyJSON(reports, from: source, to: target))
    }

    /// Stores the copy in the audit of the target, once the same rows of both databases are compared.
    static func note(_ source: DatabaseAddress, to target: DatabaseAddress, rows: Int, by actor: Actor) async throws {
        let store = try await Stores.openMigrated(target)
        try await store.audit(
            AuditNote(actor, .databaseCopied, on: "\(target)", detail: "\(rows) rows from \(source)"),
            at: SystemClock().now())
        try await store.close()
    }

    /// Copies all rows in one transaction, and compares both databases before it is committed. Blocks.
    static func copy(
        _ source: DatabaseAddress, to target: DatabaseAddress,
        progress: @escaping (_ table: String, _ rows: Int) -> Void
    ) throws -> [TableCopy.Report] {
        switch (source, target) {
        case (.sqlite(let path), .postgres(let uri)):
            try FileCopyEnd.with(path: path, writes: false) { file in
                try ServerCopyEnd.with(uri: uri, name: "\(target)", writes: true) { server in
                    try TableCopy(from: file, to: server, progress: progress).run(file.tables())
                }
            }
        case (.postgres(let uri), .sqlite(let path)):
            try ServerCopyEnd.with(uri: uri, name: "\(source)", writes: false) { server in
                try FileCopyEnd.with(path: path, writes: true) { file in
                    try TableCopy(from: server, to: file, progress: progress).run(file.tables())
                }
            }
        case (.sqlite, .sqlite), (.postgres, .postgres):
            throw CommandFailure("both databases are of one kind: copy a file by paypage backup, a server by pg_dump")
        }
    }

    private func address(_ text: String, _ option: String) throws -> DatabaseAddress {
        do {
            return try SettingRules.databaseAddress(text)
        } catch {
            throw CommandFailure("\(option) \(error.problem); \(error.remedy)")
        }
    }

    private func requireMigrated(_ database: DatabaseAddress) throws {
        if case .sqlite(let path) = database, !FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("no database at \(path): for a new one, run paypage migrate first")
        }
        guard try Stores.migrations(of: database).pending.isEmpty else {
            throw CommandFailure("\(database) has pending migrations: run paypage migrate first")
        }
    }

    /// A line for each 100,000 rows.
    private static func tell(_ table: String, _ rows: Int) {
        guard rows % 100_000 == 0 else { return }
        FileHandle.standardError.write(Data("\(rows) rows of \(table) copied\n".utf8))
    }
}

/// A table of the rows that were copied.
struct CopyTable {
    private let reports: [TableCopy.Report]

    init(_ reports: [TableCopy.Report]) {
        self.reports = reports
    }

    var text: String {
        let rows = reports.map { report in
            [report.table, "\(report.rows)", report.amount.map { "\($0)" } ?? "-"]
        }
        return TextTable(head: ["TABLE", "ROWS", "SUM OF AMOUNTS"], rows: rows).text
    }
}

/// The JSON of `paypage copy`.
struct CopyJSON: Encodable {
    struct Table: Encodable {
        let table: String
        let rows: Int
        /// In minor units of all currencies.
        let sum_of_amounts: Int64?
    }

    let from: String
    let to: String
    let tables: [Table]

    init(_ reports: [TableCopy.Report], from source: DatabaseAddress, to target: DatabaseAddress) {
        from = source.description
        to = target.description
        tables = reports.map { Table(table: $0.table, rows: $0.rows, sum_of_amounts: $0.amount) }
    }
}
