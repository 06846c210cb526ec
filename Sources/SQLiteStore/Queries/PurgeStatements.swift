import GRDB
import PayCore

/// What is to be purged, found by its index, the oldest first.
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

    /// An order that is over, as the list of what is to be purged names it. Its number is not read as one: a row that
    /// was edited by hand must not keep the others.
    struct OrderOver {
        let leftNewAt: DatabaseValue
        let number: DatabaseValue
    }

    static func ordersOver(by instant: Instant, limit: Int, _ db: Database) throws -> [OrderOver] {
        let statement = try db.cachedStatement(sql: ordersOver)
        return try Row.fetchAll(statement, arguments: [instant.milliseconds, max(0, limit)]).map { row in
            OrderOver(leftNewAt: row[0], number: row[1])
        }
    }

    /// How many pages it had.
    static func purgePages(of order: OrderOver, _ db: Database) throws -> Int {
        try db.cachedStatement(sql: pagesOfOrder).execute(arguments: [order.number])
        let pages = db.changesCount
        try db.cachedStatement(sql: orderPurged).execute(arguments: [order.leftNewAt, order.number])
        return pages
    }

    static func hasExpiredKey(at now: Instant, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: anyExpiredKey), arguments: [now.milliseconds]) ?? false
    }

    /// How many keys went.
    static func purgeKeys(expiredAt now: Instant, limit: Int, _ db: Database) throws -> Int {
        try db.cachedStatement(sql: expiredKeys).execute(arguments: [now.milliseconds, max(0, limit)])
        return db.changesCount
    }
}
