package import PayCore
import PayFlow
import PayRecords

/// The table `deliveries`: the outbox.
package enum DeliveryRows {
    /// The content of a message, which never changes.
    private static let said = Columns(
        table: "deliveries",
        names: [
            "id", "kind", "trade_no", "transaction_id", "refund_number", "provider_code", "difference_id",
            "occurred_at",
        ])
    private static let orders = Columns(
        table: "orders", names: ["number", "user_id", "amount", "currency", "subject"])
    private static let refunds = Columns(
        table: "refunds", names: ["number", "refund_no", "amount", "currency", "cause", "reason"])

    /// The progress of a message.
    static let standing = Columns(
        table: "deliveries",
        names: [
            "id", "order_number", "kind", "occurred_at", "state", "tries", "next_at", "delivered_at", "last_answer",
        ])

    /// A new message gets the due time of the pending messages before it, so that it isn't found in vain.
    private static let appending = DialectText { dialect in
        """
        INSERT INTO deliveries (
            order_number, kind, trade_no, transaction_id, refund_number, provider_code, difference_id, occurred_at,
            next_at
        )
        VALUES (
            :order, :kind, :trade_no, :transaction_id, :refund_number, :provider_code, :difference_id, :occurred_at,
            \(dialect.greatest)(:occurred_at, coalesce(
                (SELECT max(next_at) FROM deliveries WHERE order_number = :order AND state = 'pending'), 0))
        )
        """
    }

    static func append(_ events: [OrderEvent], of order: OrderNumber, _ db: any Connection) throws {
        for event in events {
            try db.prepared(appending).run(values(of: event, of: order))
        }
    }

    /// The columns that a new message is given, beside the instant at which it is due.
    package static let appended = [
        "order_number", "kind", "trade_no", "transaction_id", "refund_number", "provider_code", "difference_id",
        "occurred_at",
    ]

    /// The values of ``appended``.
    package static func values(of event: OrderEvent, of order: OrderNumber) -> [(any Storable)?] {
        [
            order.text, event.kind.rawValue, event.tradeNumber?.text, event.transactionID?.text, event.refundNumber,
            event.providerCode, event.differenceID?.number, event.at.milliseconds,
        ]
    }

    /// The trade's channel and the payment's number identify the receipt, and both identify the refund.
    private static let selection = """
        SELECT \(said.selected), \(orders.selected), \(ReceiptRows.columns.selected), \(refunds.selected)
        FROM deliveries
        JOIN orders ON orders.number = deliveries.order_number
        LEFT JOIN attempts ON attempts.trade_no = deliveries.trade_no
        LEFT JOIN receipts ON receipts.channel = attempts.channel
            AND receipts.transaction_id = deliveries.transaction_id
        LEFT JOIN refunds ON refunds.order_number = deliveries.order_number
            AND refunds.number = deliveries.refund_number
        WHERE deliveries.id = ?
        """

    /// The content of a message, from the rows that it is about.
    static func load(_ id: DeliveryID, _ db: any Connection) throws -> Delivery {
        guard let delivery = try db.prepared(selection).first([id.number], { try delivery(id, $0, db) }) else {
            throw UnreadableRow(table: said.table, key: "\(id)", column: "order_number")
        }
        return delivery
    }

    private static func delivery(_ id: DeliveryID, _ row: any FoundRow, _ db: any Connection) throws -> Delivery {
        let orderStart = said.names.count
        let receiptStart = orderStart + orders.names.count
        let refundStart = receiptStart + ReceiptRows.columns.names.count
        let event = try event(StoredRow(said, key: "\(id)", in: row))
        return Delivery(
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

    private static func difference(_ id: DifferenceID, _ db: any Connection) throws -> Delivery.DifferenceParticulars? {
        try DifferenceRows.load(id, db).map {
            Delivery.DifferenceParticulars(id: $0.id, channel: $0.channel, finding: $0.finding)
        }
    }

    private static func order(_ row: StoredRow) throws -> Delivery.OrderParticulars {
        Delivery.OrderParticulars(
            number: try row.value("number", OrderNumber.init), userID: try row.value("user_id", UserID.init),
            money: try row.money("amount", "currency"), subject: try row.value("subject", Subject.init))
    }

    private static func payment(_ row: StoredRow) throws -> Receipt? {
        try row.optionalText("transaction_id") == nil ? nil : ReceiptRows.receipt(row).receipt
    }

    private static func refund(_ row: StoredRow) throws -> Delivery.RefundParticulars? {
        guard let number = try row.optionalText("number") else { return nil }
        return Delivery.RefundParticulars(
            number: try row.optionalText("refund_no") ?? number, money: try row.money("amount", "currency"),
            cause: try row.value("cause", RefundCause.init), reason: try row.optionalValue("reason", RefundReason.init))
    }

    static func record(_ row: StoredRow) throws -> DeliveryRecord {
        let id = try id(row)
        let row = row.renamed("\(id)")
        return DeliveryRecord(
            id: id, order: try row.value("order_number", OrderNumber.init),
            kind: try row.value("kind", OrderEvent.Kind.init), occurredAt: try row.instant("occurred_at"),
            state: try row.value("state", DeliveryState.init), tries: try tries(row, "tries"),
            nextAt: try row.instant("next_at"), deliveredAt: try row.optionalInstant("delivered_at"),
            lastAnswer: try row.optionalText("last_answer"))
    }

    static func id(_ row: StoredRow) throws -> DeliveryID {
        guard let id = DeliveryID(try row.integer("id")) else { throw row.unreadable("id") }
        return id
    }

    static func tries(_ row: StoredRow, _ column: String) throws -> Int {
        try row.count(column, in: 0...1_000_000_000)
    }
}
