import PayCore

/// Pages and keys to be purged, the oldest first, each found by an index.
enum PurgeStatements {
    static let ordersOver = """
        SELECT left_new_at, order_number FROM pages_to_purge
        WHERE left_new_at <= ? ORDER BY left_new_at, order_number LIMIT ?
        """

    static let pagesOfOrder = """
        DELETE FROM pages WHERE trade_no IN (SELECT trade_no FROM attempts WHERE order_number = ?)
        """

    static let orderPurged = "DELETE FROM pages_to_purge WHERE left_new_at = ? AND order_number = ?"

    static let anyExpiredKey = "SELECT EXISTS (SELECT 1 FROM idempotency_keys WHERE expires_at <= ?)"

    static let expiredKeys = """
        DELETE FROM idempotency_keys WHERE (scope, key) IN (
            SELECT scope, key FROM idempotency_keys WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
        )
        """

    /// A finished order, by the key of its row in `pages_to_purge`. The number isn't parsed: a row that was edited by
    /// hand must not stop the others.
    struct OrderOver {
        let leftNewAt: Int64
        let number: String
    }

    static func ordersOver(by instant: Instant, limit: Int, _ db: any Connection) throws -> [OrderOver] {
        try db.prepared(ordersOver).all([instant.milliseconds, max(0, limit)]) { row in
            OrderOver(leftNewAt: row.integer(0), number: row.text(1) ?? "")
        }
    }

    /// Returns the number of its pages.
    static func purgePages(of order: OrderOver, _ db: any Connection) throws -> Int {
        try db.prepared(pagesOfOrder).run([order.number])
        let pages = db.changes
        try db.prepared(orderPurged).run([order.leftNewAt, order.number])
        return pages
    }

    static func hasExpiredKey(at now: Instant, _ db: any Connection) throws -> Bool {
        try db.prepared(anyExpiredKey).first([now.milliseconds]) { $0.integer(0) == 1 } ?? false
    }

    /// Returns the number of purged keys.
    static func purgeKeys(expiredAt now: Instant, limit: Int, _ db: any Connection) throws -> Int {
        try db.prepared(expiredKeys).run([now.milliseconds, max(0, limit)])
        return db.changes
    }
}
