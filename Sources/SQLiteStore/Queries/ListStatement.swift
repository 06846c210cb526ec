import PayCore
import PayFlow
import PayRecords

/// The merchant's list of orders. Every change moves its order to the end, so that the next page misses nothing.
enum ListStatement {
    static let sql = """
        SELECT updated_at, number FROM orders
        WHERE (updated_at, number) > (:updated_at, :number) AND state = ifnull(:state, state)
        ORDER BY updated_at, number
        LIMIT :limit
        """

    private static let columns = Columns(table: "orders", names: ["updated_at", "number"])

    /// The start of a list: behind all orders changed at an instant, or behind the end of the last list.
    private struct Start: Comparable {
        let updatedAt: Int64
        let number: String

        static let first = Start(updatedAt: -1, number: "")

        init(updatedAt: Int64, number: String) {
            self.updatedAt = updatedAt
            self.number = number
        }

        /// A tilde sorts behind every character of an order's number.
        init(behindAllOf instant: Instant) {
            self.init(updatedAt: instant.milliseconds, number: "~")
        }

        init(_ cursor: OrderCursor) {
            self.init(updatedAt: cursor.updatedAt.milliseconds, number: cursor.number.text)
        }

        static func < (left: Start, right: Start) -> Bool {
            (left.updatedAt, left.number) < (right.updatedAt, right.number)
        }
    }

    static func run(_ listing: OrderListing, _ db: Connection) throws -> OrderList {
        let starts = [listing.updatedAfter.map(Start.init(behindAllOf:)), listing.after.map(Start.init)]
        let start = starts.compactMap { $0 }.max() ?? .first
        // One more than the limit shows whether there are more.
        let limit = max(1, listing.limit)
        let values: [(any Storable)?] = [start.updatedAt, start.number, listing.state?.rawValue, limit + 1]
        let cursors = try db.prepared(sql).all(values, cursor)
        let entries = try cursors.prefix(limit).compactMap { cursor in
            try OrderStore.load(cursor.number, db).map { OrderList.Entry(order: $0, updatedAt: cursor.updatedAt) }
        }
        return OrderList(entries: entries, next: cursors.count > limit ? cursors[limit - 1] : nil)
    }

    private static func cursor(_ found: FoundRow) throws -> OrderCursor {
        let row = StoredRow(columns, key: "of a list", in: found)
        return OrderCursor(updatedAt: try row.instant("updated_at"), number: try row.value("number", OrderNumber.init))
    }
}
