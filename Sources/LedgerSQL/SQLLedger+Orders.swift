package import PayCore
package import PayFlow

extension SQLLedger {
    package func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await find { try LivePageStatement.run(query, at: now, $0) }
    }

    package func look(
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

    package func order(_ number: OrderNumber) async throws -> Order? {
        try await find { try OrderStore.load(number, $0) }
    }

    package func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber? {
        try await find { try ReceiptRows.order(of: payment, at: channel, $0) }
    }

    package func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord? {
        try await find { try KeyRows.load(key, at: now, $0) }
    }

    package func orders(_ listing: OrderListing) async throws -> OrderList {
        try await read { try ListStatement.run(listing, $0) }
    }

    package func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome? {
        try await write(.order(number)) { try OrderTransactions.update(number, creating: draft, at: now, decide, $0) }
    }

    package func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        let number = TradeNumber(notice.tradeNumber)?.order
        return try await write(number.map(WriteScope.order) ?? .statements) {
            try OrderTransactions.record(notice, of: number, at: now, decide, $0)
        }
    }
}
