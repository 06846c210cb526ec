package import PayRecords

/// A table's columns, in the order of selection and insertion.
package struct Columns: Sendable {
    package let table: String
    package let names: [String]
    /// The position of each name in the list.
    private let places: [String: Int]

    /// `orders.number, orders.user_id, …`
    package let selected: String
    /// The columns that a new row is given. The database numbers the rows of a table with the column `id`.
    package let inserted: [String]
    /// Inserts a row, with the values of ``inserted`` in this order.
    package let insertion: String

    package init(table: String, names: [String]) {
        self.table = table
        self.names = names
        places = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        selected = names.map { "\(table).\($0)" }.joined(separator: ", ")
        inserted = names.filter { $0 != "id" }
        let placeholders = inserted.map { ":" + $0 }.joined(separator: ", ")
        insertion = "INSERT INTO \(table) (\(inserted.joined(separator: ", "))) VALUES (\(placeholders))"
    }

    func place(of name: String) -> Int? { places[name] }
}

/// The row on which a statement stands, with names for its columns. Valid until the statement's next step.
package struct StoredRow: ReadableRow {
    let columns: Columns
    /// The row's name in an error.
    let key: String
    private let row: any FoundRow
    /// The position of the table's first column among the selected ones.
    private let start: Int

    package init(_ columns: Columns, key: String, in row: any FoundRow, from start: Int = 0) {
        self.columns = columns
        self.key = key
        self.row = row
        self.start = start
    }

    /// The same row, under the name that was read from it.
    func renamed(_ key: String) -> StoredRow {
        StoredRow(columns, key: key, in: row, from: start)
    }

    package func unreadable(_ column: String) -> UnreadableRow {
        UnreadableRow(table: columns.table, key: key, column: column)
    }

    package func optionalText(_ column: String) throws -> String? {
        let place = try place(of: column)
        switch row.kind(place) {
        case .null: return nil
        case .text:
            guard let text = row.text(place) else { throw unreadable(column) }
            return text
        case .integer, .other: throw unreadable(column)
        }
    }

    package func optionalInteger(_ column: String) throws -> Int64? {
        let place = try place(of: column)
        switch row.kind(place) {
        case .null: return nil
        case .integer: return row.integer(place)
        case .text, .other: throw unreadable(column)
        }
    }

    private func place(of column: String) throws -> Int {
        guard let place = columns.place(of: column) else { throw unreadable(column) }
        return start + place
    }
}
