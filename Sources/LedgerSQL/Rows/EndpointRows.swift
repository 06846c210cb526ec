import PayCore
import PayFlow
import PayRecords

/// The table `webhook_endpoints`.
enum EndpointRows {
    private static let columns = Columns(
        table: "webhook_endpoints", names: ["name", "origin", "kinds", "active", "added_at"])

    private static let selection = "SELECT \(columns.selected) FROM webhook_endpoints ORDER BY name"
    private static let changing = "UPDATE webhook_endpoints SET origin = ?, kinds = ?, active = 1 WHERE name = ?"
    private static let leaving = "UPDATE webhook_endpoints SET active = 0 WHERE name = ?"

    /// The deliveries that are not delivered, and the start of the longest wait.
    static let waiting = """
        SELECT endpoint, count(*), min(waits_since) FROM deliveries WHERE state = 'pending' GROUP BY endpoint
        """
    /// Without its name, SQLite would scan the index that is in the order of the endpoints.
    static let parked = DialectText { dialect in
        """
        SELECT endpoint, count(*), 0 FROM deliveries\(dialect.indexed(by: "deliveries_given_up"))
        WHERE state = 'parked' GROUP BY endpoint
        """
    }

    /// Whether ``keep(_:at:_:)`` would change something.
    static func differ(from entries: [EndpointEntry], _ db: any Connection) throws -> Bool {
        Set(try stored(db).filter(\.isActive).map(\.entry)) != Set(entries)
    }

    static func keep(_ entries: [EndpointEntry], at now: Instant, _ db: any Connection) throws {
        let stored = try stored(db)
        for row in stored where row.isActive && !entries.contains(where: { $0.name == row.entry.name }) {
            try db.prepared(leaving).run([row.entry.name.text])
        }
        for entry in entries {
            let known = stored.first { $0.entry.name == entry.name }
            if known == nil {
                try db.prepared(columns.insertion).run([
                    entry.name.text, entry.origin, list(of: entry.kinds), 1, now.milliseconds,
                ])
            } else if known?.entry != entry || known?.isActive == false {
                try db.prepared(changing).run([entry.origin, list(of: entry.kinds), entry.name.text])
            }
        }
    }

    static func standings(_ db: any Connection) throws -> [EndpointStanding] {
        let pending = try counts(waiting, db)
        let givenUp = try counts(parked[db.dialect], db)
        return try stored(db).map { row in
            let name = row.entry.name.text
            return EndpointStanding(
                entry: row.entry, isActive: row.isActive, addedAt: row.addedAt, pending: pending[name]?.count ?? 0,
                parked: givenUp[name]?.count ?? 0, waitsSince: pending[name]?.since)
        }
    }

    private struct Stored {
        let entry: EndpointEntry
        let isActive: Bool
        let addedAt: Instant
    }

    private static func stored(_ db: any Connection) throws -> [Stored] {
        try db.prepared(selection).all { found in
            let row = StoredRow(columns, key: "of an endpoint", in: found)
            return Stored(
                entry: EndpointEntry(
                    try row.value("name", EndpointName.init), origin: try row.text("origin"), kinds: try kinds(row)),
                isActive: try row.flag("active"), addedAt: try row.instant("added_at"))
        }
    }

    /// Each kind stands between two spaces, where the database looks for it.
    private static func list(of kinds: Set<OrderEvent.Kind>?) -> String? {
        kinds.map { " " + $0.map(\.rawValue).sorted().joined(separator: " ") + " " }
    }

    /// The kinds of a later version are left out.
    private static func kinds(_ row: StoredRow) throws -> Set<OrderEvent.Kind>? {
        try row.optionalText("kinds").map { text in
            Set(text.split(separator: " ").compactMap { OrderEvent.Kind(rawValue: String($0)) })
        }
    }

    private static func counts(_ sql: String, _ db: any Connection) throws -> [String: (count: Int, since: Instant)] {
        let rows = try db.prepared(sql).all { row in
            (row.text(0) ?? "", (count: Int(row.integer(1)), since: Instant(milliseconds: row.integer(2))))
        }
        return Dictionary(rows) { first, _ in first }
    }
}
