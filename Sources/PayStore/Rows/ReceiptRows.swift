import GRDB
import PayCore
import PayFlow

/// The table `receipts`.
enum ReceiptRows {
    static let columns = Columns(
        table: "receipts",
        names: [
            "trade_no", "channel", "transaction_id", "amount", "currency_code", "paid_at", "names_our_account",
            "standing", "recorded_at",
        ])

    private static let selection = """
        SELECT \(columns.selected) FROM attempts JOIN receipts ON receipts.trade_no = attempts.trade_no
        WHERE attempts.order_number = ? ORDER BY receipts.id
        """

    /// An order's receipts, in the order in which they were written down.
    static func load(of order: OrderNumber, _ db: Database) throws -> [RecordedReceipt] {
        try Row.fetchAll(try db.cachedStatement(sql: selection), arguments: [order.text]).map { row in
            try receipt(StoredRow(columns, key: order.text, in: row))
        }
    }

    static func receipt(_ unnamed: StoredRow) throws -> RecordedReceipt {
        let transactionID = try unnamed.value("transaction_id", TransactionID.init)
        let row = unnamed.renamed(transactionID.text)
        return RecordedReceipt(
            receipt: Receipt(
                channel: try row.value("channel", Channel.init),
                tradeNumber: try row.value("trade_no", TradeNumber.init), transactionID: transactionID,
                amount: try row.integer("amount"), currencyCode: try row.text("currency_code"),
                paidAt: Instant(milliseconds: try row.integer("paid_at")),
                namesOurAccount: try row.flag("names_our_account")),
            standing: try row.value("standing", ReceiptStanding.init), recordedAt: try row.instant("recorded_at"))
    }

    static func insert(_ receipts: [RecordedReceipt], _ db: Database) throws {
        let statement = try db.cachedStatement(sql: columns.insertion)
        for recorded in receipts {
            let receipt = recorded.receipt
            try statement.execute(arguments: [
                "trade_no": receipt.tradeNumber.text, "channel": receipt.channel.name,
                "transaction_id": receipt.transactionID.text, "amount": receipt.amount,
                "currency_code": receipt.currencyCode, "paid_at": receipt.paidAt.milliseconds,
                "names_our_account": receipt.namesOurAccount, "standing": recorded.standing.rawValue,
                "recorded_at": recorded.recordedAt.milliseconds,
            ])
        }
    }

    /// The first of the receipts that names a payment that is written down for another trade.
    static func paymentOfAnotherTrade(
        in receipts: [RecordedReceipt], _ db: Database
    ) throws -> PaymentOfAnotherTrade? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT trade_no <> :trade_no FROM receipts
                WHERE channel = :channel AND transaction_id = :transaction_id
                """)
        let foreign = try receipts.map(\.receipt).first { receipt in
            try Bool.fetchOne(
                statement,
                arguments: [
                    "trade_no": receipt.tradeNumber.text, "channel": receipt.channel.name,
                    "transaction_id": receipt.transactionID.text,
                ]) ?? false
        }
        return foreign.map { PaymentOfAnotherTrade(channel: $0.channel, transactionID: $0.transactionID) }
    }
}
