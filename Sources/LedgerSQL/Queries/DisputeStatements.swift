import PayCore
import PayFlow
import PayRecords

/// The list of disputed receipts.
enum DisputeStatements {
    private static let expected = Columns(table: "attempts", names: ["amount", "currency", "channel"])
    private static let orders = Columns(table: "orders", names: ["number", "state"])

    static let open = """
        SELECT \(ReceiptRows.columns.selected), \(expected.selected), \(orders.selected)
        FROM receipts
        JOIN attempts ON attempts.trade_no = receipts.trade_no
        JOIN orders ON orders.number = attempts.order_number
        WHERE receipts.standing = 'disputed' ORDER BY receipts.id LIMIT :limit
        """

    static let ordersWithReceipt = """
        SELECT DISTINCT \(orders.selected)
        FROM receipts
        JOIN attempts ON attempts.trade_no = receipts.trade_no
        JOIN orders ON orders.number = attempts.order_number
        WHERE receipts.transaction_id = :transaction_id ORDER BY orders.number
        """

    static func list(limit: Int, _ db: any Connection) throws -> [ListedDispute] {
        try db.prepared(open).all([max(0, limit)]) { found in
            let recorded = try ReceiptRows.receipt(StoredRow(ReceiptRows.columns, key: "that is disputed", in: found))
            let key = recorded.receipt.transactionID.text
            let expectedStart = ReceiptRows.columns.names.count
            let attempt = StoredRow(expected, key: key, in: found, from: expectedStart)
            let order = StoredRow(orders, key: key, in: found, from: expectedStart + expected.names.count)
            return ListedDispute(
                recorded: recorded, expected: try attempt.money("amount", "currency"),
                expectedChannel: try attempt.value("channel", Channel.init),
                orderState: try order.value("state", OrderStateName.init))
        }
    }

    static func orders(with transactionID: TransactionID, _ db: any Connection) throws -> [OrderNumber] {
        try db.prepared(ordersWithReceipt).all([transactionID.text]) { found in
            try StoredRow(orders, key: transactionID.text, in: found).value("number", OrderNumber.init)
        }
    }
}
