package import PayCore
import PayFlow
import PayRecords

/// The table `receipts`.
package enum ReceiptRows {
    package static let columns = Columns(
        table: "receipts",
        names: [
            "trade_no", "channel", "transaction_id", "amount", "currency_code", "paid_at", "names_our_account",
            "standing", "recorded_at", "returned", "ruled_on",
        ])

    private static let selection = """
        SELECT \(columns.selected) FROM attempts JOIN receipts ON receipts.trade_no = attempts.trade_no
        WHERE attempts.order_number = ? ORDER BY receipts.id
        """

    /// An order's receipts, in the order in which they were stored.
    static func load(of order: OrderNumber, _ db: any Connection) throws -> [RecordedReceipt] {
        try db.prepared(selection).all([order.text]) { try receipt(StoredRow(columns, key: order.text, in: $0)) }
    }

    package static func receipt(_ unnamed: StoredRow) throws -> RecordedReceipt {
        let transactionID = try unnamed.value("transaction_id", TransactionID.init)
        let row = unnamed.renamed(transactionID.text)
        return RecordedReceipt(
            receipt: Receipt(
                channel: try row.value("channel", Channel.init),
                tradeNumber: try row.value("trade_no", TradeNumber.init), transactionID: transactionID,
                amount: try row.integer("amount"), currencyCode: try row.text("currency_code"),
                paidAt: Instant(milliseconds: try row.integer("paid_at")),
                namesOurAccount: try row.flag("names_our_account"), isReturned: try row.flag("returned")),
            standing: try row.value("standing", ReceiptStanding.init), recordedAt: try row.instant("recorded_at"),
            wasRuledOn: try row.flag("ruled_on"))
    }

    /// Stores new receipts, and those that were judged again.
    static func save(_ receipts: [RecordedReceipt], over loaded: [RecordedReceipt], _ db: any Connection) throws {
        for (index, recorded) in receipts.enumerated() {
            if !loaded.indices.contains(index) {
                try insert(recorded, db)
            } else if loaded[index] != recorded {
                try update(recorded, db)
            }
        }
    }

    private static func insert(_ recorded: RecordedReceipt, _ db: any Connection) throws {
        try db.prepared(columns.insertion).run(values(of: recorded))
    }

    /// The values of ``columns``.
    package static func values(of recorded: RecordedReceipt) -> [StoredValue?] {
        let receipt = recorded.receipt
        return [
            receipt.tradeNumber.text.stored, receipt.channel.name.stored, receipt.transactionID.text.stored,
            receipt.amount.stored, receipt.currencyCode.stored, receipt.paidAt.milliseconds.stored,
            receipt.namesOurAccount.stored, recorded.standing.rawValue.stored, recorded.recordedAt.milliseconds.stored,
            receipt.isReturned.stored, recorded.wasRuledOn.stored,
        ]
    }

    private static func update(_ recorded: RecordedReceipt, _ db: any Connection) throws {
        let receipt = recorded.receipt
        try db.prepared(updating).run([
            receipt.amount, receipt.currencyCode, receipt.paidAt.milliseconds, receipt.namesOurAccount,
            receipt.isReturned, recorded.standing.rawValue, recorded.wasRuledOn, receipt.channel.name,
            receipt.transactionID.text,
        ])
    }

    /// The columns that may change once, when a disputed receipt is judged again.
    private static let updating = """
        UPDATE receipts
        SET amount = ?, currency_code = ?, paid_at = ?, names_our_account = ?, returned = ?, standing = ?,
            ruled_on = ?
        WHERE channel = ? AND transaction_id = ?
        """

    /// The order of a payment; nil if no receipt of it is stored.
    static func order(of payment: TransactionID, at channel: Channel, _ db: any Connection) throws -> OrderNumber? {
        try db.prepared("SELECT trade_no FROM receipts WHERE channel = ? AND transaction_id = ?")
            .first([channel.name, payment.text]) { row in
                let columns = Columns(table: "receipts", names: ["trade_no"])
                return try StoredRow(columns, key: payment.text, in: row).value("trade_no", TradeNumber.init).order
            }
    }

    /// The first receipt whose payment is already stored for another trade.
    static func paymentOfAnotherTrade(
        in receipts: [RecordedReceipt], _ db: any Connection
    ) throws -> PaymentOfAnotherTrade? {
        let foreign = try receipts.map(\.receipt).first { receipt in
            try db.prepared("SELECT trade_no FROM receipts WHERE channel = ? AND transaction_id = ?")
                .first([receipt.channel.name, receipt.transactionID.text]) { $0.text(0) != receipt.tradeNumber.text }
                ?? false
        }
        return foreign.map { PaymentOfAnotherTrade(channel: $0.channel, transactionID: $0.transactionID) }
    }
}
