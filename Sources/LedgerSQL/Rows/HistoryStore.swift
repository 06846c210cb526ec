import PayCore
import PayFlow
import PayRecords

/// An order's whole history: the table `history`, and the notices, the money and the deliveries of their own tables.
///
/// In the order of time. Within a millisecond the facts of `history` keep the order in which they were stored, and an
/// entry of another table stands beside the fact that was stored with it.
enum HistoryStore {
    private static let notices = Columns(
        table: "notices", names: ["id", "channel", "trade_no", "outcome", "received_at"])
    static let noticesOfOrder = "SELECT \(notices.selected) FROM notices WHERE order_number = ? ORDER BY id"

    static func load(of order: OrderNumber, _ db: any Connection) throws -> [HistoryEntry] {
        var timeline = HistoryTimeline(facts: try HistoryRows.load(of: order, db))
        for recorded in try ReceiptRows.load(of: order, db) {
            timeline.add(money: recorded)
        }
        _ = try db.prepared(noticesOfOrder).all([order.text]) { found in
            let unnamed = StoredRow(notices, key: order.text, in: found)
            let row = unnamed.renamed("\(try unnamed.integer("id"))")
            timeline.add(
                notice: try row.value("outcome", SettleOutcome.init), from: try row.value("channel", Channel.init),
                about: try row.value("trade_no", TradeNumber.init), at: try row.instant("received_at"))
        }
        let deliveries = try DeliveryListStatements.list(DeliveryListing(order: order, limit: .max), db)
        for record in deliveries.sorted(by: { ($0.event, $0.id) < ($1.event, $1.id) }) { timeline.add(told: record) }
        return timeline.entries
    }
}
