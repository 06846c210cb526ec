package import PayCore
package import PayFlow
import PayRecords

/// The hot path: one statement, prepared once for each connection, that reaches each table by an index.
package enum LivePageStatement {
    /// Only the columns of the answer: each one costs.
    private static let orders = Columns(table: "orders", names: OrderRows.summaryColumns + ["updated_at"])
    private static let attempts = Columns(table: "attempts", names: ["trade_no", "channel"])
    private static let pages = PageRows.columns

    /// The literal state `open` lets SQLite use the index of live attempts.
    package static let sql = """
        SELECT \(orders.selected), \(attempts.selected), \(pages.selected)
        FROM orders
        JOIN attempts ON attempts.order_number = orders.number AND attempts.state = 'open'
        JOIN pages ON pages.trade_no = attempts.trade_no
        WHERE orders.number = :number AND orders.state = 'new'
            AND attempts.channel = coalesce(:channel, attempts.channel)
            AND pages.openid IN ('', coalesce(:openid, attempts.openid))
            AND (pages.serves & coalesce(:terminal, CASE attempts.terminal
                WHEN 'pc' THEN 1 WHEN 'h5' THEN 2 WHEN 'app' THEN 4 WHEN 'jsapi' THEN 8 WHEN 'mini' THEN 16 END)) <> 0
            AND pages.expires_at > :now
        ORDER BY pages.id
        LIMIT 1
        """

    private static let prepared = NumberedSQL(sql)

    package static func run(_ query: LivePageQuery, at now: Instant, _ db: any Connection) throws -> LivePage? {
        try db.prepared(prepared).first(values(of: query, at: now)) { try livePage($0, for: query) }
    }

    package static func values(of query: LivePageQuery, at now: Instant) -> [StoredValue?] {
        let variant = query.variant
        return [
            query.number.text.stored, variant.channel?.name.stored, variant.openID?.stored,
            variant.terminal?.bit.stored, now.milliseconds.stored,
        ]
    }

    package static func livePage(_ row: any FoundRow, for query: LivePageQuery) throws -> LivePage {
        let key = query.number.text
        let attempt = StoredRow(attempts, key: key, in: row, from: orders.names.count)
        let page = StoredRow(pages, key: key, in: row, from: orders.names.count + attempts.names.count)
        let order = StoredRow(orders, key: key, in: row)
        return LivePage(
            order: try OrderRows.summary(order),
            served: ServedPage(
                tradeNumber: try attempt.value("trade_no", TradeNumber.init),
                channel: try attempt.value("channel", Channel.init), page: try PageRows.page(page)),
            version: try order.integer("updated_at"))
    }
}
