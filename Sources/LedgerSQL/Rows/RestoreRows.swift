import PayCore
package import PayFlow
import PayRecords

/// The table `restores`.
package enum RestoreRows {
    /// The number of the last restore; 0 if there was none.
    package static let count = "SELECT coalesce(max(number), 0) FROM restores"

    private static let counting = NumberedSQL(count)

    static func numbering(_ db: any Connection) throws -> Numbering {
        Numbering(restores: try db.prepared(counting).first { Int($0.integer(0)) } ?? 0)
    }

    private static let columns = Columns(table: "restores", names: ["number", "restored_at", "copied_at"])

    package static func list(_ db: any Connection) throws -> [Restore] {
        try db.prepared("SELECT \(columns.selected) FROM restores ORDER BY number").all { row in
            let stored = StoredRow(columns, key: "\(row.integer(0))", in: row)
            return Restore(
                number: try stored.count("number", in: 1...Int64(Restore.mostNumbers)),
                at: try stored.instant("restored_at"), copiedAt: try stored.instant("copied_at"))
        }
    }

    /// Stores the restore, and makes everything due that the providers may know more about.
    static func mark(_ number: Int?, at now: Instant, _ db: any Connection) throws -> Restore {
        let last = try numbering(db).restores
        let restore = Restore(number: number ?? last + 1, at: now, copiedAt: try lastChange(db))
        guard restore.number > last else { throw RestoreNumberUsed(last: last) }
        try db.prepared(columns.insertion).run([
            restore.number, restore.at.milliseconds, restore.copiedAt.milliseconds,
        ])
        try db.prepared(toSearch).run()
        for statement in due { try db.prepared(statement).run([now.milliseconds]) }
        try skipIdentifiers(at: now, db)
        return restore
    }

    private static func lastChange(_ db: any Connection) throws -> Instant {
        let last = try db.prepared("SELECT coalesce(max(updated_at), 0) FROM orders").first { $0.integer(0) }
        return Instant(milliseconds: last ?? 0)
    }

    private static let toSearch = """
        INSERT INTO orders_to_search (order_number) SELECT number FROM orders WHERE state = 'new'
        ON CONFLICT (order_number) DO NOTHING
        """

    static func ordersToSearch(
        after number: OrderNumber?, limit: Int, _ db: any Connection
    ) throws -> [OrderNumber] {
        try db.prepared(
            "SELECT order_number FROM orders_to_search WHERE order_number > ? ORDER BY order_number LIMIT ?"
        ).all([number?.text ?? "", max(0, limit)]) {
            try StoredRow(searched, key: "to search", in: $0).value("order_number", OrderNumber.init)
        }
    }

    static func remove(_ number: OrderNumber, _ db: any Connection) throws {
        try db.prepared("DELETE FROM orders_to_search WHERE order_number = ?").run([number.text])
    }

    /// The trades of an order that notices named before the order was stored.
    static func noticedTrades(of number: OrderNumber, _ db: any Connection) throws -> [NoticedTrade] {
        let found = try db.prepared(
            """
            SELECT DISTINCT channel, trade_no FROM notices
            WHERE order_number IS NULL AND trade_no > ? AND trade_no < ? ORDER BY trade_no, channel
            """
        ).all(["\(number)_", "\(number)`"]) { row in
            NoticedTrade(trade: TradeNumber(row.text(1) ?? ""), channel: Channel(row.text(0) ?? ""))
        }
        return found.compactMap { $0 }.filter { $0.trade.order == number }
    }

    private static let searched = Columns(table: "orders_to_search", names: ["order_number"])

    /// Everything that may hold or return money is queried at once. Attempts and refunds that are over stay over.
    private static let due = [
        """
        UPDATE attempts SET ask_at = ?
        WHERE state IN ('open', 'exposed') OR (state IN ('closed', 'failed') AND ask_at IS NOT NULL)
        """,
        "UPDATE attempts SET recover_at = ? WHERE recover_at IS NOT NULL",
        "UPDATE refunds SET ask_at = ? WHERE ask_at IS NOT NULL",
    ]

    /// Identifiers that the copy does not have were told to the merchant, who drops a message with a known one. Rows from
    /// now on are numbered behind the milliseconds of the clock: no database stores a thousand messages each second for
    /// years, so that no lost identifier is as high.
    private static func skipIdentifiers(at now: Instant, _ db: any Connection) throws {
        switch db.dialect {
        case .sqlite:
            let tables = try db.prepared("SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%'").all {
                $0.text(0) ?? ""
            }
            for table in tables {
                try db.prepared(
                    """
                    INSERT INTO sqlite_sequence (name, seq)
                    SELECT :table, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)
                    """
                ).run([table])
                try db.prepared("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?").run([
                    now.milliseconds, table,
                ])
            }
        case .postgres:
            let tables = try db.prepared(
                """
                SELECT table_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'
                """
            ).all { $0.text(0) ?? "" }
            for table in tables {
                _ = try db.prepared(
                    """
                    SELECT setval(pg_get_serial_sequence('\(table)', 'id'),
                        greatest(?::bigint, nextval(pg_get_serial_sequence('\(table)', 'id'))))
                    """
                ).first([now.milliseconds]) { _ in true }
            }
        }
    }
}
