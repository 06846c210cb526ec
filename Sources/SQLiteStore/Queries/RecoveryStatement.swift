import PayCore
import PayRecords

/// The orders that a dead worker left behind. At most one attempt of an order is due, so that no order comes twice.
enum RecoveryStatement {
    /// The channels are passed as a JSON list, so that one statement serves any number of them.
    static let sql = """
        SELECT order_number FROM attempts
        WHERE recover_at <= ? AND channel IN (SELECT value FROM json_each(?))
        ORDER BY recover_at, order_number LIMIT ?
        """

    /// Recoveries that are planned further ahead than any pause: the clock was set back since.
    static let plannedBeforeStep = """
        SELECT order_number FROM attempts
        WHERE recover_at > ? AND channel IN (SELECT value FROM json_each(?))
        ORDER BY recover_at, order_number LIMIT ?
        """

    private static let columns = Columns(table: "attempts", names: ["order_number"])

    static func run(on channels: [Channel], at now: Instant, limit: Int, _ db: Connection) throws -> [OrderNumber] {
        let list = "[" + channels.map { "\"\($0.name)\"" }.joined(separator: ",") + "]"
        func run(_ sql: String, _ instant: Instant, _ limit: Int) throws -> [OrderNumber] {
            try db.prepared(sql).all([instant.milliseconds, list, max(0, limit)]) { row in
                try StoredRow(columns, key: "that is to be recovered", in: row).value("order_number", OrderNumber.init)
            }
        }
        let due = try run(sql, now, limit)
        return due + (try run(plannedBeforeStep, now + PayRules.longestRecoveryPause, limit - due.count))
    }
}
