import PayCore
import PayFlow
import PayRecords

/// The clock jobs' lists of due work, each by a partial index of exactly that work.
enum DueStatements {
    static let attemptsToWatch = DialectText { dialect in
        """
        SELECT trade_no FROM attempts
        WHERE ask_at <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, trade_no LIMIT :limit
        """
    }

    static let attemptsToEnd = DialectText { dialect in
        """
        SELECT order_number FROM attempts
        WHERE state = 'open' AND provider_deadline <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY provider_deadline, order_number LIMIT :limit
        """
    }

    static let ordersToExpire = """
        SELECT number FROM orders
        WHERE state = 'new' AND deadline <= :now AND NOT EXISTS (
            SELECT 1 FROM attempts
            WHERE order_number = orders.number
                AND (ask_at IS NOT NULL OR state NOT IN ('closed', 'failed', 'lapsed', 'paid'))
        )
        ORDER BY deadline, number LIMIT :limit
        """

    private static let overColumns = Columns(table: "orders", names: ["number"])

    static let refundsToAsk = DialectText { dialect in
        """
        SELECT number, trade_no FROM refunds
        WHERE ask_at <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, number LIMIT :limit
        """
    }

    /// Refunds that are planned further ahead than any pause: the clock was set back since.
    static let refundsPlannedBeforeStep = DialectText { dialect in
        """
        SELECT number, trade_no FROM refunds
        WHERE ask_at > :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, number LIMIT :limit
        """
    }

    static func attemptsToWatch(
        on channels: [Channel], at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [TradeNumber] {
        try found(attemptsToWatch, ["trade_no"], on: channels, at: now, limit: limit, db) {
            try $0.value("trade_no", TradeNumber.init)
        }
    }

    /// Orders with an open attempt past its provider deadline first, then orders that are over.
    static func ordersToExpire(
        on channels: [Channel], at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [OrderNumber] {
        let open = try found(attemptsToEnd, ["order_number"], on: channels, at: now, limit: limit, db) {
            try $0.value("order_number", OrderNumber.init)
        }
        let over = try db.prepared(ordersToExpire).all([now.milliseconds, max(0, limit - open.count)]) {
            try StoredRow(overColumns, key: "that may be over", in: $0).value("number", OrderNumber.init)
        }
        return open + over
    }

    static func refundsToAsk(
        on channels: [Channel], at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [RefundReference] {
        func run(_ sql: DialectText, _ instant: Instant, _ limit: Int) throws -> [RefundReference] {
            try found(sql, ["number", "trade_no"], on: channels, at: instant, limit: limit, db) {
                RefundReference(
                    order: try $0.value("trade_no", TradeNumber.init).order, number: try $0.text("number"))
            }
        }
        let due = try run(refundsToAsk, now, limit)
        return due + (try run(refundsPlannedBeforeStep, now + Refund.longestPause, limit - due.count))
    }

    private static func found<Value>(
        _ sql: DialectText, _ names: [String], on channels: [Channel], at now: Instant, limit: Int,
        _ db: any Connection,
        _ read: (StoredRow) throws -> Value
    ) throws -> [Value] {
        let columns = Columns(table: "what is due", names: names)
        return try db.prepared(sql).all([now.milliseconds, db.dialect.list(of: channels.map(\.name)), max(0, limit)]) {
            try read(StoredRow(columns, key: "that is due", in: $0))
        }
    }
}
