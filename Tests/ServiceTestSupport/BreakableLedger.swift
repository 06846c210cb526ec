package import PayCore
package import PayFlow
import Synchronization

/// The real ledger. Tests can make it fail and wait for its calls.
package final class BreakableLedger: Ledger {
    package struct Broken: Error {}

    private let real: any Ledger
    private let failure = Mutex<(any Error)?>(nil)
    private let readsAtOnce = Mutex(true)
    private let checkCount = Mutex(0)
    private let reads = Signal<OrderNumber>()
    private let readCount = Mutex(0)
    private let disguise = Mutex<(@Sendable (Order) -> Order)?>(nil)

    package init(_ real: any Ledger) {
        self.real = real
    }

    /// Makes every operation throw, or none.
    package func setBroken(_ broken: Bool) {
        setFailure(broken ? Broken() : nil)
    }

    /// Makes every operation throw that may wait. Reads that never wait go on.
    package func breakWaiting() {
        setFailure(Broken())
        readsAtOnce.withLock { $0 = true }
    }

    /// Makes every operation throw this error; nil for none.
    package func setFailure(_ error: (any Error)?) {
        failure.withLock { $0 = error }
        readsAtOnce.withLock { $0 = error == nil }
    }

    /// The number of write checks.
    package var writableChecks: Int { checkCount.withLock { $0 } }

    /// Applies this change to every order that is read.
    package func setDisguise(_ disguise: @escaping @Sendable (Order) -> Order) {
        self.disguise.withLock { $0 = disguise }
    }

    /// The number of reads of whole orders.
    package var orderReads: Int { readCount.withLock { $0 } }

    /// Returns when this order was read that often.
    package func waitForReads(of number: OrderNumber, _ count: Int) async {
        await reads.wait(for: count) { $0 == number }
    }

    private func check() throws {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    package func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try check()
        return try await real.livePage(for: query, at: now)
    }

    package func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? {
        readsAtOnce.withLock { $0 } ? real.livePageAtOnce(for: query, at: now) : nil
    }

    package func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try check()
        let look = try await real.look(at: number, for: query, key: key, at: now)
        guard case .order(let order) = look.found else { return look }
        return PayLook(.order(noteRead(of: number, order)), key: look.key, paused: look.paused)
    }

    package func order(_ number: OrderNumber) async throws -> Order? {
        try check()
        return noteRead(of: number, try await real.order(number))
    }

    private func noteRead(of number: OrderNumber, _ order: Order?) -> Order? {
        readCount.withLock { $0 += 1 }
        reads.tell(number)
        return order.map { order in disguise.withLock { $0 }?(order) ?? order }
    }

    package func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try check()
        return try await real.orderOfPayment(payment, at: channel)
    }

    package func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try check()
        return try await real.keyRecord(key, at: now)
    }

    package func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try check()
        return try await real.update(number, creating: draft, at: now, decide)
    }

    package func record(
        _ notice: StoredNotice, at now: Instant, _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        try check()
        return try await real.record(notice, at: now, decide)
    }

    package func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try check()
        return try await real.ordersToRecover(on: channels, at: now, limit: limit)
    }

    package func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try check()
        return try await real.attemptsToWatch(on: channels, at: now, limit: limit)
    }

    package func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try check()
        return try await real.ordersToExpire(on: channels, at: now, limit: limit)
    }

    package func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try check()
        return try await real.refundsToAsk(on: channels, at: now, limit: limit)
    }

    package func orders(_ listing: OrderListing) async throws -> OrderList {
        try check()
        return try await real.orders(listing)
    }

    package func checkWritable() async throws {
        checkCount.withLock { $0 += 1 }
        try check()
        try await real.checkWritable()
    }
}

/// Forwards observations to the metrics. Tests can wait for an observation.
package final class WatchedObserver: FlowObserver {
    private let real: any FlowObserver
    private let seen = Signal<Observation>()

    package init(_ real: any FlowObserver) {
        self.real = real
    }

    package func saw(_ observation: Observation) {
        real.saw(observation)
        // No test waits for hits, and there are very many.
        if observation != .pageRequested(.hit) { seen.tell(observation) }
    }

    /// Returns when the observation was made that often.
    package func wait(for observation: Observation, _ count: Int = 1) async {
        await seen.wait(for: count) { $0 == observation }
    }
}
