import PayCore
import PayFlow
import PayRecords

/// The clock jobs' lists of due work, each by a partial index of exactly that work.
enum DueStatements {
    /// All slices, of which each order is in one.
    static let slices = 0...63

    static let attemptsToWatch = DialectText { dialect in
        """
        SELECT trade_no FROM attempts
        WHERE \(dialect.inSlices)ask_at <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, trade_no LIMIT :limit
        """
    }

    static let attemptsToEnd = DialectText { dialect in
        """
        SELECT order_number FROM attempts
        WHERE \(dialect.inSlices)state = 'open' AND provider_deadline <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY provider_deadline, order_number LIMIT :limit
        """
    }

    static let ordersToExpire = DialectText { dialect in
        """
        SELECT number FROM orders
        WHERE \(dialect.inSlices)state = 'new' AND deadline <= :now AND NOT EXISTS (
            SELECT 1 FROM attempts
            WHERE order_number = orders.number
                AND (ask_at IS NOT NULL OR state NOT IN ('closed', 'failed', 'lapsed', 'paid'))
        ) AND NOT EXISTS (SELECT 1 FROM orders_to_search WHERE order_number = orders.number)
        ORDER BY deadline, number LIMIT :limit
        """
    }

    private static let overColumns = Columns(table: "orders", names: ["number"])

    static let refundsToAsk = DialectText { dialect in
        """
        SELECT number, trade_no FROM refunds
        WHERE \(dialect.inSlices)ask_at <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, number LIMIT :limit
        """
    }

    /// Refunds that are planned further ahead than any pause: the clock was set back since.
    static let refundsPlannedBeforeStep = DialectText { dialect in
        """
        SELECT number, trade_no FROM refunds
        WHERE \(dialect.inSlices)ask_at > :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY ask_at, number LIMIT :limit
        """
    }

    static func attemptsToWatch(
        on channels: [Channel], in slices: ClosedRange<Int> = slices, at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [TradeNumber] {
        try found(attemptsToWatch, ["trade_no"], on: channels, in: slices, at: now, limit: limit, db) {
            try $0.value("trade_no", TradeNumber.init)
        }
    }

    /// Orders with an open attempt past its provider deadline first, then orders that are over.
    static func ordersToExpire(
        on channels: [Channel], in slices: ClosedRange<Int> = slices, at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [OrderNumber] {
        let open = try found(attemptsToEnd, ["order_number"], on: channels, in: slices, at: now, limit: limit, db) {
            try $0.value("order_number", OrderNumber.init)
        }
        let values: [any Storable] = [now.milliseconds, max(0, limit - open.count)]
        let over = try db.prepared(ordersToExpire).all(db.dialect.values(of: slices) + values) {
            try StoredRow(overColumns, key: "that may be over", in: $0).value("number", OrderNumber.init)
        }
        return open + over
    }

    static func refundsToAsk(
        on channels: [Channel], in slices: ClosedRange<Int> = slices, at now: Instant, limit: Int, _ db: any Connection
    ) throws -> [RefundReference] {
        func run(_ sql: DialectText, _ instant: Instant, _ limit: Int) throws -> [RefundReference] {
            try found(sql, ["number", "trade_no"], on: channels, in: slices, at: instant, limit: limit, db) {
                RefundReference(
                    order: try $0.value("trade_no", TradeNumber.init).order, number: try $0.text("number"))
            }
        }
        let due = try run(refundsToAsk, now, limit)
        return due + (try run(refundsPlannedBeforeStep, now + Refund.longestPause, limit - due.count))
    }

    private static func found<Value>(
        _ sql: DialectText, _ names: [String], on channels: [Channel], in slices: ClosedRange<Int>, at now: Instant,
        limit: Int, _ db: any Connection, _ read: (StoredRow) throws -> Value
    ) throws -> [Value] {
        let columns = Columns(table: "what is due", names: names)
        let values: [any Storable] = [
            now.milliseconds, db.dialect.list(of: channels.map(\.name)), max(0, limit),
        ]
        return try db.prepared(sql).all(db.dialect.values(of: slices) + values) {
            try read(StoredRow(columns, key: "that is due", in: $0))
        }
    }
}

extension Dialect {
    /// The condition that an order is in one of the slices, which SQLite does not have.
    var inSlices: String {
        switch self {
        case .sqlite: ""
        case .postgres: "slice = ANY (:slices) AND "
        }
    }

    /// The value of ``inSlices``, if it has one.
    func values(of slices: ClosedRange<Int>) -> [any Storable] {
        switch self {
        case .sqlite: []
        case .postgres: [list(of: slices.map(String.init))]
        }
    }
}
