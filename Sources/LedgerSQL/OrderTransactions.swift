package import PayCore
package import PayFlow

/// The transactions of ``PayFlow/OrderDecisions``. Precondition: the order's row is locked.
package enum OrderTransactions {
    package static func update<Outcome>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: (inout Order) throws -> Decision<Outcome>, _ db: any Connection
    ) throws -> Outcome? {
        let stored = try OrderStore.current(number, db)
        guard let before = try stored ?? draft?.numbered(by: RestoreRows.numbering(db)) else { return nil }
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
        if let audit = decision.audit { try AuditRows.append(audit, at: now, db) }
        if let key = decision.key { try KeyRows.useUp(key, at: now, db) }
        db.recentOrders?.keep(order)
        return decision.outcome
    }

    /// - Parameter number: the order that the notice names; nil if the trade's number can't be ours.
    package static func record(
        _ notice: StoredNotice, of number: OrderNumber?, at now: Instant,
        _ decide: (inout Order) throws -> SettleAction, _ db: any Connection
    ) throws -> SettleAction {
        guard let number, let before = try OrderStore.current(number, db) else {
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
