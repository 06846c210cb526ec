import PayCore
import PayFlow
import PayRecords

/// Finds orders by the numbers of their attempts, payments and refunds, each by an index.
enum NumberStatements {
    static let ofTrade = "SELECT order_number FROM attempts WHERE trade_no = ?"

    static let ofTransaction = """
        SELECT attempts.order_number FROM receipts JOIN attempts ON attempts.trade_no = receipts.trade_no
        WHERE receipts.transaction_id = ?
        """

    /// The merchant's number, and the number that Paypage stored: the provider may know another one by now.
    static let ofRefund = """
        SELECT order_number FROM refunds WHERE number IN (?, ?)
        UNION ALL
        SELECT order_number FROM refunds WHERE refund_no = ?
        """

    /// The values of ``ofRefund`` and the first ones of ``refunds``.
    static func refundNumbers(_ text: String) -> [String] {
        [text, OwnRefundNumber(text)?.number ?? text, text]
    }

    static let payments = """
        SELECT receipts.trade_no, receipts.channel FROM receipts
        WHERE receipts.transaction_id = ? ORDER BY receipts.channel LIMIT ?
        """

    static let refunds = """
        SELECT trade_no, channel FROM refunds WHERE id IN (
            SELECT id FROM refunds WHERE number IN (?, ?) UNION ALL SELECT id FROM refunds WHERE refund_no = ?
        )
        ORDER BY id LIMIT ?
        """

    private static let isOrder = "SELECT EXISTS (SELECT 1 FROM orders WHERE number = ?)"
    private static let isTrade = "SELECT EXISTS (SELECT 1 FROM attempts WHERE trade_no = ?)"

    private static let columns = Columns(table: "what has a number", names: ["trade_no", "channel"])

    static func named(_ text: String, limit: Int, _ db: any Connection) throws -> [NamedOrder] {
        // An order's own number decides: otherwise an order could be shadowed by an attempt of another one.
        if let number = OrderNumber(text), try exists(isOrder, text, db) {
            return [NamedOrder(order: number, bearer: .order)]
        }
        var found: [NamedOrder] = []
        if let trade = TradeNumber(text), try exists(isTrade, text, db) {
            found.append(NamedOrder(order: trade.order, bearer: .attempt(trade)))
        }
        found += try bearers(payments, [text], limit: limit, db) { trade, channel in
            NamedOrder(order: trade.order, bearer: .payment(channel))
        }
        found += try bearers(refunds, refundNumbers(text), limit: limit, db) { trade, _ in
            NamedOrder(order: trade.order, bearer: .refund(trade))
        }
        return Array(found.prefix(limit))
    }

    private static func exists(_ sql: String, _ text: String, _ db: any Connection) throws -> Bool {
        try db.prepared(sql).first([text]) { $0.integer(0) == 1 } ?? false
    }

    private static func bearers(
        _ sql: String, _ values: [String], limit: Int, _ db: any Connection,
        _ bearer: (TradeNumber, Channel) -> NamedOrder
    ) throws -> [NamedOrder] {
        try db.prepared(sql).all(values + [max(0, limit)]) { found in
            let row = StoredRow(columns, key: values[0], in: found)
            return bearer(try row.value("trade_no", TradeNumber.init), try row.value("channel", Channel.init))
        }
    }
}
