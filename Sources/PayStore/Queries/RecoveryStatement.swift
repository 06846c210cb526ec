import GRDB
import PayCore

/// The orders that a worker left behind. At most one attempt of an order is due, so none comes twice.
enum RecoveryStatement {
    static let sql = """
        SELECT order_number FROM attempts WHERE recover_at <= ? ORDER BY recover_at, order_number LIMIT ?
        """

    private static let columns = Columns(table: "attempts", names: ["order_number"])

    static func run(at now: Instant, limit: Int, _ db: Database) throws -> [OrderNumber] {
        let statement = try db.cachedStatement(sql: sql)
        return try Row.fetchAll(statement, arguments: [now.milliseconds, max(0, limit)]).map { row in
            try StoredRow(columns, key: "that is to be recovered", in: row).value("order_number", OrderNumber.init)
        }
    }
}
