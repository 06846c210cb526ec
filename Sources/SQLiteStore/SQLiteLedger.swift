import CSQLite
public import PayCore
public import PayFlow

/// What is remembered, in an SQLite file: one writer, readers beside it, each commit on the disk before it is told.
///
/// The connections stay in this target: the operations of ``Ledger`` are all that can be done. A read that takes a while is
/// given up with the task that asked for it; a write is not, because what a provider answered is written down even when
/// the caller hung up.
///
/// Decisions that come together share a commit, each told behind it. One may be asked to decide again, when the commit that
/// it shared came to nothing.
public final class SQLiteLedger: Ledger {
    /// More than callers usually wait at once: a commit with all of them takes a few milliseconds.
    public static let usualWritesPerCommit = 128

    let pool: ConnectionPool
    private let pointReaders: PointReaders
    let watch: CommitWatch
    let file: DatabaseFile
    let committer: Committer
    private let wait: WriteWait

    /// Opens the file, or makes it, applies the migrations that are pending, and checks the settings. Blocks meanwhile.
    ///
    /// - Parameter busyLimit: how long a write waits for another process that holds the write lock.
    public convenience init(
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

    /// Finishes the writes that are queued, copies the WAL into the database file, and closes every connection. Later calls
    /// throw.
    @discardableResult
    public func close() throws -> ClosedDatabase {
        committer.close()
        watch.close()
        // A reader that is open keeps SQLite from emptying the WAL: ours are gone before, or waited for.
        let looks = Result { try pointReaders.close() }
        let closed = emptyWAL()
        try pool.close()
        try looks.get()
        return closed
    }

    /// Behind our own readers. Another process's readers are waited for as long as a write waits.
    private func emptyWAL() -> ClosedDatabase {
        do {
            return try pool.writeBehindReads { db in
                sqlite3_busy_timeout(db.handle, wait.milliseconds(until: wait.deadline()))
                return Checkpoint.truncate(db)
            }
        } catch {
            // It was closed before.
            return .whole
        }
    }

    /// Throws when the path no longer leads to the file that is open. Costs a few calls of the system, and no read or
    /// write: a clock job makes it often, so that reads hear of it too.
    public func checkFile() throws(LedgerUnavailable) { try file.check() }

    public func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await find { try LivePageStatement.run(query, at: now, $0) }
    }

    public func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try await find { db in
            let page = try query.flatMap { try LivePageStatement.run($0, at: now, db) }
            let record = try key.flatMap { try KeyRows.load($0, at: now, db) }
            if let page { return PayLook(.page(page), key: record, paused: nil) }
            let order = try OrderStore.load(number, db)
            return PayLook(.order(order), key: record, paused: Set(try ChannelRows.pauses(db).keys))
        }
    }

    public func order(_ number: OrderNumber) async throws -> Order? {
        try await find { try OrderStore.load(number, $0) }
    }

    public func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await find { try KeyRows.load(key, at: now, $0) }
    }

    public func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await write { db in
            let stored = try OrderStore.load(number, db)
            guard let before = stored ?? draft else { return nil }
            var order = before
            let decision = try decide(&order)
            if let claim = decision.claim { try KeyRows.check(claim, at: now, db) }
            if order != before {
                if let foreign = try ReceiptRows.paymentOfAnotherTrade(in: order.receipts, db) { throw foreign }
                try OrderStore.save(order, over: stored, noting: decision.notes, at: now, db)
            } else if stored != nil {
                // What is told of an order that stayed as it was changes nothing that a list shows.
                let history = decision.notes.map { HistoryEntry(at: now, .noted($0)) }
                try HistoryRows.append(history, of: number, db)
            }
            if let claim = decision.claim {
                try KeyRows.store(claim, at: now, db)
            }
            if let key = decision.key, try !KeyRows.store(key, at: now, db) {
                throw KeyConflict(use: key.use, reason: .otherRequest)
            }
            return decision.outcome
        }
    }

    public func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        try await write { db in
            guard let number = TradeNumber(notice.tradeNumber)?.order, let before = try OrderStore.load(number, db)
            else {
                try NoticeRows.store(notice, about: nil, .unknownTrade, at: now, db)
                return .unknownTrade
            }
            var order = before
            var action = try decide(&order)
            if try ReceiptRows.paymentOfAnotherTrade(in: order.receipts, db) != nil {
                // One payment can't be for two trades. The notice is kept, for a person to decide.
                action = .disputed
            } else if order != before {
                try OrderStore.save(order, over: before, at: now, db)
            }
            try NoticeRows.store(notice, about: number, action, at: now, db)
            return action
        }
    }

    public func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await readOnce { try RecoveryStatement.run(on: channels, at: now, limit: limit, $0) }
    }

    public func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await readOnce { try DueStatements.attemptsToWatch(on: channels, at: now, limit: limit, $0) }
    }

    public func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await read { try DueStatements.ordersToExpire(on: channels, at: now, limit: limit, $0) }
    }

    public func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await readOnce { try DueStatements.refundsToAsk(on: channels, at: now, limit: limit, $0) }
    }

    public func orders(_ listing: OrderListing) async throws -> OrderList {
        try await read { try ListStatement.run(listing, $0) }
    }

    public func checkWritable() async throws {
        try file.checkRoom()
        try await write { db in
            try db.prepared(
                """
                INSERT INTO readiness (id, writes) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET writes = writes % 1000000 + 1
                """
            ).run()
        }
    }

    /// What is found by its key: at once, or, where that would wait for another process, when it comes.
    func find<Value: Sendable>(_ look: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try refuseMovedFile()
        do {
            if let found = try pointReaders.find({ Found(value: try look($0)) }) { return found.value }
            return try await pool.read(look)
        } catch {
            throw LedgerUnavailable.orOriginal(error)
        }
    }

    /// Several statements, which see one snapshot.
    func read<Value: Sendable>(_ look: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try refuseMovedFile()
        do {
            return try await pool.read(look)
        } catch {
            throw LedgerUnavailable.orOriginal(error)
        }
    }

    /// Another process may be at work on the file that is at the path now: what we would read is the past.
    private func refuseMovedFile() throws {
        if file.isMoved { throw LedgerUnavailable(.moved) }
    }

    /// So that what is looked for may be nil.
    private struct Found<Value> {
        let value: Value
    }

    /// One statement is a snapshot by itself: no transaction around it.
    private func readOnce<Value: Sendable>(
        _ look: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try refuseMovedFile()
        do {
            return try await pool.readOnce(look)
        } catch {
            throw LedgerUnavailable.orOriginal(error)
        }
    }

    /// One decision, which holds the only right to write from its beginning on, told when it is on the disk.
    ///
    /// `goesAlone`: it may take long, and no other shares its commit.
    func write<Value: Sendable>(
        goesAlone: Bool = false, _ work: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await committer.write(goesAlone: goesAlone, work)
    }

    func onWriter<Value: Sendable>(
        _ work: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.writeLater { db in
                continuation.resume(with: Result { try work(db) }.mapError(LedgerUnavailable.orOriginal))
            }
        }
    }
}

/// The state of the files of a database that was closed.
public enum ClosedDatabase: Hashable, Sendable {
    /// The file alone holds every commit.
    case whole
    /// The last commits are in the WAL (`-wal`) alone; the file must not be copied without it.
    case needsWAL(because: String)
}
