public import PayCore
public import PayFlow
import Synchronization

/// A real ledger in which a test counts or stops the callers before and after each operation.
public final class WatchedLedger: Ledger {
    public enum Operation: Hashable, Sendable {
        case look, livePage, order, keyRecord, update, record, ordersToRecover, attemptsToWatch, ordersToExpire,
            refundsToAsk
        case orders
    }

    /// Before a commit nothing of the operation is stored; after it, all of it is.
    public enum Side: Hashable, Sendable {
        case before, behind
    }

    private struct Stop {
        let operation: Operation
        let side: Side
        /// How many of these operations pass first.
        var passing: Int
        let hold: Hold
    }

    private struct Watcher {
        let operation: Operation
        let count: Int
        let waking: CheckedContinuation<Void, Never>
    }

    private struct State {
        var ended: [Operation: Int] = [:]
        var stops: [Stop] = []
        var watchers: [Watcher] = []
        var failing: [Operation] = []
    }

    private let ledger: any Ledger
    private let state = Mutex(State())

    public init(_ ledger: any Ledger) {
        self.ledger = ledger
    }

    /// Stops the caller of the next such operation after `passing` others.
    public func willStop(_ side: Side, _ operation: Operation, after passing: Int = 0) -> Hold {
        let hold = Hold()
        state.withLock {
            $0.stops.append(Stop(operation: operation, side: side, passing: passing, hold: hold))
        }
        return hold
    }

    /// The next such operation fails, and stores nothing.
    public func willFail(_ operation: Operation) {
        state.withLock { $0.failing.append(operation) }
    }

    /// Returns as soon as this many such operations have ended since the ledger was created.
    public func wait(for count: Int, _ operation: Operation) async {
        await withCheckedContinuation { waking in
            let isDone = state.withLock { state in
                if state.ended[operation, default: 0] >= count { return true }
                state.watchers.append(Watcher(operation: operation, count: count, waking: waking))
                return false
            }
            if isDone { waking.resume() }
        }
    }

    public func count(_ operation: Operation) -> Int {
        state.withLock { $0.ended[operation, default: 0] }
    }

    private func pass(_ side: Side, _ operation: Operation) async {
        let hold = state.withLock { state -> Hold? in
            for index in state.stops.indices
            where state.stops[index].operation == operation && state.stops[index].side == side {
                guard state.stops[index].passing == 0 else {
                    state.stops[index].passing -= 1
                    continue
                }
                return state.stops.remove(at: index).hold
            }
            return nil
        }
        await hold?.stop()
    }

    private func fail(_ operation: Operation) throws {
        let isFailing = state.withLock { state in
            guard let index = state.failing.firstIndex(of: operation) else { return false }
            state.failing.remove(at: index)
            return true
        }
        if isFailing { throw LedgerBroke() }
    }

    private func end(_ operation: Operation) {
        let woken = state.withLock { state in
            state.ended[operation, default: 0] += 1
            let count = state.ended[operation, default: 0]
            let due = state.watchers.filter { $0.operation == operation && $0.count <= count }
            state.watchers.removeAll { $0.operation == operation && $0.count <= count }
            return due
        }
        for watcher in woken { watcher.waking.resume() }
    }

    private func watch<Value: Sendable>(
        _ operation: Operation, _ body: () async throws -> Value
    ) async throws -> Value {
        await pass(.before, operation)
        try fail(operation)
        let value = try await body()
        end(operation)
        await pass(.behind, operation)
        return value
    }
}

extension WatchedLedger {
    public func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await watch(.livePage) { try await ledger.livePage(for: query, at: now) }
    }

    /// Only operations that may wait are watched.
    public func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? { nil }

    public func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try await watch(.look) { try await ledger.look(at: number, for: query, key: key, at: now) }
    }

    public func order(_ number: OrderNumber) async throws -> Order? {
        try await watch(.order) { try await ledger.order(number) }
    }

    public func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try await watch(.order) { try await ledger.orderOfPayment(payment, at: channel) }
    }

    public func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await watch(.keyRecord) { try await ledger.keyRecord(key, at: now) }
    }

    public func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await watch(.update) { try await ledger.update(number, creating: draft, at: now, decide) }
    }

    public func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        try await watch(.record) { try await ledger.record(notice, at: now, decide) }
    }

    public func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await watch(.ordersToRecover) { try await ledger.ordersToRecover(on: channels, at: now, limit: limit) }
    }

    public func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await watch(.attemptsToWatch) { try await ledger.attemptsToWatch(on: channels, at: now, limit: limit) }
    }

    public func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await watch(.ordersToExpire) { try await ledger.ordersToExpire(on: channels, at: now, limit: limit) }
    }

    public func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await watch(.refundsToAsk) { try await ledger.refundsToAsk(on: channels, at: now, limit: limit) }
    }

    public func orders(_ listing: OrderListing) async throws -> OrderList {
        try await watch(.orders) { try await ledger.orders(listing) }
    }

    public func checkWritable() async throws {
        try await ledger.checkWritable()
    }
}

/// The error of an operation that a test made fail.
public struct LedgerBroke: Error, CustomStringConvertible {
    public let description = "the disk is full"
}
