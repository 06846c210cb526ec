import PayCore
import PayFlow
import Synchronization

/// A ledger that records the history of its orders: the result of each commit, when it began and when it was
/// acknowledged.
struct HistoryLedger: Ledger {
    /// The decision of one write. The transaction may have been retried.
    private final class Note: Sendable {
        private let name = Mutex<Int?>(nil)

        /// Returns the previous name.
        func rename(_ new: Int?) -> Int? {
            name.withLock { name in
                defer { name = new }
                return name
            }
        }
    }

    /// For this payer some reads are slow: they return only after the order has changed.
    static let slow = "slow"

    let ledger: any Ledger
    let history: LinearHistory
    private let reads = Tally()

    init(_ ledger: any Ledger, _ history: LinearHistory) {
        self.ledger = ledger
        self.history = history
    }

    func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        let note = Note()
        return try await acknowledged(note, of: number) {
            try await ledger.update(number, creating: draft, at: now) { order in
                let decision = try decide(&order)
                begin(note, order)
                return decision
            }
        }
    }

    func record(
        _ notice: StoredNotice, at now: Instant, _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        guard let number = TradeNumber(notice.tradeNumber)?.order else {
            return try await ledger.record(notice, at: now, decide)
        }
        let note = Note()
        return try await acknowledged(note, of: number) {
            try await ledger.record(notice, at: now) { order in
                let action = try decide(&order)
                begin(note, order)
                return action
            }
        }
    }

    func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        let found = try await ledger.livePage(for: query, at: now)
        if query.openID == Self.slow, found != nil, reads.next().isMultiple(of: 2) {
            await history.order(query.number)?.waitForCommit()
        }
        return found
    }

    private func begin(_ note: Note, _ order: Order) {
        guard let tracked = history.order(order.number) else { return }
        let name = history.next()
        if let before = note.rename(name) { tracked.remove(before) }
        tracked.add(.init(name, order))
    }

    private func acknowledged<Outcome>(
        _ note: Note, of number: OrderNumber, _ write: () async throws -> Outcome
    ) async throws -> Outcome {
        do {
            let outcome = try await write()
            if let name = note.rename(nil) { history.order(number)?.acknowledge(name, at: history.next()) }
            return outcome
        } catch {
            if let name = note.rename(nil) { history.order(number)?.remove(name) }
            throw error
        }
    }
}

// Calls that write to no order and return no page are forwarded unchanged.
extension HistoryLedger {
    func order(_ number: OrderNumber) async throws -> Order? {
        try await ledger.order(number)
    }

    func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await ledger.keyRecord(key, at: now)
    }

    func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.ordersToRecover(on: channels, at: now, limit: limit)
    }

    func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await ledger.attemptsToWatch(on: channels, at: now, limit: limit)
    }

    func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.ordersToExpire(on: channels, at: now, limit: limit)
    }

    func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await ledger.refundsToAsk(on: channels, at: now, limit: limit)
    }

    func orders(_ listing: OrderListing) async throws -> OrderList {
        try await ledger.orders(listing)
    }

    func checkWritable() async throws {
        try await ledger.checkWritable()
    }
}

/// A counter.
final class Tally: Sendable {
    private let counted = Atomic<Int>(0)

    var count: Int { counted.load(ordering: .relaxed) }

    /// Adds one.
    @discardableResult
    func next() -> Int { counted.wrappingAdd(1, ordering: .relaxed).newValue }
}
