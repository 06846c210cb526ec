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
        try await write(.order(number)) { db in
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

    package func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction {
        let number = TradeNumber(notice.tradeNumber)?.order
        return try await write(number.map(WriteScope.order) ?? .statements) { db in
            guard let number, let before = try OrderStore.load(number, db) else {
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
}
