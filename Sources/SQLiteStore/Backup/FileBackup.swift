import CSQLite
import Foundation
import GRDB
import LedgerSQL
import Migrations
package import PayCore
package import PayFlow

/// Copies of an SQLite database, made while services write into it.
///
/// The copy is one snapshot, read through SQLite's online backup. It has no `-wal` file, and is checked whole before it
/// gets its name. Every call blocks.
package enum FileBackup {
    /// Copies this many pages, 1 MiB, between two reports of the progress.
    private static let pagesPerStep: CInt = 256

    /// The part of the pages that is copied, from 0 to 1. An error that it throws stops the copy.
    package typealias Progress = (_ copied: Double) throws -> Void

    /// Copies the database at `path` to a new file. Writers of the database go on meanwhile.
    ///
    /// The file is written under another name beside it, flushed, checked, and then renamed.
    package static func make(
        of path: String, at target: String, overwriting: Bool = false, progress: @escaping Progress = { _ in }
    ) throws -> BackupContents {
        guard overwriting || !exists(target) else { throw BackupFailure.exists(target) }
        return try withDraft(for: target) { draft in
            let contents = try copy(path, to: draft, progress)
            guard overwriting || !exists(target) else { throw BackupFailure.exists(target) }
            return contents
        }
    }

    /// Checks a copy whole: every page, every reference between rows, and that the schema is one of ours. Changes nothing.
    package static func check(_ path: String) throws -> BackupContents {
        guard exists(path) else { throw BackupFailure.missing(path) }
        var configuration = Connections.configuration()
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { try checked(FileConnection(database: $0), path) }
        } catch {
            throw SchemaError.why(path, isNotOpenedBy: error)
        }
    }

    /// Copies a checked copy to `target`, where no database may be, and marks the database as restored. Nothing stands at
    /// `target` before all of it is done.
    ///
    /// - Parameter number: the number of the restore; nil for one more than the last that the copy or the note beside
    ///   `target` has.
    package static func restore(
        _ path: String, to target: String, number: Int?, audit: AuditNote, at now: Instant,
        progress: @escaping Progress = { _ in }
    ) async throws -> Restore {
        for file in ["", "-wal", "-shm"].map({ target + $0 }) where exists(file) {
            throw BackupFailure.databaseExists(file)
        }
        _ = try check(path)
        let draft = draftName(for: target)
        defer { remove(draft) }
        _ = try copy(path, to: draft, progress)
        try Schema.migrate(at: draft)
        let restore = try await mark(draft, RestoreNote(of: target), number: number, audit: audit, at: now)
        guard !exists(target) else { throw BackupFailure.databaseExists(target) }
        try finish(draft, as: target)
        return restore
    }

    /// Marks a database as restored that was put in its place by hand. No service may have it open.
    package static func markRestored(
        _ path: String, number: Int?, audit: AuditNote, at now: Instant
    ) async throws -> Restore {
        try FileCopyEnd.with(path: path, writes: false) { _ in }
        return try await mark(path, RestoreNote(of: path), number: number, audit: audit, at: now)
    }

    private static func mark(
        _ path: String, _ note: RestoreNote, number: Int?, audit: AuditNote, at now: Instant
    ) async throws -> Restore {
        let ledger = try SQLiteLedger(path: path)
        let restore: Restore
        do {
            let known = max(try await ledger.restores().last?.number ?? 0, try note.read())
            if let number, number <= known { throw RestoreNumberUsed(last: known) }
            // The note comes first: a number that was noted and not used harms nothing.
            try note.write(number ?? known + 1)
            restore = try await ledger.markRestored(number ?? known + 1, audit: audit, at: now)
        } catch {
            _ = try? ledger.close()
            throw error
        }
        guard try ledger.close() == .whole else { throw BackupFailure.notWhole(path) }
        return restore
    }

    private static func copy(_ path: String, to draft: String, _ progress: @escaping Progress) throws -> BackupContents
    {
        guard exists(path) else { throw BackupFailure.missing(path) }
        DatabaseFile.makeIfAbsent(at: draft)
        var configuration = Connections.configuration()
        configuration.readonly = true
        do {
            let source = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? source.close() }
            return try source.read { db in
                let source = FileConnection(database: db)
                let pending = try pendingMigrations(source, path)
                // Read first: the snapshot of the copy begins here.
                let expected = try BackupContents(source, pendingMigrations: pending)
                try Connections.withOne(to: draft) { copy in
                    try db.backup(to: copy.database, pagesPerStep: pagesPerStep) { step in
                        try progress(1 - Double(step.remainingPageCount) / Double(max(1, step.totalPageCount)))
                    }
                    // The copy is one file: it needs no `-wal` beside it, not even to be read.
                    try copy.execute("PRAGMA journal_mode = DELETE")
                    guard try checked(copy, draft) == expected else { throw BackupFailure.differs(path) }
                }
                return expected
            }
        } catch let failure as BackupFailure {
            throw failure
        } catch {
            throw SchemaError.why(path, isNotOpenedBy: error)
        }
    }

    private static func checked(_ db: FileConnection, _ path: String) throws -> BackupContents {
        let mistakes = try db.prepared("PRAGMA integrity_check(1)").all { $0.text(0) ?? "" }
        guard mistakes == ["ok"] else { throw BackupFailure.damaged(path, mistakes.first ?? "no answer") }
        let broken = try db.prepared("PRAGMA foreign_key_check").first { $0.text(0) ?? "" }
        if let broken { throw BackupFailure.damaged(path, "a row of \(broken) refers to a missing row") }
        return try BackupContents(db, pendingMigrations: try pendingMigrations(db, path))
    }

    private static func pendingMigrations(_ db: FileConnection, _ path: String) throws -> [String] {
        let migrator = Migrator(history: SchemaHistory.sqlite, path: path)
        let report = try migrator.reportInTransaction(db)
        guard !report.appliedBefore.isEmpty else { throw SchemaError.notPaypage(path: path) }
        return report.pending
    }

    private static func withDraft<Value>(for target: String, _ work: (String) throws -> Value) throws -> Value {
        let draft = draftName(for: target)
        do {
            let value = try work(draft)
            try finish(draft, as: target)
            return value
        } catch {
            remove(draft)
            throw error
        }
    }
}

/// A copy that was not made, or not restored. The database is as it was before.
package enum BackupFailure: Error, Hashable, CustomStringConvertible {
    case exists(String)
    case databaseExists(String)
    case missing(String)
    case damaged(String, String)
    case differs(String)
    case notWhole(String)
    case notWritten(String, String)
    case unreadableNote(String)

    package var description: String {
        switch self {
        case .exists(let path): "\(path) exists; name another file, or add --overwrite"
        case .databaseExists(let path):
            "\(path) exists: a restore never replaces a database; stop the service, and move the file away with its "
                + "-wal and -shm files (it may have payments that the copy does not have)"
        case .missing(let path): "no file at \(path)"
        case .damaged(let path, let reason): "\(path) is damaged (\(reason)); take an older copy"
        case .differs(let path): "the copy differs from \(path); check the disk, and try again"
        case .notWhole(let path): "\(path) could not be completed, because another process has it open"
        case .notWritten(let path, let reason): "\(path) cannot be written (\(reason))"
        case .unreadableNote(let path):
            "\(path) does not have the number of restores; write the highest number into it that this service used"
        }
    }
}
