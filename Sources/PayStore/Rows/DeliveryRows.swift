import GRDB
import PayCore

/// The table `deliveries`: the outbox.
enum DeliveryRows {
    static func append(_ events: [OrderEvent], of order: OrderNumber, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO deliveries (order_number, kind, trade_no, occurred_at) VALUES (?, ?, ?, ?)")
        for event in events {
            try statement.execute(
                arguments: [order.text, event.kind.rawValue, event.tradeNumber?.text, event.at.milliseconds])
        }
    }
}
