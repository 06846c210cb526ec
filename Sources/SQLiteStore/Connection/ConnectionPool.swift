import CSQLite
import Foundation
import GRDB
import LedgerSQL

/// The connections of one process: a writer, and readers beside it, in WAL mode. A commit is on the disk before it is
/// acknowledged.
final class ConnectionPool: Sendable {
    let pool: DatabasePool
    private let known = KnownStatements()
    private let recentOrders = RecentOrders()

    init(path: String, busyLimit: Duration = Connections.busyLimit) throws {
        pool = try Connections.openedPool(at: path, busyLimit)
        try write { db in
            // SQLite opens a file without write permission read-only, and reports that only with the first write.
            guard sqlite3_db_readonly(db.handle, "main") == 0 else { throw SQLiteFailure.error(SQLITE_READONLY) }
            // GRDB sets NORMAL with WAL, which can lose the last commits in a power cut. Here they are payments.
            try db.execute("PRAGMA synchronous = FULL")
            try Self.check("journal_mode", is: "wal", db)
            try Self.check("synchronous", is: "2", db)
            try Self.check("foreign_keys", is: "1", db)
        }
    }

    private static func check(_ name: String, is expected: String, _ db: FileConnection) throws {
        let found = try db.prepared("PRAGMA \(name)").first { $0.text(0) } ?? nil
        guard found == expected else { throw SchemaError.unsafeSetting(name: name) }
    }

    /// Several statements on a reader, which see one snapshot.
    func read<Value: Sendable>(_ look: @escaping @Sendable (FileConnection) throws -> Value) async throws -> Value {
        try await pool.read { try look(FileConnection(database: $0)) }
    }

    /// One statement on a reader. It is a snapshot by itself, without a transaction.
    func readOnce<Value: Sendable>(_ look: @escaping @Sendable (FileConnection) throws -> Value) async throws -> Value {
        try await pool.unsafeRead { try look(FileConnection(database: $0)) }
    }

    /// Work on the writer, outside any transaction. Blocks.
    func write<Value>(_ work: (FileConnection) throws -> Value) rethrows -> Value {
        try pool.writeWithoutTransaction { try work(writer($0)) }
    }

    /// Work on the writer when its turn comes, outside any transaction.
    func writeLater(_ work: @escaping @Sendable (FileConnection) -> Void) {
        pool.asyncWriteWithoutTransaction { work(self.writer($0)) }
    }

    private func writer(_ database: Database) -> FileConnection {
        FileConnection(database: database, known: known, recentOrders: recentOrders)
    }

    /// Work on the writer after all reads of this process have ended. Blocks.
    func writeBehindReads<Value>(_ work: (FileConnection) throws -> Value) throws -> Value {
        try pool.barrierWriteWithoutTransaction { try work(FileConnection(database: $0)) }
    }

    func close() throws {
        pool.writeWithoutTransaction { _ in known.removeAll() }
        try pool.close()
    }
}

/// The settings of every connection.
public enum Connections {
    /// The longest wait of a write for another process's. A commit takes milliseconds.
    public static let busyLimit = Duration.seconds(5)
    /// The change to WAL is tried so often while another process keeps the file busy: 5 s in all.
    private static let mostTries = 100
    private static let secondsBetweenTries = 0.05
    /// In KiB, for each reader: the upper levels of the trees. The kernel's cache has the rest, once for all readers.
    private static let readerCache = 512
    /// In KiB, for the writer, which changes a page of each of twenty trees for an order.
    private static let writerCache = 16_384

    /// The statement journals of a decision take some 40 KiB. Below this limit they are no files, and one allocation
    /// each. With `temp_store = MEMORY` they would be an allocation for each KiB.
    private static let statementJournal: CInt = 1 << 20

    private static let libraryIsConfigured: Void = {
        _ = csqlite_without_memory_statistics()
        _ = csqlite_statement_journal(statementJournal)
    }()

    static func configuration(busyLimit: Duration = Connections.busyLimit) -> GRDB.Configuration {
        libraryIsConfigured
        var configuration = GRDB.Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyLimit / .seconds(1))
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(db.configuration.readonly ? readerCache : writerCache)")
        }
        return configuration
    }

    /// A connection of its own, for a migration. It leaves the journal mode alone: looking at another program's
    /// database must not change it.
    static func withOne<Value>(to path: String, _ work: (FileConnection) throws -> Value) throws -> Value {
        let queue = try DatabaseQueue(path: path, configuration: configuration())
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { try work(FileConnection(database: $0)) }
    }

    /// Two processes that start at once may find the file busy while its journal mode changes to WAL: SQLite makes that
    /// change under a read lock, without waiting. Blocks the thread, which only a start may do.
    fileprivate static func openedPool(at path: String, _ busyLimit: Duration) throws -> DatabasePool {
        for _ in 1..<mostTries {
            do {
                return try DatabasePool(path: path, configuration: configuration(busyLimit: busyLimit))
            } catch let error where SQLiteFailure(error)?.code == SQLITE_BUSY {
                Thread.sleep(forTimeInterval: secondsBetweenTries)
            }
        }
        return try DatabasePool(path: path, configuration: configuration(busyLimit: busyLimit))
    }
}
