import Foundation
package import LedgerSQL
package import PayCore
package import PayFlow

/// The ledger in a PostgreSQL database, which any number of processes on any number of hosts share.
///
/// The row of an order is the lock of everything that belongs to the order: a write locks the row before it reads.
package final class PostgresLedger: SQLLedger, Store {
    let lanes: PostgresLanes
    let proofs: ProofLane
    let news: NewsLanes
    /// Nil for a short command.
    package let watch: PrimaryWatch?

    /// For a command. Makes no connection: each is made with its first use, and waits like a service's for the end of
    /// a new primary's silence.
    package init(_ address: ServerAddress, _ counts: PostgresLanes.Counts = PostgresLanes.Counts()) {
        lanes = PostgresLanes(counts) { settings in
            let connection = try PostgresConnection(address, settings)
            try PrimaryTerm.waitIfNoted(on: connection) { Thread.sleep(forTimeInterval: $0 / .seconds(1)) }
            return connection
        }
        proofs = ProofLane { try PostgresConnection(address, $0) }
        news = NewsLanes(address)
        watch = nil
    }

    /// For a service, which watches over the primary from now on.
    ///
    /// - Parameters:
    ///   - node: the name of this process, unlike any other.
    ///   - proofsPerSecond: the most statements in a second that prove cached pages.
    package init(
        _ address: ServerAddress, _ counts: PostgresLanes.Counts, node: String, _ durability: Durability,
        proofsPerSecond: Int = ProofLane.usualStatementsPerSecond
    ) {
        let watch = PrimaryWatch(node: node, durability) { try PostgresConnection(address, $0) }
        lanes = PostgresLanes(counts) { try watch.connection($0) }
        // A proof is believed from the primary alone.
        proofs = ProofLane(statementsPerSecond: proofsPerSecond) { try watch.connection($0) }
        news = NewsLanes(address)
        self.watch = watch
    }

    package func find<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await lanes.find(look)
    }

    package func read<Value: Sendable>(
        _ look: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await lanes.read(look)
    }

    package func write<Value: Sendable>(
        _ scope: WriteScope, _ work: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        switch scope {
        case .order(let number):
            return try await telling(number) { try await lanes.write(.order(number), work) }
        case .statements:
            return try await lanes.write(.brief, work)
        case .work(let kind), .longWork(let kind):
            return try await lanes.write(.clock()) { db in
                try kind.lock(db)
                return try work(db)
            }
        }
    }

    package func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await telling(number) {
            try await lanes.decide(on: number, creating: draft != nil) { stored, numbering in
                guard var order = stored ?? draft?.numbered(by: numbering) else {
                    return (OrderDecision(stored: nil, after: nil, isChanged: false, now: now), nil)
                }
                let before = order
                let decision = try decide(&order)
                let stored = OrderDecision(
                    stored: stored, after: order, isChanged: order != before, now: now, notes: decision.notes,
                    audit: decision.audit, claim: decision.claim, key: decision.key)
                return (stored, decision.outcome)
            } alone: {
                try OrderTransactions.update(number, creating: draft, at: now, decide, $0)
            }
        }
    }

    package func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        guard let number = TradeNumber(notice.tradeNumber)?.order else {
            return try await write(.statements) { try OrderTransactions.record(notice, of: nil, at: now, decide, $0) }
        }
        return try await telling(number) {
            try await lanes.decide(on: number, touching: ["notice \(notice.channel) \(notice.id)"]) { stored, _ in
                guard var order = stored else {
                    let nothing = OrderDecision(
                        stored: nil, after: nil, isChanged: false, now: now,
                        notice: OrderDecision.DecidedNotice(notice: notice, action: .unknownTrade))
                    return (nothing, .unknownTrade)
                }
                let before = order
                let action = try decide(&order)
                let decision = OrderDecision(
                    stored: before, after: order, isChanged: order != before, now: now,
                    notice: OrderDecision.DecidedNotice(notice: notice, action: action))
                return (decision, action)
            } alone: {
                try OrderTransactions.record(notice, of: number, at: now, decide, $0)
            }
        }
    }

    /// Tells the other processes of a committed write of the order.
    private func telling<Value>(_ number: OrderNumber, _ write: () async throws -> Value) async throws -> Value {
        let value = try await write()
        news.sender.changed(number)
        return value
    }

    package func checkAddress() throws(LedgerUnavailable) {}

    /// With a watch, the last heartbeat: a write that a standby confirmed.
    package func checkWritable() async throws {
        if let watch { return try watch.check() }
        try await write(.statements) { db in
            try db.prepared(
                """
                INSERT INTO readiness (id, writes) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET writes = readiness.writes % 1000000 + 1
                """
            ).run()
        }
    }

    @discardableResult
    package func close() async throws -> ClosedDatabase {
        await withCheckedContinuation { closed in
            Thread.detachNewThread { [lanes, proofs, news, watch] in
                proofs.close()
                lanes.close()
                news.close()
                watch?.close()
                closed.resume()
            }
        }
        return .whole
    }
}

extension SerialWork {
    /// Waits until no other transaction of any process does this work. The lock ends with the transaction.
    fileprivate func lock(_ db: any Connection) throws {
        let locking = "SELECT name FROM row_locks WHERE name = ? FOR UPDATE"
        guard try db.prepared(locking).first([rawValue], { _ in true }) == nil else { return }
        try db.prepared("INSERT INTO row_locks (name) VALUES (?) ON CONFLICT (name) DO NOTHING").run([rawValue])
        _ = try db.prepared(locking).first([rawValue]) { _ in true }
    }
}
