import PayCore
import PayFlow
import PayRecords

/// The merchant's list of events. An event that is committed later always stands behind those of an earlier list.
///
/// SQLite has one writer, so its numbers grow with the commits. PostgreSQL lists by the number of the transaction, up to
/// the oldest one that still runs: see ``ListStatement``.
struct EventListStatement {
    let sql: String
    let values: [(any Storable)?]

    /// A cursor of PostgreSQL, read in a copy of its database: events of slightly lower numbers may be unread.
    private static let overlap: Int64 = 1_000

    init(_ listing: EventListing, in dialect: Dialect) {
        var conditions: [String] = []
        var values: [(any Storable)?] = []
        func add(_ condition: String, _ more: [any Storable]) {
            conditions.append(condition)
            values += more
        }
        let after = listing.after
        switch dialect {
        case .sqlite:
            add("id > ?", [after.map { $0.change == nil ? $0.number : $0.number - Self.overlap } ?? 0])
        case .postgres:
            let start = after?.change ?? ChangeNumber(era: -1, transaction: 0)
            add(
                "(era, stored_in, id) > (?, ?, ?)",
                [start.era, start.transaction, after?.change == nil ? 0 : after?.number ?? 0])
            add("(era < (SELECT era FROM eras) OR stored_in < pg_snapshot_xmin(pg_current_snapshot()))", [])
            // A cursor of SQLite, from before the events were copied into this database.
            if let after, after.change == nil { add("id > ?", [after.number]) }
        }
        if let order = listing.order { add("order_number = ?", [order.text]) }
        // An order's events are fewer than those of a kind.
        let kindColumn = listing.order == nil ? "kind" : dialect.hidden("kind")
        if let kind = listing.kind { add("\(kindColumn) = ?", [kind.rawValue]) }
        let isNumbered = dialect == .postgres
        sql = """
            SELECT id\(isNumbered ? ", era, stored_in" : "") FROM events
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(isNumbered ? "era, stored_in, id" : "id") LIMIT ?
            """
        // One more than the limit shows whether there are more.
        self.values = values + [max(1, listing.limit) + 1]
    }

    static func run(_ listing: EventListing, _ db: any Connection) throws -> EventList {
        let statement = EventListStatement(listing, in: db.dialect)
        let found = try db.prepared(statement.sql).all(statement.values) { row in
            let change = db.dialect == .postgres ? ChangeNumber(era: row.integer(1), transaction: row.integer(2)) : nil
            return EventCursor(row.integer(0), change: change)
        }
        let limit = max(1, listing.limit)
        let messages = try found.prefix(limit).map { cursor in
            guard let id = EventID(cursor.number) else {
                throw UnreadableRow(table: "events", key: "\(cursor.number)", column: "id")
            }
            return try EventRows.load(id, db)
        }
        if found.count > limit {
            return EventList(events: messages, next: found[limit - 1], hasMore: true)
        }
        return EventList(events: messages, next: try end(db) ?? found.last ?? listing.after, hasMore: false)
    }

    /// The place behind every event that this snapshot has, so that a list of a rare kind reads no event twice. Nil
    /// without an event.
    private static func end(_ db: any Connection) throws -> EventCursor? {
        switch db.dialect {
        case .sqlite:
            try db.prepared("SELECT coalesce(max(id), 0) FROM events").first { EventCursor($0.integer(0)) }
        case .postgres:
            try db.prepared(
                "SELECT (SELECT era FROM eras), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            ).first { EventCursor(0, change: ChangeNumber(era: $0.integer(0), transaction: $0.integer(1))) }
        }
    }
}
