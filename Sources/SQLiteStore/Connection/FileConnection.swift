import CSQLite
import GRDB
import LedgerSQL

/// A connection to the file, and the one way to run SQL. Valid for the work that it was handed to.
///
/// GRDB owns the connection, its queue and its prepared statements. Nothing outside this folder names GRDB.
struct FileConnection: Connection {
    let database: Database
    /// Nil for a connection that runs few statements.
    var known: KnownStatements?
    /// Nil for a connection that only reads.
    var recentOrders: RecentOrders?

    var dialect: Dialect { .sqlite }

    /// SQLite's own handle.
    var handle: OpaquePointer? { database.sqliteConnection }

    /// A statement that the connection prepares once.
    func prepared(_ sql: String) throws -> any PreparedStatement {
        SQLiteStatement(try database.cachedStatement(sql: sql))
    }

    func prepared(_ sql: NumberedSQL) throws -> any PreparedStatement {
        SQLiteStatement(try known?.statement(sql, database) ?? database.cachedStatement(sql: sql.text[dialect]))
    }

    /// Runs a text of several statements without values, such as a migration.
    func execute(_ script: String) throws { try database.execute(sql: script) }

    /// The rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// The same connection, for a write that may change any order.
    func forgettingOrders() -> FileConnection {
        recentOrders?.removeAll()
        return self
    }

    /// The rows that were changed since the connection was opened.
    var totalChanges: Int { Int(sqlite3_total_changes(handle)) }

    var isInTransaction: Bool { database.isInsideTransaction }
}

// GRDB has its own functions for transactions. These statements are prepared once: they run as often as anything.
extension FileConnection {
    /// Begins a transaction that holds the write lock from its beginning on.
    func begin() throws {
        try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        guard let recentOrders else { return }
        do {
            let version = try prepared(Self.commitsOfOthers).first { $0.integer(0) }
            recentOrders.removeAll(unlessStillAt: version ?? 0)
        } catch {
            // A caller whose transaction did not begin does not end it.
            rollbackIfAny()
            throw error
        }
    }

    /// A number that changes with every commit of another connection.
    static let commitsOfOthers = NumberedSQL("PRAGMA data_version")

    func commit() throws { try database.cachedStatement(sql: "COMMIT").execute() }

    func rollback() throws {
        recentOrders?.removeAll()
        try database.rollback()
    }

    /// Ends a transaction that SQLite may have rolled back by itself. GRDB notices that with the next statement that it
    /// runs, which must not be the beginning of the next transaction.
    func rollbackIfAny() {
        try? rollback()
        try? database.execute(sql: "SELECT 1")
    }

    enum TransactionKind {
        /// A snapshot for reads.
        case deferred
        case immediate
    }

    /// Commits if `work` returns true, and rolls back otherwise.
    func inTransaction(_ kind: TransactionKind, _ work: () throws -> Bool) throws {
        try database.inTransaction(kind == .deferred ? .deferred : .immediate) {
            try work() ? .commit : .rollback
        }
    }
}

extension FileConnection {
    /// Copies the WAL into the database file and empties it. Waits for readers as long as the connection waits for a
    /// lock.
    func checkpointAndEmpty() throws { _ = try database.checkpoint(.truncate) }

    /// Copies what can be copied without waiting. Returns whether everything was copied.
    @discardableResult
    func checkpoint() throws -> Bool {
        let counts = try database.checkpoint(.passive)
        return counts.walFrameCount == counts.checkpointedFrameCount
    }
}
