import PayCore
import PayFlow
import PayRecords

/// The sums for charts. Each reads the rows of its period only, by the indexes of reconciliation, which begin with the
/// channel.
enum MoneyTotalStatements {
    private static let columns = Columns(table: "sums", names: ["step", "currency", "payments", "amount"])

    /// An accepted dispute may have any amount. Amounts above an order's limit could overflow the sum.
    static let payments = DialectText { dialect in
        """
        SELECT (receipts.paid_at - :start) / :step AS step, receipts.currency_code, count(*),
            CAST(sum(receipts.amount) AS BIGINT)
        FROM channels
        \(dialect.orderedJoin) receipts\(dialect.indexed(by: "receipts_by_time")) ON receipts.channel = channels.name
        WHERE receipts.paid_at >= :start AND receipts.paid_at < :end AND receipts.standing = 'honest'
            AND receipts.amount BETWEEN 1 AND :largest
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    }

    static let refunds = DialectText { dialect in
        """
        SELECT (refunds.refunded_at - :start) / :step AS step, refunds.currency, count(*),
            CAST(sum(refunds.amount) AS BIGINT)
        FROM channels
        \(dialect.orderedJoin) refunds\(dialect.indexed(by: "refunds_by_time")) ON refunds.channel = channels.name
        WHERE refunds.refunded_at >= :start AND refunds.refunded_at < :end AND refunds.amount BETWEEN 1 AND :largest
        GROUP BY 1, 2 ORDER BY 1, 2
        """
    }

    static func run(_ sql: DialectText, in steps: TimeSteps, _ db: any Connection) throws -> [MoneyTotal] {
        let values: [any Storable] = [
            steps.start.milliseconds, steps.step.wholeMilliseconds, steps.end.milliseconds, Money.largestAmount,
        ]
        return try db.prepared(sql).all(values) { found in
            let row = StoredRow(columns, key: "of a chart", in: found)
            // The provider's spelling of a currency is stored as it came.
            guard let currency = Currency(try row.text("currency")) else { return nil }
            return MoneyTotal(
                step: Int(try row.integer("step")), currency: currency, count: Int(try row.integer("payments")),
                amount: try row.integer("amount"))
        }.compactMap(\.self)
    }
}
