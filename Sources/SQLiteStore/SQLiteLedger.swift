import CSQLite
package import LedgerSQL
package import PayCore
package import PayFlow
import Synchronization

/// The ledger in an SQLite file: one writer, readers beside it, and each commit durable before it is acknowledged.
///
/// No connection leaves this target: the operations of ``Ledger`` are the only access. A long read is cancelled with
/// its task. A write is not, because a provider's answer is stored even if the caller hung up.
///
/// Decisions that wait together share a commit, and get their answers after it. If that commit fails, a decision runs
/// again.
package final class SQLiteLedger: SQLLedger, Store {
    /// More than the usual number of waiting callers: a commit with all of them takes a few milliseconds.
    package static let usualWritesPerCommit = 128

    let pool: ConnectionPool
    private let pointReaders: PointReaders
    let watch: CommitWatch
    let file: DatabaseFile
    let committer: Committer
    private let wait: WriteWait
    /// The number of ``commitsOfOthers()`` at the last check; nil before the first.
    let knownCommits = Mutex<Int64?>(nil)

    /// Opens or makes the file, applies the pending migrations, and checks the settings. Blocks.
    ///
    /// - Parameter busyLimit: the longest wait of a write for another process that holds the write lock.
    package convenience init(
        path: String, writesPerCommit: Int = usualWritesPerCommit, busyLimit: Duration = Connections.busyLimit
    ) throws {
        try self.init(path: path, writesPerCommit: writesPerCommit, wait: WriteWait(limit: busyLimit))
    }

    init(
        path: String, writesPerCommit: Int, wait: WriteWait, leastRoom: UInt64 = DatabaseFile.usualRoom
    ) throws {
        self.wait = wait
        do {
            try Schema.migrate(at: path)
            pool = try ConnectionPool(path: path, busyLimit: wait.limit)
            pointReaders = try PointReaders(path: path)
            watch = try pool.write { try CommitWatch($0) }
        } catch {
            throw SchemaError.why(path, isNotOpenedBy: error)
        }
        file = DatabaseFile(path: path, leastRoom: leastRoom)
        committer = Committer(pool, writesPerCommit: writesPerCommit, watch: watch, file: file, wait: wait)
    }

    /// Finishes the queued writes, copies the WAL into the database file, and closes every connection. Later calls
    /// throw.
    @discardableResult
    package func close() throws -> ClosedDatabase {
        committer.close()
        watch.close()
        // An open reader keeps SQLite from emptying the WAL, so that ours are closed first.
        let looks = Result { try pointReaders.close() }
        let closed = emptyWAL()
        try pool.close()
        try looks.get()
        return closed
    }

    /// Waits for our own readers. Waits for another process's readers as long as a write would.
    private func emptyWAL() -> ClosedDatabase {
        do {
            return try pool.writeBehindReads { db in
                sqlite3_busy_timeout(db.handle, wait.milliseconds(until: wait.deadline()))
                return Checkpoint.truncate(db)
            }
        } catch let error where SQLiteFailure(error)?.code == SQLITE_MISUSE {
            // The pool was closed before.
            return .whole
        } catch {
            return .needsWAL(because: "\(error)")
        }
    }

    /// Throws if the path no longer leads to the open file. Costs a few system calls, and no read or write. A clock job
    /// calls it often, so that reads fail too.
    package func checkAddress() throws(LedgerUnavailable) { try file.check() }

    package func checkWritable() async throws {
        try file.checkRoom()
        try await write(.statements) { db in
            try db.prepared(
                """
                INSERT INTO readiness (id, writes) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET writes = writes % 1000000 + 1
                """
            ).run()
        }
    }

    /// Point lookup on the caller's thread. Falls back to the readers of the pool while another process recovers the
    /// WAL.
    package func find<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try refuseMovedFile()
        do {
            if let found = try pointReaders.find({ Found(value: try look($0)) }) { return found.value }
            return try await pool.read(look)
        } catch {
            throw LedgerUnavailable.orOriginal(error)
        }
    }

    /// A read that fails here is made again by the caller, who then learns why.
    package func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? {
        guard !file.isMoved else { return nil }
        return (try? pointReaders.findAtOnce { try LivePageStatement.run(query, at: now, $0) }) ?? nil
    }

    /// Several statements, which see one snapshot.
    package func read<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try refuseMovedFile()
        do {
            return try await pool.read(look)
        } catch {
            throw LedgerUnavailable.orOriginal(error)
        }
    }

    /// Another process may be at work on the file at the path: our file is outdated.
    private func refuseMovedFile() throws {
        if file.isMoved { throw LedgerUnavailable(.moved) }
    }

    /// Allows a nil result.
    private struct Found<Value> {
        let value: Value
    }

    /// One decision, which holds the write lock from its beginning on: no further lock is needed.
    package func write<Value: Sendable>(
        _ scope: WriteScope, _ work: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        switch scope {
        case .order: try await committer.write(work)
        case .work, .statements: try await committer.write { try work($0.forgettingOrders()) }
        case .longWork: try await committer.write(goesAlone: true) { try work($0.forgettingOrders()) }
        }
    }

    func onWriter<Value: Sendable>(
        _ work: @escaping @Sendable (FileConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.writeLater { db in
                continuation.resume(with: Result { try work(db) }.mapError(LedgerUnavailable.orOriginal))
            }
        }
    }
}
