import CSQLite
import Foundation
import GRDB
import GRDBSQLite

/// How connections to the database are opened.
public enum Connections {
    /// How long a write waits for another process's. A commit takes milliseconds.
    public static let busyLimit = Duration.seconds(5)
    /// How often the change to WAL is tried while another process keeps the file busy: a hundred tries, 5 s in all.
    private static let mostTries = 100
    private static let secondsBetweenTries = 0.05
    /// In KiB, each reader's: the upper levels of the trees that it looks into. The rest is in the kernel's memory, once
    /// for all of them.
    private static let readerCache = 512

    private static let countsNoMemory: Void = { _ = csqlite_without_memory_statistics() }()

    static func configuration(busyLimit: Duration = Connections.busyLimit) -> GRDB.Configuration {
        countsNoMemory
        var configuration = GRDB.Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyLimit / .seconds(1))
        configuration.prepareDatabase { db in
            if db.configuration.readonly { try db.execute(sql: "PRAGMA cache_size = -\(readerCache)") }
        }
        return configuration
    }

    /// One writer and readers beside it, in WAL mode, each commit on the disk before it is told.
    static func pool(at path: String, busyLimit: Duration = Connections.busyLimit) throws -> DatabasePool {
        let pool = try openedPool(at: path, busyLimit)
        try pool.writeWithoutTransaction { db in
            // SQLite opens a file that may not be written for reading alone, and says so with the first write.
            guard sqlite3_db_readonly(db.sqliteConnection, "main") == 0 else {
                throw DatabaseError(resultCode: .SQLITE_READONLY)
            }
            // GRDB sets NORMAL with WAL, by which a power cut may undo the last commits: here they are payments.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // The passing tables of a decision are a CHECK's list of words. A migration's may be as large as the database:
            // it has a connection of its own, and they stay on the disk.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try check("journal_mode", is: "wal", db)
            try check("synchronous", is: "2", db)
            try check("foreign_keys", is: "1", db)
        }
        return pool
    }

    /// Two processes that start at once may find the file busy while it turns to WAL: that change is made under a read
    /// lock, where SQLite doesn't wait. Blocks the thread, which only a start may.
    private static func openedPool(at path: String, _ busyLimit: Duration) throws -> DatabasePool {
        for _ in 1..<mostTries {
            do {
                return try DatabasePool(path: path, configuration: configuration(busyLimit: busyLimit))
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                Thread.sleep(forTimeInterval: secondsBetweenTries)
            }
        }
        return try DatabasePool(path: path, configuration: configuration(busyLimit: busyLimit))
    }

    private static func check(_ name: String, is expected: String, _ db: Database) throws {
        let found = try Row.fetchOne(db, sql: "PRAGMA \(name)").map { $0[0] as DatabaseValue } ?? .null
        let text = String.fromDatabaseValue(found) ?? Int64.fromDatabaseValue(found).map { String($0) }
        guard text == expected else { throw SchemaError.unsafeSetting(name: name) }
    }
}
