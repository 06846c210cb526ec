public import PayCore

/// A ledger that says which order is written: to those who keep what they read, around the write; to those who watch, as
/// soon as it is committed. What was rolled back is not news.
public struct AnnouncingLedger: Ledger {
    private let ledger: any Ledger
    private let live: any LiveStatus
    private let writes: any OrderWrites

    public init(_ ledger: any Ledger, to live: any LiveStatus, around writes: any OrderWrites) {
        self.ledger = ledger
        self.live = live
        self.writes = writes
    }

    public func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        let outcome = try await write(number) {
            try await ledger.update(number, creating: draft, at: now, decide)
        }
        // With neither order nor draft there was nothing to decide.
        if outcome != nil { live.changed(number) }
        return outcome
    }

    public func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        guard let number = TradeNumber(notice.tradeNumber)?.order else {
            return try await ledger.record(notice, at: now, decide)
        }
        let action = try await write(number) { try await ledger.record(notice, at: now, decide) }
        live.changed(number)
        return action
    }

    private func write<Outcome>(
        _ number: OrderNumber, _ write: () async throws -> Outcome
    ) async throws -> Outcome {
        writes.began(on: number)
        defer { writes.ended(on: number) }
        return try await write()
    }
}

// What writes to no order is handed on as it is.
extension AnnouncingLedger {
    public func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await ledger.livePage(for: query, at: now)
    }

    public func order(_ number: OrderNumber) async throws -> Order? {
        try await ledger.order(number)
    }

    public func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await ledger.keyRecord(key, at: now)
    }

    public func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.ordersToRecover(on: channels, at: now, limit: limit)
    }

    public func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber] {
        try await ledger.attemptsToWatch(on: channels, at: now, limit: limit)
    }

    public func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber] {
        try await ledger.ordersToExpire(on: channels, at: now, limit: limit)
    }

    public func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference] {
        try await ledger.refundsToAsk(on: channels, at: now, limit: limit)
    }

    public func orders(_ listing: OrderListing) async throws -> OrderList {
        try await ledger.orders(listing)
    }

    public func checkWritable() async throws {
        try await ledger.checkWritable()
    }
}
