import PayCore
import PayRecords

/// The orders that a dead worker left behind. At most one attempt of an order is due, so that no order comes twice.
enum RecoveryStatement {
    static let sql = DialectText { dialect in
        """
        SELECT order_number FROM attempts
        WHERE \(dialect.inSlices)recover_at <= :now AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY recover_at, order_number LIMIT :limit
        """
    }

    /// Recoveries that are planned further ahead than any pause: the clock was set back since.
    static let plannedBeforeStep = DialectText { dialect in
        """
        SELECT order_number FROM attempts
        WHERE \(dialect.inSlices)recover_at > :instant AND \(dialect.isAny(of: ":channels", "channel"))
        ORDER BY recover_at, order_number LIMIT :limit
        """
    }

    private static let columns = Columns(table: "attempts", names: ["order_number"])

    static func run(
        on channels: [Channel], in slices: ClosedRange<Int> = DueStatements.slices, at now: Instant, limit: Int,
        _ db: any Connection
    ) throws -> [OrderNumber] {
        let list = db.dialect.list(of: channels.map(\.name))
        func run(_ sql: DialectText, _ instant: Instant, _ limit: Int) throws -> [OrderNumber] {
            let values: [any Storable] = [instant.milliseconds, list, max(0, limit)]
            return try db.prepared(sql).all(db.dialect.values(of: slices) + values) { row in
                try StoredRow(columns, key: "that is to be recovered", in: row).value("order_number", OrderNumber.init)
            }
        }
        let due = try run(sql, now, limit)
        return due + (try run(plannedBeforeStep, now + PayRules.longestRecoveryPause, limit - due.count))
    }
}
