import PayCore
import PayFlow

/// The real ledger, with a gate before and behind each operation: a crash can fall on either side of a commit.
struct GatedLedger: Ledger {
    let process: ServiceProcess
    let ledger: any Store

    private var world: World { process.world }

    func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await read {
            CallRecord.current?.looked(at: now, commit: world.watch.commits)
            return try await ledger.livePage(for: query, at: now)
        }
    }

    /// No flow reads so.
    func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? { nil }

    func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try await read {
            CallRecord.current?.looked(at: now, commit: world.watch.commits)
            let look = try await ledger.look(at: number, for: query, key: key, at: now)
            if let paused = look.paused { CallRecord.current?.sawPaused(paused) }
            return look
        }
    }

    func order(_ number: OrderNumber) async throws -> Order? {
        try await read {
            CallRecord.current?.looked(at: world.now, commit: world.watch.commits)
            return try await ledger.order(number)
        }
    }

    func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try await read { try await ledger.orderOfPayment(payment, at: channel) }
    }

    func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await read { try await ledger.keyRecord(key, at: now) }
    }

    func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await process.pass("before a write")
        let decided = Decided()
        let outcome = try await JobQueue.shared.foreign {
            try await ledger.update(number, creating: draft, at: now) { order in
                let decision = try decide(&order)
                decided.order = order
                decided.audit = decision.audit
                return decision
            }
        }
        if let order = decided.order, order.hasBegun {
            world.watch.committed(order, by: process, audit: decided.audit)
        }
        CallRecord.current?.looked(at: world.now, commit: world.watch.commits)
        try await process.pass("behind a write")
        return outcome
    }

    func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        try await process.pass("before a notice is written")
        let decided = Decided()
        let action = try await JobQueue.shared.foreign {
            try await ledger.record(notice, at: now) { order in
                let action = try decide(&order)
                decided.order = order
                return action
            }
        }
        if let order = decided.order { world.watch.committed(order, by: process) }
        try await process.pass("behind a written notice")
        return action
    }

    func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await read { try await ledger.ordersToRecover(on: channels, at: now, limit: limit) }
    }

    func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await read { try await ledger.attemptsToWatch(on: channels, at: now, limit: limit) }
    }

    func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await read { try await ledger.ordersToExpire(on: channels, at: now, limit: limit) }
    }

    func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await read { try await ledger.refundsToAsk(on: channels, at: now, limit: limit) }
    }

    func orders(_ listing: OrderListing) async throws -> OrderList {
        try await read { try await ledger.orders(listing) }
    }

    func checkWritable() async throws {
        try await read { try await ledger.checkWritable() }
    }

    private func read<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        try await process.pass("before a read")
        world.tally[ClockTask.Duty.current == nil ? .reads : .dueReads] += 1
        let value = try await JobQueue.shared.foreign(operation)
        try await process.pass("behind a read")
        return value
    }
}

/// The order as a decision left it, and the decision's entry in the audit. Written on the database's thread while the world's own waits.
private final class Decided: @unchecked Sendable {
    var order: Order?
    var audit: AuditNote?
}
