import PayCore
import PayFlow
import PayRecords

/// Whole orders: the order's row with its attempts, pages, receipts and refunds.
enum OrderStore {
    /// One snapshot, also outside a transaction: SQLite keeps the snapshot while the order's own row is held.
    static func load(_ number: OrderNumber, _ db: any Connection) throws -> Order? {
        try OrderRows.load(number, db) { row in
            let (attempts, haveMoney) = try AttemptRows.load(of: number, db)
            return row.order(
                attempts: attempts, receipts: haveMoney ? try ReceiptRows.load(of: number, db) : [],
                refunds: haveMoney ? try RefundRows.load(of: number, db) : [])
        }
    }

    /// The same in a transaction, which may know the order already.
    static func current(_ number: OrderNumber, _ db: any Connection) throws -> Order? {
        guard let recent = db.recentOrders?.take(number) else { return try load(number, db) }
        assert((try? load(number, db)) == recent, "\(number) was changed behind the connection's back")
        return recent
    }

    /// Locks an order for a transaction that began without its lock, so that the order's messages are numbered in the
    /// order of their commits. SQLite has one writer at a time, and needs no lock.
    static func lock(_ number: OrderNumber, _ db: any Connection) throws {
        guard db.dialect == .postgres else { return }
        _ = try db.prepared("SELECT number FROM orders WHERE number = ? FOR NO KEY UPDATE").first([number.text]) { _ in
            true
        }
    }

    /// Stores the differences, or the whole of a new order, and their history.
    static func save(
        _ order: Order, over loaded: Order?, noting notes: [HistoryNote] = [], at now: Instant, _ db: any Connection
    ) throws {
        if let loaded {
            // The list of changed orders omits queries that found nothing new.
            if order.asIfUnwatched != loaded.asIfUnwatched {
                try OrderRows.update(order, over: loaded, updatedAt: OrderRows.nextUpdate(at: now, db), db)
            }
        } else {
            try OrderRows.insert(order, updatedAt: OrderRows.nextUpdate(at: now, db), db)
        }
        try AttemptRows.save(order.attempts, over: loaded?.attempts ?? [], db)
        try ReceiptRows.save(order.receipts, over: loaded?.receipts ?? [], db)
        try RefundRows.save(order, over: loaded?.refunds ?? [], db)
        try EventRows.append(order.newEvents, of: order.number, db)
        let history = OrderChanges.between(loaded, and: order, noting: notes, at: now)
        try HistoryRows.append(history, of: order.number, db)
    }
}
