import PayCore
import PayFlow
import Synchronization

/// A ledger that records the history of its orders: the result of each commit, when the commit began, and when it was
/// acknowledged.
struct HistoryLedger: OrderReads, OrderDecisions, WriteCheck {
    /// The decision of one write. A repeated transaction replaces it.
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

    /// Some reads for this payer are slow: they return only after the order has changed.
    static let slow = "slow"

    let ledger: any OrderReads & WriteCheck
    let decisions: any OrderDecisions
    let history: LinearHistory
    private let reads = Tally()

    init(_ ledger: any OrderReads & WriteCheck, _ decisions: any OrderDecisions, _ history: LinearHistory) {
        self.ledger = ledger
        self.decisions = decisions
        self.history = history
    }

    func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        let note = Note()
        return try await acknowledged(note, of: number) {
            try await decisions.update(number, creating: draft, at: now) { order in
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
            return try await decisions.record(notice, at: now, decide)
        }
        let note = Note()
        return try await acknowledged(note, of: number) {
            try await decisions.record(notice, at: now) { order in
                let action = try decide(&order)
                begin(note, order)
                return action
            }
        }
    }

    func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        let found = try await ledger.livePage(for: query, at: now)
        if found != nil { await slowDown(query) }
        return found
    }

    /// A slow read waits.
    func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? {
        query.variant.openID == Self.slow ? nil : ledger.livePageAtOnce(for: query, at: now)
    }

    func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        let look = try await ledger.look(at: number, for: query, key: key, at: now)
        if case .page = look.found, let query { await slowDown(query) }
        return look
    }

    private func slowDown(_ query: LivePageQuery) async {
        guard query.variant.openID == Self.slow, reads.next().isMultiple(of: 2) else { return }
        await history.order(query.number)?.waitForCommit()
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

// Operations without a page or a write are passed on.
extension HistoryLedger {
    func order(_ number: OrderNumber) async throws -> Order? {
        try await ledger.order(number)
    }

    func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try await ledger.orderOfPayment(payment, at: channel)
    }

    func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await ledger.keyRecord(key, at: now)
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
