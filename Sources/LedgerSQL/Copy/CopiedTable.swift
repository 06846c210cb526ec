/// A table of both databases, for a copy of all rows from one to the other.
package struct CopiedTable: Hashable, Sendable {
    /// Every table with rows that both databases keep, those that others refer to first.
    package static let names = [
        "orders", "attempts", "pages", "pages_to_purge", "receipts", "refunds", "notices", "idempotency_keys", "bills",
        "bill_lines", "differences", "events", "webhook_endpoints", "deliveries", "delivery_attempts", "history",
        "audit", "operators", "operator_sessions",
        "channels", "channel_pauses", "service_conditions", "restores", "orders_to_search",
    ]

    package let name: String
    /// The columns that SQLite's table has. PostgreSQL generates the others.
    package let columns: [String]
    /// The columns of SQLite's primary key, by which the rows are ordered in both databases.
    package let key: [String]

    package init(name: String, columns: [String], key: [String]) {
        self.name = name
        self.columns = columns
        self.key = key
    }

    /// The positions of the key among the columns.
    package var keyPlaces: [Int] { key.compactMap { columns.firstIndex(of: $0) } }

    package var selection: String { "SELECT \(columns.joined(separator: ", ")) FROM \(name)" }
    package var order: String { "ORDER BY \(key.joined(separator: ", "))" }
}

/// The values of a row, in the order of its table's columns.
package typealias CopiedRow = [StoredValue?]

extension CopiedTable {
    /// Throws for a value of a type that our tables don't have, because the database was edited by hand.
    package func read(_ row: any FoundRow) throws -> CopiedRow {
        try columns.indices.map { place in
            switch row.kind(place) {
            case .null: return nil
            case .integer: return .integer(row.integer(place))
            case .text:
                guard let text = row.text(place) else { throw CopyFailure.unreadable(table: name) }
                return .text(text)
            case .other: throw CopyFailure.unreadable(table: name)
            }
        }
    }
}

/// One of the two databases of a copy.
package protocol CopyEnd {
    /// Whether the table has a row.
    func hasRows(_ name: String) throws -> Bool

    /// Calls `take` with all rows in the order of the key, in batches.
    func read(_ table: CopiedTable, _ take: ([CopiedRow]) throws -> Void) throws

    func insert(_ rows: [CopiedRow], into table: CopiedTable) throws
}

/// The reason why a copy was not made. The target is as it was before.
package enum CopyFailure: Error, Hashable, CustomStringConvertible {
    /// A service or another program uses the database.
    case inUse(String)
    case hasRows(table: String)
    case unreadable(table: String)
    /// A row of the target is not the row of the source.
    case differs(table: String)

    package var description: String {
        switch self {
        case .inUse(let name): "\(name) is in use: stop every service and command that has it open, and try again"
        case .hasRows(let table):
            "the target has rows in \(table): copy into a new database, made by paypage migrate"
        case .unreadable(let table): "\(table) has a value that no version of Paypage writes: repair the source first"
        case .differs(let table): "\(table) differs in the two databases after the copy: nothing was stored"
        }
    }
}

extension StoredValue: Storable {
    package var stored: StoredValue { self }
}
