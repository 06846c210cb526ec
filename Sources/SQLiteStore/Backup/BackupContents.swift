import LedgerSQL
package import PayCore
package import PayFlow

/// The contents of a copy of a database, for a person who decides about it.
package struct BackupContents: Hashable, Sendable {
    /// The rows of the tables about money, by name.
    package let rows: [String: Int]
    /// The last change of an order; nil without orders.
    package let changedAt: Instant?
    /// Orders that can still be paid.
    package let openOrders: Int
    /// Attempts through which money may be on its way.
    package let attemptsThatMayTakeMoney: Int
    /// Refunds that are under way.
    package let refundsUnderWay: Int
    /// Messages to the merchant that are not delivered.
    package let pendingMessages: Int
    package let restores: [Restore]
    /// Migrations that a newer release has, and the copy does not.
    package let pendingMigrations: [String]

    /// The tables whose rows are counted.
    private static let tables = [
        "orders", "attempts", "receipts", "refunds", "notices", "deliveries", "history", "audit",
    ]

    init(_ db: FileConnection, pendingMigrations: [String]) throws {
        func count(_ what: String) throws -> Int {
            try db.prepared("SELECT count(*) FROM \(what)").first { Int($0.integer(0)) } ?? 0
        }
        var rows: [String: Int] = [:]
        for table in Self.tables { rows[table] = try count(table) }
        self.rows = rows
        changedAt =
            try db.prepared("SELECT max(updated_at) FROM orders").first { row in
                row.kind(0) == .null ? nil : Instant(milliseconds: row.integer(0))
            } ?? nil
        openOrders = try count("orders WHERE state = 'new'")
        attemptsThatMayTakeMoney = try count("attempts WHERE state IN ('creating', 'open', 'closing', 'exposed')")
        refundsUnderWay = try count("refunds WHERE state IN ('pending', 'submitted', 'needs_attention')")
        pendingMessages = try count("deliveries WHERE state <> 'delivered'")
        restores = try RestoreRows.list(db)
        self.pendingMigrations = pendingMigrations
    }
}
