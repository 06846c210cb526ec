import GRDB
import Synchronization

/// The one writer: puts decisions that wait together into one transaction, so that they share its way to the disk.
///
/// Each is told what became of it behind the commit that holds it, never before. One that throws harms no other: decisions
/// throw before they write, and when one has written nevertheless, all of them begin again, each alone. A savepoint for each
/// would spare them that, but costs every one of them, every time.
final class Committer: Sendable {
    /// The pages in the WAL from which on they are copied to the database file: SQLite's own number.
    private static let checkpointPages = 1_000

    private let pool: DatabasePool
    private let watch: CommitWatch
    private let queue: Mutex<CommitQueue<QueuedWrite>>

    init(_ pool: DatabasePool, writesPerCommit: Int, watch: CommitWatch) {
        self.pool = pool
        self.watch = watch
        queue = Mutex(CommitQueue(writesPerCommit: writesPerCommit))
    }

    /// Never given up with the task that asked: see ``SQLiteLedger``.
    func write<Value: Sendable>(
        goesAlone: Bool = false, _ work: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { caller in
            submit(QueuedWrite(work, for: caller), goesAlone: goesAlone)
        }
    }

    func submit(_ write: QueuedWrite, goesAlone: Bool = false) {
        switch queue.withLock({ $0.arrive(write, goesAlone: goesAlone) }) {
        case .commit: commitLater()
        case .wait: break
        case .refuse: write.fail(LedgerClosed())
        }
    }

    /// Commits what waits, and refuses what comes. Blocks meanwhile.
    func close() {
        queue.withLock { $0.close() }
        pool.writeWithoutTransaction { db in
            while commitNext(db) {}
        }
    }

    /// A turn for each commit: whoever else has to do with the writer gets one between them.
    private func commitLater() {
        pool.asyncWriteWithoutTransaction { [self] db in
            _ = commitNext(db)
            switch queue.withLock({ $0.committed() }) {
            case .commit: commitLater()
            case .rest: break
            }
        }
    }

    /// False when nothing waits.
    private func commitNext(_ db: Database) -> Bool {
        let writes = queue.withLock { $0.takeNext() }
        if writes.count == 1 {
            commitAlone(writes[0], db)
        } else if writes.count > 1 {
            commitTogether(writes, db)
        }
        checkpoint(db)
        return !writes.isEmpty
    }

    private func commitAlone(_ write: QueuedWrite, _ db: Database) {
        do {
            try Transaction.begin(db)
            let answer = try write.run(db)
            try Transaction.commit(db)
            answer()
        } catch {
            // What went wrong first is what is told.
            Transaction.rollback(db)
            write.fail(error)
        }
    }

    private func commitTogether(_ writes: [QueuedWrite], _ db: Database) {
        do {
            try Transaction.begin(db)
        } catch {
            // Another process keeps the right to write: each alone would wait as long for it, one behind the other.
            for write in writes { write.fail(error) }
            return
        }
        do {
            let outcomes = try writes.map { try outcome(of: $0, db) }
            // Where nothing was written, there is nothing to bring to the disk.
            if outcomes.contains(where: \.isKept) { try Transaction.commit(db) } else { try db.rollback() }
            for (write, outcome) in zip(writes, outcomes) { write.tell(outcome) }
        } catch {
            // Whose fault it was can't be told, and nobody shall fare worse in company than alone.
            Transaction.rollback(db)
            for write in writes { commitAlone(write, db) }
        }
    }

    /// What the caller is to be told behind the commit. Throws when the whole transaction is lost: SQLite rolled it back, or
    /// there is something in it that its writer takes back.
    ///
    /// A refusal waits for the commit too: it may rest on what another one wrote in this transaction, and that has not
    /// happened before it is on the disk.
    private func outcome(of write: QueuedWrite, _ db: Database) throws -> QueuedWrite.Outcome {
        let changesBefore = db.totalChangesCount
        do {
            return .kept(try write.run(db))
        } catch {
            guard db.isInsideTransaction, db.totalChangesCount == changesBefore else { throw error }
            return .wroteNothing(error)
        }
    }

    /// Behind the answers, so that no caller waits for it. What can't be copied now is copied later, as when SQLite does
    /// this by itself.
    private func checkpoint(_ db: Database) {
        guard watch.takePagesInWAL() >= Self.checkpointPages else { return }
        _ = try? db.checkpoint(.passive)
    }
}

/// As GRDB's own, but prepared once for the connection: these run as often as anything.
private enum Transaction {
    /// With the only right to write from its beginning on.
    static func begin(_ db: Database) throws { try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute() }

    static func commit(_ db: Database) throws { try db.cachedStatement(sql: "COMMIT").execute() }

    /// SQLite may have done so by itself. Of that GRDB hears with the next statement that it runs, which mustn't be the
    /// beginning of the next transaction.
    static func rollback(_ db: Database) {
        try? db.rollback()
        try? db.execute(sql: "SELECT 1")
    }
}
