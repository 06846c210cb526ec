import PayCore
import PayFlow
import PayRecords

/// The blanking of buyers' data. An index finds the due orders.
enum PrivacyStatements {
    /// An order that still moves needs its data: a refund is requested again with its reason.
    private static let isQuiet = """
        NOT EXISTS (
            SELECT 1 FROM attempts
            WHERE order_number = orders.number AND state IN ('creating', 'open', 'closing', 'exposed')
        ) AND NOT EXISTS (
            SELECT 1 FROM refunds
            WHERE order_number = orders.number AND state IN ('pending', 'submitted', 'needs_attention')
        )
        """

    static let due = """
        SELECT number FROM orders
        WHERE blanked_at IS NULL AND left_new_at <= ? AND \(isQuiet) ORDER BY left_new_at, number LIMIT ?
        """

    static let erased = """
        SELECT number FROM orders
        WHERE erase_at IS NOT NULL AND blanked_at IS NULL AND left_new_at IS NOT NULL AND \(isQuiet)
        ORDER BY number LIMIT ?
        """

    private static let order = DialectText { dialect in
        """
        UPDATE orders SET user_id = '', subject = '', return_url = NULL, blanked_at = ?,
            updated_at = \(OrderRows.updatedAt[dialect])
        WHERE number = ?
        """
    }

    /// The rows of an order beside its own.
    private static let parts = [
        "UPDATE attempts SET openid = '', client_ip = NULL, subject = '', return_url = NULL WHERE order_number = ?",
        "UPDATE refunds SET reason = NULL WHERE order_number = ? AND reason IS NOT NULL",
        "UPDATE notices SET body = '' WHERE order_number = ?",
        PurgeStatements.pagesOfOrder,
    ]

    static func numbers(_ sql: String, _ values: [any Storable], _ db: any Connection) throws -> [String] {
        // Not parsed: a row that was edited by hand must not stop the others.
        try db.prepared(sql).all(values) { $0.text(0) ?? "" }
    }

    static func blank(_ number: String, at now: Instant, _ db: any Connection) throws {
        try db.prepared(order).run([now.milliseconds, try OrderRows.nextUpdate(at: now, db), number])
        for statement in parts { try db.prepared(statement).run([number]) }
    }

    /// Few notices have no order. Sorted by their id, they would be looked for among all notices.
    static let noticesDue = DialectText { dialect in
        """
        SELECT id FROM notices\(dialect.indexed(by: "notices_of_unknown_orders"))
        WHERE order_number IS NULL AND body <> '' AND received_at <= ? ORDER BY trade_no, id LIMIT ?
        """
    }

    static func noticesDue(by instant: Instant, limit: Int, _ db: any Connection) throws -> [Int64] {
        try db.prepared(noticesDue).all([instant.milliseconds, max(0, limit)]) { $0.integer(0) }
    }

    static func blankNotice(_ id: Int64, _ db: any Connection) throws {
        try db.prepared("UPDATE notices SET body = '' WHERE id = ?").run([id])
    }

    private static let asking = DialectText { dialect in
        """
        UPDATE orders SET erase_at = ?, updated_at = \(OrderRows.updatedAt[dialect])
        WHERE user_id = ? AND erase_at IS NULL
        """
    }

    /// The keys that led to orders of the user that are over, and to their attempts.
    private static let keys = """
        DELETE FROM idempotency_keys WHERE coalesce(order_number, (
            SELECT attempts.order_number FROM attempts WHERE attempts.trade_no = idempotency_keys.trade_no
        )) IN (SELECT number FROM orders WHERE user_id = ? AND state <> 'new')
        """

    static func askErasure(of user: UserID, at now: Instant, _ db: any Connection) throws {
        try db.prepared(keys).run([user.text])
        try db.prepared(asking).run([now.milliseconds, try OrderRows.nextUpdate(at: now, db), user.text])
    }

    static func orders(of user: UserID, _ db: any Connection) throws -> [OrderNumber] {
        let columns = Columns(table: "orders", names: ["number"])
        let ofUser = "SELECT number FROM orders WHERE user_id = ? ORDER BY created_at, number"
        return try db.prepared(ofUser).all([user.text]) {
            try StoredRow(columns, key: "of a user", in: $0).value("number", OrderNumber.init)
        }
    }

    static func texts(of number: OrderNumber, _ db: any Connection) throws -> PersonalTexts {
        let columns = Columns(table: "notices", names: ["channel", "received_at", "body"])
        let notices = try db.prepared("SELECT \(columns.selected) FROM notices WHERE order_number = ? ORDER BY id").all(
            [number.text]
        ) { found in
            let row = StoredRow(columns, key: "of \(number)", in: found)
            return PersonalTexts.Notice(
                channel: try row.value("channel", Channel.init), receivedAt: try row.instant("received_at"),
                body: try row.text("body"))
        }
        let scopes = try db.prepared(
            """
            SELECT scope FROM idempotency_keys WHERE order_number = ?
                OR trade_no IN (SELECT trade_no FROM attempts WHERE attempts.order_number = ?)
            ORDER BY scope
            """
        ).all([number.text, number.text]) { $0.text(0) ?? "" }
        return PersonalTexts(notices: notices, keyScopes: scopes)
    }
}
