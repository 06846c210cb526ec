import CSQLite
import PayFlow
import PayRecords
import Synchronization

/// The one writer: puts decisions that wait together into one transaction, so that they share its way to the disk.
///
/// Each is told what became of it behind the commit that holds it, never before. One that throws harms no other: decisions
/// throw before they write, and when one has written nevertheless, all of them begin again, each alone. A savepoint for each
/// would spare them that, but costs every one of them, every time.
final class Committer: Sendable {
    /// The pages in the WAL from which on they are copied to the database file: SQLite's own number.
    private static let checkpointPages = 1_000

    private let pool: ConnectionPool
    private let watch: CommitWatch
    private let file: DatabaseFile
    private let wait: WriteWait
    private let queue: Mutex<CommitQueue<TimedWrite>>

    /// A write, and until when it may wait for another process.
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

    /// Never given up with the task that asked: see ``SQLiteLedger``.
    func write<Value: Sendable>(
        goesAlone: Bool = false, _ work: @escaping @Sendable (Connection) throws -> Value
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

    /// Commits what waits, and refuses what comes. Blocks meanwhile.
    func close() {
        queue.withLock { $0.close() }
        pool.write { db in
            while commitNext(db) {}
        }
    }

    /// A turn for each commit: whoever else has to do with the writer gets one between them.
    private func commitLater() {
        pool.writeLater { [self] db in
            _ = commitNext(db)
            switch queue.withLock({ $0.committed() }) {
            case .commit: commitLater()
            case .rest: break
            }
        }
    }

    /// False when nothing waits.
    private func commitNext(_ db: Connection) -> Bool {
        let writes = queue.withLock { $0.takeNext() }
        if writes.count == 1 {
            commitAlone(writes[0], db)
        } else if writes.count > 1 {
            commitTogether(writes, db)
        }
        checkpoint(db)
        return !writes.isEmpty
    }

    private func commitAlone(_ timed: TimedWrite, _ db: Connection) {
        let write = timed.write
        let answer: QueuedWrite.Answer
        do {
            try begin(before: timed.deadline, db)
            answer = try write.run(db)
            try db.commit()
        } catch {
            // What went wrong first is what is told.
            db.rollbackIfAny()
            write.fail(LedgerUnavailable.orOriginal(error))
            return
        }
        tell([(write, .kept(answer))])
    }

    private func commitTogether(_ writes: [TimedWrite], _ db: Connection) {
        let writes = beginTogether(writes, db)
        guard !writes.isEmpty else { return }
        let outcomes: [QueuedWrite.Outcome]
        do {
            outcomes = try writes.map { try outcome(of: $0.write, db) }
            // Where nothing was written, there is nothing to bring to the disk.
            if outcomes.contains(where: \.isKept) { try db.commit() } else { try db.rollback() }
        } catch {
            // Whose fault it was can't be told, and nobody shall fare worse in company than alone.
            db.rollbackIfAny()
            for write in writes { commitAlone(write, db) }
            return
        }
        tell(Array(zip(writes.map(\.write), outcomes)))
    }

    /// Begins a transaction for the writes whose time is not over, the oldest first, and returns these. While another
    /// process holds the write lock, each write fails at its own deadline.
    private func beginTogether(_ writes: [TimedWrite], _ db: Connection) -> [TimedWrite] {
        var writes = writes[...]
        while let oldest = writes.first {
            do {
                try begin(before: oldest.deadline, db)
                return Array(writes)
            } catch {
                let failure = LedgerUnavailable(error)
                // Any other failure than a lock is the same for all of them.
                let failed = failure?.reason == .busy ? writes.prefix { wait.isOver($0.deadline) } : writes
                // SQLite's own clock may be ahead of ours by a moment: the loop always gets on.
                let count = max(1, failed.count)
                for timed in writes.prefix(count) { timed.write.fail(failure ?? error) }
                writes = writes.dropFirst(count)
            }
        }
        return []
    }

    private func begin(before deadline: ContinuousClock.Instant, _ db: Connection) throws {
        sqlite3_busy_timeout(db.handle, wait.milliseconds(until: deadline))
        try db.begin()
    }

    /// Behind the commit. Nothing is acknowledged that went into a file which no later start opens.
    private func tell(_ answers: [(write: QueuedWrite, outcome: QueuedWrite.Outcome)]) {
        do throws(LedgerUnavailable) {
            try file.check()
        } catch {
            for answer in answers { answer.write.fail(error) }
            return
        }
        for answer in answers { answer.write.tell(answer.outcome) }
    }

    /// What the caller is to be told behind the commit. Throws when the whole transaction is lost: SQLite rolled it back, or
    /// there is something in it that its writer takes back.
    ///
    /// A refusal waits for the commit too: it may rest on what another one wrote in this transaction, and that has not
    /// happened before it is on the disk.
    private func outcome(of write: QueuedWrite, _ db: Connection) throws -> QueuedWrite.Outcome {
        let changesBefore = db.totalChanges
        do {
            return .kept(try write.run(db))
        } catch {
            guard db.isInTransaction, db.totalChanges == changesBefore else { throw error }
            return .wroteNothing(error)
        }
    }

    /// Behind the answers, so that no caller waits for it. What can't be copied now is copied later, as when SQLite does
    /// this by itself.
    private func checkpoint(_ db: Connection) {
        guard watch.takePagesInWAL() >= Self.checkpointPages else { return }
        _ = try? db.checkpoint()
    }
}
