package import PayCore
import PayFlow
import PayRecords

/// The table `events`: the messages to the merchant, with their content. The database adds their deliveries.
package enum EventRows {
    private static let said = Columns(
        table: "events",
        names: [
            "id", "kind", "trade_no", "transaction_id", "refund_number", "provider_code", "difference_id",
            "occurred_at",
        ])
    private static let orders = Columns(
        table: "orders", names: ["number", "user_id", "amount", "currency", "subject"])
    private static let refunds = Columns(
        table: "refunds", names: ["number", "refund_no", "amount", "currency", "cause", "reason"])

    private static let appending = """
        INSERT INTO events (\(inserted.joined(separator: ", ")))
        VALUES (\(inserted.map { ":" + $0 }.joined(separator: ", ")))
        """

    static func append(_ events: [OrderEvent], of order: OrderNumber, _ db: any Connection) throws {
        for event in events {
            try db.prepared(appending).run(values(of: event, of: order))
        }
    }

    /// The columns that a new event is given.
    package static let inserted = [
        "order_number", "kind", "trade_no", "transaction_id", "refund_number", "provider_code", "difference_id",
        "occurred_at",
    ]

    /// The values of ``inserted``.
    package static func values(of event: OrderEvent, of order: OrderNumber) -> [StoredValue?] {
        [
            order.text.stored, event.kind.rawValue.stored, event.tradeNumber?.text.stored,
            event.transactionID?.text.stored, event.refundNumber?.stored, event.providerCode?.stored,
            event.differenceID?.number.stored, event.at.milliseconds.stored,
        ]
    }

    /// The trade's channel and the payment's number identify the receipt, and both identify the refund.
    private static let selection = """
        SELECT \(said.selected), \(orders.selected), \(ReceiptRows.columns.selected), \(refunds.selected)
        FROM events
        JOIN orders ON orders.number = events.order_number
        LEFT JOIN attempts ON attempts.trade_no = events.trade_no
        LEFT JOIN receipts ON receipts.channel = attempts.channel
            AND receipts.transaction_id = events.transaction_id
        LEFT JOIN refunds ON refunds.order_number = events.order_number
            AND refunds.number = events.refund_number
        WHERE events.id = ?
        """

    /// The content of a message, from the rows that it is about; nil if there is no such event.
    static func find(_ id: EventID, _ db: any Connection) throws -> EventMessage? {
        try db.prepared(selection).first([id.number], { try message(id, $0, db) })
    }

    static func load(_ id: EventID, _ db: any Connection) throws -> EventMessage {
        guard let message = try find(id, db) else {
            throw UnreadableRow(table: said.table, key: "\(id)", column: "order_number")
        }
        return message
    }

    private static func message(_ id: EventID, _ row: any FoundRow, _ db: any Connection) throws -> EventMessage {
        let orderStart = said.names.count
        let receiptStart = orderStart + orders.names.count
        let refundStart = receiptStart + ReceiptRows.columns.names.count
        let event = try event(StoredRow(said, key: "\(id)", in: row))
        return EventMessage(
            id: id, event: event, order: try order(StoredRow(orders, key: "\(id)", in: row, from: orderStart)),
            payment: try payment(StoredRow(ReceiptRows.columns, key: "\(id)", in: row, from: receiptStart)),
            refund: event.kind.isOfRefund
                ? try refund(StoredRow(refunds, key: "\(id)", in: row, from: refundStart)) : nil,
            difference: try event.differenceID.flatMap { try difference($0, db) })
    }

    private static func event(_ row: StoredRow) throws -> OrderEvent {
        OrderEvent(
            kind: try row.value("kind", OrderEvent.Kind.init),
            tradeNumber: try row.optionalValue("trade_no", TradeNumber.init),
            transactionID: try row.optionalValue("transaction_id", TransactionID.init),
            refundNumber: try row.optionalText("refund_number"),
            providerCode: try row.optionalText("provider_code"),
            differenceID: try row.optionalInteger("difference_id").flatMap(DifferenceID.init),
            at: try row.instant("occurred_at"))
    }

    private static func difference(
        _ id: DifferenceID, _ db: any Connection
    ) throws -> EventMessage.DifferenceParticulars? {
        try DifferenceRows.load(id, db).map {
            EventMessage.DifferenceParticulars(id: $0.id, channel: $0.channel, finding: $0.finding)
        }
    }

    private static func order(_ row: StoredRow) throws -> EventMessage.OrderParticulars {
        EventMessage.OrderParticulars(
            number: try row.value("number", OrderNumber.init), userID: try row.value("user_id", UserID.stored),
            money: try row.money("amount", "currency"), subject: try row.value("subject", Subject.stored))
    }

    private static func payment(_ row: StoredRow) throws -> Receipt? {
        try row.optionalText("transaction_id") == nil ? nil : ReceiptRows.receipt(row).receipt
    }

    private static func refund(_ row: StoredRow) throws -> EventMessage.RefundParticulars? {
        guard let number = try row.optionalText("number") else { return nil }
        return EventMessage.RefundParticulars(
            number: try row.optionalText("refund_no") ?? number, money: try row.money("amount", "currency"),
            cause: try row.value("cause", RefundCause.init), reason: try row.optionalValue("reason", RefundReason.init))
    }

    static func id(_ row: StoredRow, _ column: String = "id") throws -> EventID {
        guard let id = EventID(try row.integer(column)) else { throw row.unreadable(column) }
        return id
    }
}
