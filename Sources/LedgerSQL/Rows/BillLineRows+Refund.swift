import PayCore
import PayFlow
import PayRecords

/// The lines of refunds, and lines about the same money.
extension BillLineRows {
    /// A refund without a requested number has the provider's number alone. A refund's number is unique only within its
    /// trade. Stripe's line of a refund from the dashboard names the payment, and no trade.
    private static func ofRefund(_ status: String) -> String {
        """
        SELECT EXISTS (
            SELECT 1 FROM bill_lines JOIN bills ON bills.id = bill_lines.bill_id AND bills.load = bill_lines.load
            WHERE bill_lines.refund_no = :number AND bill_lines.refund_no IS NOT NULL
                AND (bill_lines.trade_no = :trade OR bill_lines.transaction_id = :transaction)
                AND bill_lines.status \(status) AND bills.channel = :channel
        ) OR EXISTS (
            SELECT 1 FROM bill_lines JOIN bills ON bills.id = bill_lines.bill_id AND bills.load = bill_lines.load
            WHERE bill_lines.provider_refund_id = :number AND bill_lines.provider_refund_id IS NOT NULL
                AND bill_lines.refund_no IS NULL
                AND (bill_lines.trade_no = :trade OR bill_lines.transaction_id = :transaction)
                AND bill_lines.status \(status) AND bills.channel = :channel
        )
        """
    }

    private static let movedRefund = ofRefund("<> 'failed'")
    private static let failedRefund = ofRefund("= 'failed'")

    /// Whether a loaded bill has the refund under its present number.
    static func have(_ refund: Refund, at channel: Channel, _ db: any Connection) throws -> Bool {
        try db.prepared(movedRefund).first([
            refund.providerNumber, refund.tradeNumber.text, refund.transactionID.text, channel.name,
        ]) { $0.integer(0) == 1 } ?? false
    }

    /// Whether a loaded bill says that the refund of this line failed.
    static func haveFailed(_ line: BillLine, at channel: Channel, _ db: any Connection) throws -> Bool {
        guard let number = line.numberAtProvider else { return false }
        return try db.prepared(failedRefund).first([number, line.tradeNumber, line.transactionID, channel.name]) {
            $0.integer(0) == 1
        } ?? false
    }

    // MARK: Rows about the same money

    /// A row counts as the first about its money if it matched, or else if it stands before the others.
    private static func repeated(_ index: String, _ key: String) -> DialectText {
        DialectText { dialect in
            """
            SELECT EXISTS (
                SELECT 1 FROM bill_lines\(dialect.indexed(by: index))
                JOIN bills ON bills.id = bill_lines.bill_id AND bills.load = bill_lines.load
                WHERE \(key) AND bill_lines.status <> 'failed' AND bills.channel = :channel
                    AND (bill_lines.bill_id <> :bill OR bill_lines.row <> :row)
                    AND (
                        bill_lines.standing = 'matched' OR bill_lines.bill_id < :bill
                        OR (bill_lines.bill_id = :bill AND bill_lines.row < :row)
                    )
            )
            """
        }
    }

    private static let repeatedPayment = repeated(
        "bill_lines_by_transaction",
        """
        bill_lines.kind = 'payment' AND bill_lines.transaction_id = :transaction
            AND bill_lines.transaction_id IS NOT NULL
        """)

    private static let repeatedTrade = repeated(
        "bill_lines_by_trade",
        "bill_lines.kind = 'payment' AND bill_lines.transaction_id IS NULL AND bill_lines.trade_no = :trade")

    private static let repeatedRefund = repeated(
        "bill_lines_by_refund",
        """
        bill_lines.kind = 'refund' AND bill_lines.refund_no = :number AND bill_lines.refund_no IS NOT NULL
            AND bill_lines.trade_no = :trade
        """)

    private static let repeatedProviderRefund = repeated(
        "bill_lines_by_provider_refund",
        """
        bill_lines.kind = 'refund' AND bill_lines.refund_no IS NULL AND bill_lines.provider_refund_id = :number
            AND bill_lines.provider_refund_id IS NOT NULL AND bill_lines.trade_no = :trade
        """)

    /// Whether another row of a loaded bill moved the same money, and is the first about it.
    static func haveBefore(
        _ line: BillLine, of bill: BillRows.Loaded, at channel: Channel, _ db: any Connection
    ) throws -> Bool {
        guard line.status != .failed else { return false }
        let (sql, key): (DialectText, [String])
        switch (line.kind, line.transactionID, line.refundNumber, line.providerRefundID) {
        case (.payment, let transaction?, _, _): (sql, key) = (repeatedPayment, [transaction])
        case (.payment, nil, _, _): (sql, key) = (repeatedTrade, [line.tradeNumber])
        case (.refund, _, let number?, _): (sql, key) = (repeatedRefund, [number, line.tradeNumber])
        case (.refund, _, nil, let number?): (sql, key) = (repeatedProviderRefund, [number, line.tradeNumber])
        case (.refund, _, nil, nil): return false
        }
        let place: [(any Storable)?] = [channel.name, bill.id, line.row]
        return try db.prepared(sql).first(key + place) { $0.integer(0) == 1 } ?? false
    }
}
