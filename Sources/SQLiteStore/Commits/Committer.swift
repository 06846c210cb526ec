import CSQLite
import PayFlow
import Synchronization

/// The one writer: puts waiting decisions into one transaction, so that they share one sync of the disk.
///
/// A caller gets its answer after the commit, never before. A decision that throws harms no other: decisions throw
/// before they write. If one has written nevertheless, all of them run again, each in its own transaction. A savepoint
/// for each decision would avoid that, but would cost every one of them, every time.
final class Committer: Sendable {
    /// The WAL's length in pages from which on it is copied to the database file: 16 MB. A page that many commits wrote
    /// is copied once. Up to 4,062 pages, a reader looks a page up in one table.
    private static let checkpointPages = 4_000

    private let pool: ConnectionPool
    private let watch: CommitWatch
    private let file: DatabaseFile
    private let wait: WriteWait
    private let queue: Mutex<CommitQueue<TimedWrite>>

    /// A write, and the end of its wait for another process.
    private struct TimedWrite {
        let write: QueuedWrite
        let deadline: ContinuousClock.Instant
    }

    init(_ pool: ConnectionPool, writesPerCommit: Int, watch: CommitWatch, file: DatabaseFile, wait: WriteWait) {
        self.pool = pool
        self.watch = watch
        self.file = file
        self.wait = wait
        queue = Mutex(CommitQueue(writesPerCommit: writesPerCommit))
    }

    /// Not cancelled with the caller's task: see ``SQLiteLedger``.
    func write<Value: Sendable>(
        goesAlone: Bool = false, _ work: @escaping @Sendable (FileConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { caller in
            submit(QueuedWrite(work, for: caller), goesAlone: goesAlone)
        }
    }

    func submit(_ write: QueuedWrite, goesAlone: Bool = false) {
        let timed = TimedWrite(write: write, deadline: wait.deadline())
        switch queue.withLock({ $0.arrive(timed, goesAlone: goesAlone) }) {
        case .commit: commitLater()
        case .wait: break
        case .refuse: write.fail(LedgerClosed())
        }
    }

    /// Commits the waiting writes, and refuses new ones. Blocks.
    func close() {
        queue.withLock { $0.close() }
        pool.write { db in
            while commitNext(db) {}
        }
    }

    /// Takes one turn on the writer's queue for each commit, so that other work on the writer gets its turn in between.
    private func commitLater() {
        pool.writeLater { [self] db in
            _ = commitNext(db)
            switch queue.withLock({ $0.committed() }) {
            case .commit: commitLater()
            case .rest: break
            }
        }
    }

    /// False if nothing waits.
    private func commitNext(_ db: FileConnection) -> Bool {
        let writes = queue.withLock { $0.takeNext() }
        if writes.count == 1 {
            commitAlone(writes[0], db)
        } else if writes.count > 1 {
            commitTogether(writes, db)
        }
        checkpoint(db)
        return !writes.isEmpty
    }

    private func commitAlone(_ timed: TimedWrite, _ db: FileConnection) {
        let write = timed.write
        let answer: QueuedWrite.Answer
        do {
            try begin(before: timed.deadline, db)
            answer = try write.run(db)
            try db.commit()
        } catch {
            // The caller gets the first error, not the rollback's.
            db.rollbackIfAny()
            write.fail(LedgerUnavailable.orOriginal(error))
            return
        }
        tell([(write, .kept(answer))])
    }

    private func commitTogether(_ writes: [TimedWrite], _ db: FileConnection) {
        let writes = beginTogether(writes, db)
        guard !writes.isEmpty else { return }
        let outcomes: [QueuedWrite.Outcome]
        do {
            outcomes = try writes.map { try outcome(of: $0.write, db) }
            // Without a write there is nothing to commit.
            if outcomes.contains(where: \.isKept) { try db.commit() } else { try db.rollback() }
        } catch {
            // The fault can't be attributed to one write, and no write may fail because of another one.
            db.rollbackIfAny()
            for write in writes { commitAlone(write, db) }
            return
        }
        tell(Array(zip(writes.map(\.write), outcomes)))
    }

    /// Begins a transaction for the writes that have time left, and returns them, the oldest first. While another
    /// process holds the write lock, each write fails at its own deadline.
    private func beginTogether(_ writes: [TimedWrite], _ db: FileConnection) -> [TimedWrite] {
        var writes = writes[...]
        while let oldest = writes.first {
            do {
                try begin(before: oldest.deadline, db)
                return Array(writes)
            } catch {
                let failure = LedgerUnavailable(error)
                // Any failure but a lock is the same for all of them.
                let failed = failure?.reason == .busy ? writes.prefix { wait.isOver($0.deadline) } : writes
                // SQLite's clock may be slightly ahead of ours: at least one write fails in each round, so that the
                // loop ends.
                let count = max(1, failed.count)
                for timed in writes.prefix(count) { timed.write.fail(failure ?? error) }
                writes = writes.dropFirst(count)
            }
        }
        return []
    }

    private func begin(before deadline: ContinuousClock.Instant, _ db: FileConnection) throws {
        sqlite3_busy_timeout(db.handle, wait.milliseconds(until: deadline))
        try db.begin()
    }

    /// Answers after the commit. A commit in a file that no later start opens is not acknowledged.
    private func tell(_ answers: [(write: QueuedWrite, outcome: QueuedWrite.Outcome)]) {
        do throws(LedgerUnavailable) {
            try file.check()
        } catch {
            for answer in answers { answer.write.fail(error) }
            return
        }
        for answer in answers { answer.write.tell(answer.outcome) }
    }

    /// The answer for the caller after the commit. Throws if the whole transaction is lost: SQLite rolled it back, or
    /// it has changes of a write that failed.
    ///
    /// A refusal waits for the commit too: it may depend on another write of this transaction, and that write isn't
    /// durable before the commit.
    private func outcome(of write: QueuedWrite, _ db: FileConnection) throws -> QueuedWrite.Outcome {
        let changesBefore = db.totalChanges
        do {
            return .kept(try write.run(db))
        } catch {
            guard db.isInTransaction, db.totalChanges == changesBefore else { throw error }
            return .wroteNothing(error)
        }
    }

    /// Runs after the answers, so that no caller waits for it. A copy that fails now is made later, as by SQLite
    /// itself.
    private func checkpoint(_ db: FileConnection) {
        guard watch.takePagesInWAL() >= Self.checkpointPages else { return }
        _ = try? db.checkpoint()
    }
}
