import Foundation
import GRDB
import LedgerSQL
import Migrations
import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore
@testable import SQLiteStore

/// A database that was closed is one file, which may be copied alone.
@Suite struct ClosingTests {
    private static let orders = 40

    /// How many orders a copy of the file alone has.
    private func ordersInCopy(of scratch: Scratch) throws -> Int64? {
        let copy = scratch.path + ".copy"
        try FileManager.default.copyItem(atPath: scratch.path, toPath: copy)
        return try DatabaseQueue(path: copy).number("SELECT count(*) FROM orders")
    }

    private func fill(_ ledger: SQLiteLedger) async throws {
        for index in 1...Self.orders { try await ledger.put(order("order_\(index)")) }
    }

    @Test func `after close, a copy of the file alone has every order`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await fill(ledger)
            _ = try await ledger.order(orderNumber("order_1"))
            _ = try await ledger.orders(.init(OrderSearch(), limit: 5))
            #expect(try ledger.close() == .whole)
            #expect(try ordersInCopy(of: scratch) == Int64(Self.orders))
        }
    }

    @Test func `an idle process does not keep the WAL from being copied`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let other = try scratch.holder()
            try await fill(ledger)
            #expect(try other.number("SELECT count(*) FROM orders") == Int64(Self.orders))
            #expect(try ledger.close() == .whole)
            #expect(try ordersInCopy(of: scratch) == Int64(Self.orders))
        }
    }

    @Test func `a reader of the last commit does not keep the WAL from being copied`() async throws {
        try await withScratch { scratch in
            let ledger = try SQLiteLedger(path: scratch.path, busyLimit: .milliseconds(20))
            let other = try scratch.holder()
            try await fill(ledger)
            try other.inDatabase { try $0.execute(sql: "BEGIN; SELECT count(*) FROM orders") }
            #expect(try ledger.close() == .whole)
            #expect(try ordersInCopy(of: scratch) == Int64(Self.orders))
        }
    }

    @Test func `a reader of an older commit makes close report the WAL`() async throws {
        try await withScratch { scratch in
            let ledger = try SQLiteLedger(path: scratch.path, busyLimit: .milliseconds(20))
            let other = try scratch.holder()
            try await ledger.put(order("order_0"))
            try other.inDatabase { try $0.execute(sql: "BEGIN; SELECT count(*) FROM orders") }
            try await fill(ledger)
            #expect(try ledger.close() == .needsWAL(because: "another process reads or writes the database"))
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
        }
    }

    @Test func `a migration is complete in the file, also while another process has the file open`() async throws {
        try await withScratch { scratch in
            let later = Migration(name: "v9999_later", sql: "CREATE TABLE later (id INTEGER) STRICT;")
            try Schema.migrate(at: scratch.path)
            let other = try DatabasePool(path: scratch.path)
            try await other.write { try $0.execute(sql: "CREATE TABLE theirs (id INTEGER PRIMARY KEY)") }
            try Schema.migrate(at: scratch.path, by: SchemaHistory.sqlite + [later])
            let copy = scratch.path + ".copy"
            try FileManager.default.copyItem(atPath: scratch.path, toPath: copy)
            #expect(throws: SchemaError.newer(migration: later.name)) { try Schema.report(at: copy) }
            try other.close()
        }
    }
}

/// The modes of the database files.
@Suite struct FileModeTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions].flatMap { $0 as? NSNumber }?.intValue
    }

    @Test func `a new database, its WAL and its index are readable for their owner alone`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1"))
            for suffix in ["", "-wal", "-shm"] { #expect(try mode(scratch.path + suffix) == 0o600, "\(suffix)") }
            try ledger.close()
            #expect(try mode(scratch.path) == 0o600)
        }
    }

    @Test func `an existing database keeps its file mode`() async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: scratch.path)
            try scratch.ledger().close()
            #expect(try mode(scratch.path) == 0o640)
        }
    }
}

/// Why a database is not opened, in words that name the path and say what to do.
@Suite struct OpeningTests {
    private func refusal(_ path: String) -> String? {
        do {
            _ = try SQLiteLedger(path: path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a folder in place of the file is reported`() async throws {
        try await withScratch { scratch in
            let folder = scratch.folder.path
            let message = try #require(refusal(folder))
            #expect(message.hasPrefix("\(folder) is a folder") && message.contains("database.url"))
        }
    }

    @Test func `a missing folder is reported`() async throws {
        try await withScratch { scratch in
            let folder = scratch.folder.path + "/nowhere"
            let message = try #require(refusal(folder + "/paypage.sqlite"))
            #expect(message.contains("folder \(folder) does not exist") && message.contains("mkdir -p"))
        }
    }

    @Test func `a file in place of the folder is reported`() async throws {
        try await withScratch { scratch in
            try Data("a file".utf8).write(to: URL(filePath: scratch.path))
            #expect(refusal(scratch.path + "/paypage.sqlite")?.contains("\(scratch.path) does not exist") == true)
        }
    }

    private static let facts = FileFacts(folder: "/data", user: 998)

    @Test func `missing permissions are reported with the owner and the user`() {
        var facts = Self.facts
        facts.folderIsWritable = false
        #expect(facts.mistake(at: "/data/p.db") == .folderIsNotWritable(folder: "/data", user: 998))
        facts.forbidden = .init(path: "/data/p.db-shm", owner: 0)
        #expect(facts.mistake(at: "/data/p.db") == .isNotWritable(path: "/data/p.db-shm", owner: 0, user: 998))
        let words = "\(SchemaError.isNotWritable(path: "/data/p.db", owner: 0, user: 998))"
        #expect(words.contains("/data/p.db belongs to user id 0") && words.contains("chown 998 /data/p.db"))
        #expect(Self.facts.mistake(at: "/data/p.db") == nil)
    }

    @Test(arguments: [
        (ResultCode.SQLITE_BUSY, "is locked by another process"), (.SQLITE_FULL, "is full"),
        (.SQLITE_READONLY, "mounted read-only"), (.SQLITE_IOERR, "check its disk"),
        (.SQLITE_CORRUPT, "from a backup"), (.SQLITE_NOTADB, "is not an SQLite database"),
    ]) func `other SQLite errors at opening name the path`(code: ResultCode, words: String) async throws {
        try await withScratch { scratch in
            try scratch.ledger().close()
            let message = "\(SchemaError.why(scratch.path, isNotOpenedBy: DatabaseError(resultCode: code)))"
            #expect(message.contains(words) && message.contains(scratch.path))
        }
    }

    @Test func `an error that has nothing to do with the file is passed on`() {
        let error = DatabaseError(resultCode: .SQLITE_CONSTRAINT, message: "a rule")
        #expect(SchemaError.why("/data/p.db", isNotOpenedBy: error) is DatabaseError)
    }
}
