import GRDB
import PayCore
import PayFlow

/// The hot path: one statement, prepared once for each connection, that reaches each table by an index.
enum LivePageStatement {
    /// The state is named twice, so that SQLite sees that the index of live attempts has what is asked for.
    static let sql = """
        SELECT \(OrderRows.columns.selected), \(AttemptRows.columns.selected), \(PageRows.columns.selected)
        FROM orders
        JOIN attempts ON attempts.order_number = orders.number
            AND attempts.state IN ('creating', 'open', 'closing') AND attempts.state = 'open'
        JOIN pages ON pages.trade_no = attempts.trade_no
        WHERE orders.number = :number AND orders.state = 'new'
            AND attempts.channel = ifnull(:channel, attempts.channel)
            AND pages.openid = ifnull(:openid, attempts.openid)
            AND pages.serves & ifnull(:terminal, CASE attempts.terminal
                WHEN 'pc' THEN 1 WHEN 'h5' THEN 2 WHEN 'app' THEN 4 WHEN 'jsapi' THEN 8 END)
            AND pages.expires_at > :now
        ORDER BY pages.id
        LIMIT 1
        """

    static func run(_ query: LivePageQuery, at now: Instant, _ db: Database) throws -> LivePage? {
        let statement = try db.cachedStatement(sql: sql)
        let arguments: StatementArguments = [
            "number": query.number.text, "channel": query.channel?.name, "openid": query.openID,
            "terminal": query.terminal?.bit, "now": now.milliseconds,
        ]
        guard let row = try Row.fetchOne(statement, arguments: arguments) else { return nil }
        let (orders, attempts) = (OrderRows.columns, AttemptRows.columns)
        let attempt = StoredRow(attempts, key: query.number.text, in: row, from: orders.names.count)
        let page = StoredRow(
            PageRows.columns, key: query.number.text, in: row, from: orders.names.count + attempts.names.count)
        return LivePage(
            order: try OrderRows.summary(StoredRow(orders, key: query.number.text, in: row)),
            served: ServedPage(
                tradeNumber: try attempt.value("trade_no", TradeNumber.init),
                channel: try attempt.value("channel", Channel.init), page: try PageRows.page(page)))
    }
}
