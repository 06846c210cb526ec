import CSQLite
public import PayCore
public import PayFlow

/// The ledger in an SQLite file: one writer, readers beside it, and each commit durable before it is acknowledged.
///
/// No connection leaves this target: the operations of ``Ledger`` are the only access. A long read is cancelled with
/// its task. A write is not, because a provider's answer is stored even if the caller hung up.
///
/// Decisions that wait together share a commit, and get their answers after it. If that commit fails, a decision runs
/// again.
public final class SQLiteLedger: Store, Sendable {
    /// More than the usual number of waiting callers: a commit with all of them takes a few milliseconds.
    public static let usualWritesPerCommit = 128

    let pool: ConnectionPool
    private let pointReaders: PointReaders
    let watch: CommitWatch
    let file: DatabaseFile
    let committer: Committer
    private let wait: WriteWait

    /// Opens or makes the file, applies the pending migrations, and checks the settings. Blocks.
    ///
    /// - Parameter busyLimit: the longest wait of a write for another process that holds the write lock.
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

    /// Finishes the queued writes, copies the WAL into the database file, and closes every connection. Later calls
    /// throw.
    @discardableResult
    public func close() throws -> ClosedDatabase {
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
    public func checkAddress() throws(LedgerUnavailable) { try file.check() }

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

    public func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try await find { try ReceiptRows.order(of: payment, at: channel, $0) }
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
                // Notes on an unchanged order change nothing in the list of orders.
                let history = decision.notes.map { HistoryEntry(at: now, .noted($0)) }
                try HistoryRows.append(history, of: number, db)
            }
            if let claim = decision.claim {
                try KeyRows.store(claim, at: now, db)
            }
            if let key = decision.key { try KeyRows.useUp(key, at: now, db) }
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
                // One payment can't be for two trades. The notice is kept for a manual decision.
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

    /// Point lookup on the caller's thread. Falls back to the readers of the pool while another process recovers the
    /// WAL.
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

    /// Another process may be at work on the file at the path: our file is outdated.
    private func refuseMovedFile() throws {
        if file.isMoved { throw LedgerUnavailable(.moved) }
    }

    /// Allows a nil result.
    private struct Found<Value> {
        let value: Value
    }

    /// One statement is a snapshot by itself, without a transaction.
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

    /// One decision, which holds the write lock from its beginning on. Returns after the commit.
    ///
    /// `goesAlone`: the decision may take long, and shares its commit with no other.
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
