import Foundation
import GRDB
import LedgerSQL
import PayCore
import PayFlow
import StoreTestSupport
import Testing

@testable import SQLiteStore

struct BackupTests {
    private let author = Actor(PersonName("operator")!, by: .cli, from: nil)

    private var note: AuditNote { AuditNote(author, .databaseRestored, on: "the copy") }

    private func restore(_ scratch: Scratch, _ copy: String, number: Int? = nil) async throws -> Restore {
        try await FileBackup.restore(copy, to: scratch.target, number: number, audit: note, at: at(500))
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// A copy of few pages is one step, which reports no progress before its end.
    private func fillSeveralSteps(_ ledger: SQLiteLedger) async throws {
        for id in 0..<3 {
            let notice = StoredNotice(
                channel: sandbox, id: "\(id)", tradeNumber: "unknown_1", body: String(repeating: "x", count: 1_000_000))
            _ = try await ledger.record(notice, at: at(1)) { _ in .unknownTrade }
        }
    }

    @Test func `a copy of an open database is one whole file, for its owner alone`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(fullOrder("order_1"))
            let contents = try FileBackup.make(of: scratch.path, at: scratch.copy)
            // The copy has what the database's WAL had.
            try await ledger.put(order("order_2"))
            #expect(contents.rows["orders"] == 1 && contents.rows["receipts"] == 2 && contents.refundsUnderWay == 1)
            #expect(try FileBackup.check(scratch.copy) == contents)
            #expect(try mode(scratch.copy) == 0o600)
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted()
            #expect(files.filter { $0.hasPrefix("copy") || $0.hasPrefix(".") } == ["copy.sqlite"])
            try ledger.close()
        }
    }

    @Test func `writers go on while a copy is made, and the copy is the moment of its beginning`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for index in 0..<300 { try await ledger.put(order("order_\(index)", attempts: [])) }
            try await fillSeveralSteps(ledger)
            let other = try scratch.connection()
            var writes = 0
            let contents = try FileBackup.make(of: scratch.path, at: scratch.copy) { _ in
                try other.write { db in
                    try db.execute(sql: "UPDATE orders SET fence = fence + 1, updated_at = updated_at + 1000")
                }
                writes += 1
            }
            #expect(writes > 0 && contents.rows["orders"] == 300)
            let copy = try DatabaseQueue(path: scratch.copy)
            #expect(try copy.number("SELECT max(fence) FROM orders") == 0)
            try ledger.close()
        }
    }

    @Test func `an existing file is replaced only if that is asked for`() async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            try Data("mine".utf8).write(to: URL(filePath: scratch.copy))
            #expect(throws: BackupFailure.exists(scratch.copy)) {
                try FileBackup.make(of: scratch.path, at: scratch.copy)
            }
            #expect(try String(contentsOfFile: scratch.copy, encoding: .utf8) == "mine")
            _ = try FileBackup.make(of: scratch.path, at: scratch.copy, overwriting: true)
            #expect(try FileBackup.check(scratch.copy).rows["orders"] == 0)
        }
    }

    @Test func `a stopped copy leaves nothing behind`() async throws {
        struct Stop: Error {}
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await fillSeveralSteps(ledger)
            try ledger.close()
            #expect(throws: Stop.self) {
                try FileBackup.make(of: scratch.path, at: scratch.copy) { _ in throw Stop() }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path)
            #expect(!files.contains { $0.contains("copy") })
        }
    }

    @Test func `a damaged copy and a foreign file are refused`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for index in 0..<200 { try await ledger.put(order("order_\(index)", attempts: [])) }
            _ = try FileBackup.make(of: scratch.path, at: scratch.copy)
            try ledger.close()
            let file = try FileHandle(forUpdating: URL(filePath: scratch.copy))
            try file.seek(toOffset: 4_096 * 20)
            try file.write(contentsOf: Data(repeating: 0xFF, count: 4_096 * 10))
            try file.close()
            #expect(throws: (any Error).self) { try FileBackup.check(scratch.copy) }
            await #expect(throws: (any Error).self) { try await restore(scratch, scratch.copy) }
            #expect(!FileManager.default.fileExists(atPath: scratch.target))

            try Data("not a database, but long enough to look like one".utf8).write(to: URL(filePath: scratch.copy))
            #expect(throws: (any Error).self) { try FileBackup.check(scratch.copy) }
            #expect(throws: BackupFailure.missing("/nowhere")) { try FileBackup.check("/nowhere") }
        }
    }

    @Test func `a restore never replaces a database, not even a part of one`() async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            _ = try FileBackup.make(of: scratch.path, at: scratch.copy)
            for suffix in ["", "-wal", "-shm"] {
                let file = scratch.target + suffix
                try Data("old".utf8).write(to: URL(filePath: file))
                await #expect(throws: BackupFailure.databaseExists(file)) { try await restore(scratch, scratch.copy) }
                try FileManager.default.removeItem(atPath: file)
            }
        }
    }

    @Test func `a restored database is marked, and has the entry of the audit`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(fullOrder("order_1"))
            try ledger.close()
            _ = try FileBackup.make(of: scratch.path, at: scratch.copy)
            #expect(try await restore(scratch, scratch.copy).number == 1)
            let restored = try SQLiteLedger(path: scratch.target)
            #expect(try await restored.restores().map(\.number) == [1])
            #expect(try await restored.auditEntries(AuditListing(limit: 9)).map(\.note) == [note])
            #expect(try await restored.order(orderNumber("order_1"))?.numbering == Numbering(restores: 1))
            #expect(try mode(scratch.target) == 0o600)
            try restored.close()
            // The copy itself is as it was.
            #expect(try FileBackup.check(scratch.copy).restores.isEmpty)
        }
    }

    @Test func `the number of the last restore outlives the database`() async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            _ = try FileBackup.make(of: scratch.path, at: scratch.copy)
            #expect(try await restore(scratch, scratch.copy).number == 1)
            try FileManager.default.removeItem(atPath: scratch.target)
            #expect(try await restore(scratch, scratch.copy).number == 2)
            try FileManager.default.removeItem(atPath: scratch.target)
            await #expect(throws: RestoreNumberUsed(last: 2)) { try await restore(scratch, scratch.copy, number: 2) }
            #expect(try await restore(scratch, scratch.copy, number: 7).number == 7)
        }
    }

    @Test func `a database that was put in place by hand is marked, unless a service has it open`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            await #expect(throws: CopyFailure.inUse(scratch.path)) {
                try await FileBackup.markRestored(scratch.path, number: nil, audit: note, at: at(500))
            }
            try ledger.close()
            let restore = try await FileBackup.markRestored(scratch.path, number: nil, audit: note, at: at(500))
            #expect(restore.number == 1)
        }
    }

    @Test func `the clock's copies are due by their names, and the oldest goes after a newer one is complete`()
        async throws
    {
        try await withScratch { scratch in
            try scratch.ledger().close()
            let folder = scratch.folder.appending(path: "copies").path()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let copies = BackupFolder(folder, every: .seconds(3_600), keep: 2)
            func made(at second: Int) throws -> Int? {
                guard case .made(_, _, let removed) = try copies.makeIfDue(of: scratch.path, at: at(second)) else {
                    return nil
                }
                return removed
            }
            #expect(try made(at: 0) == 0 && made(at: 3_599) == nil)
            #expect(try made(at: 3_600) == 0 && made(at: 7_200) == 1)
            #expect(try copies.copies().map(\.at) == [at(3_600), at(7_200)])

            // A copy that fails removes none.
            #expect(throws: (any Error).self) {
                try copies.makeIfDue(of: scratch.folder.appending(path: "missing").path(), at: at(10_800))
            }
            #expect(try copies.copies().count == 2)
            // The clock was set back far: the copies are from the future.
            #expect(try made(at: 0) != nil)
        }
    }

    @Test func `a file of another name is no copy`() throws {
        #expect(BackupFolder.time(of: BackupFolder.name(at: noon)) == noon)
        let others = [
            "paypage.sqlite", "paypage-20261130T090000Z.sqlite-wal", ".draft-paypage-20261130T090000Z.sqlite-7",
        ]
        for name in others {
            #expect(BackupFolder.time(of: name) == nil)
        }
    }
}

extension Scratch {
    fileprivate var copy: String { folder.appendingPathComponent("copy.sqlite").path }
    fileprivate var target: String { folder.appendingPathComponent("restored.sqlite").path }
}
