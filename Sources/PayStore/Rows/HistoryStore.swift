import GRDB
import PayCore
import PayFlow

/// An order's whole history: the table `history`, with the notices, the money and the deliveries that have tables of
/// their own.
///
/// In the order of time. Within a millisecond the facts of `history` keep the order in which they were written down,
/// and what another table tells stands beside the fact that was stored with it.
enum HistoryStore {
    private static let notices = Columns(
        table: "notices", names: ["id", "channel", "trade_no", "outcome", "received_at"])
    private static let noticesOfOrder = "SELECT \(notices.selected) FROM notices WHERE order_number = ? ORDER BY id"

    private static let deliveries = Columns(
        table: "deliveries", names: ["id", "kind", "trade_no", "occurred_at"])
    private static let deliveriesOfOrder = """
        SELECT \(deliveries.selected) FROM deliveries WHERE order_number = ? ORDER BY id
        """

    static func load(of order: OrderNumber, _ db: Database) throws -> [HistoryEntry] {
        var timeline = HistoryTimeline(facts: try HistoryRows.load(of: order, db))
        for recorded in try ReceiptRows.load(of: order, db) {
            timeline.add(money: recorded)
        }
        for found in try Row.fetchAll(db.cachedStatement(sql: noticesOfOrder), arguments: [order.text]) {
            let row = try named(StoredRow(notices, key: order.text, in: found))
            timeline.add(
                notice: .notice(
                    try row.value("channel", Channel.init), about: try row.value("trade_no", TradeNumber.init),
                    try row.value("outcome", NoticeStanding.init)),
                about: try row.value("trade_no", TradeNumber.init), at: try row.instant("received_at"))
        }
        for found in try Row.fetchAll(db.cachedStatement(sql: deliveriesOfOrder), arguments: [order.text]) {
            let row = try named(StoredRow(deliveries, key: order.text, in: found))
            timeline.add(
                told: ToldEvent(
                    delivery: try row.integer("id"), kind: try row.value("kind", OrderEvent.Kind.init)),
                at: try row.instant("occurred_at"))
        }
        return timeline.entries
    }

    private static func named(_ row: StoredRow) throws -> StoredRow { row.renamed("\(try row.integer("id"))") }
}
