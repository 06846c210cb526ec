import PayCore

/// A table's columns, in the order in which they are selected and inserted.
struct Columns {
    let table: String
    let names: [String]
    /// Where each name stands in the list.
    private let places: [String: Int]

    /// `orders.number, orders.user_id, …`
    let selected: String
    /// Inserts a row whose values come in the order of the names.
    let insertion: String

    init(table: String, names: [String]) {
        self.table = table
        self.names = names
        places = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        selected = names.map { "\(table).\($0)" }.joined(separator: ", ")
        let placeholders = names.map { ":" + $0 }.joined(separator: ", ")
        insertion = "INSERT INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(placeholders))"
    }

    func place(of name: String) -> Int? { places[name] }
}

/// A row that can't be read back as what was stored. Somebody edited the database: a person has to look.
public struct UnreadableRow: Error, Hashable, CustomStringConvertible {
    public let table: String
    public let key: String
    public let column: String

    public var description: String {
        "table \(table), row \(key): column \(column) holds what was never stored; put it right, or restore a backup"
    }
}

/// A row on its way back to values that are valid because they exist. Whatever is in a column, reading it never traps.
/// It must be read while its statement stands on it.
struct StoredRow {
    let columns: Columns
    /// What the row is called in an error.
    let key: String
    private let row: FoundRow
    /// Where the table's columns begin among the selected ones.
    private let start: Int

    init(_ columns: Columns, key: String, in row: FoundRow, from start: Int = 0) {
        self.columns = columns
        self.key = key
        self.row = row
        self.start = start
    }

    /// The same row under the name that was found in it.
    func renamed(_ key: String) -> StoredRow {
        StoredRow(columns, key: key, in: row, from: start)
    }

    func unreadable(_ column: String) -> UnreadableRow {
        UnreadableRow(table: columns.table, key: key, column: column)
    }

    func optionalText(_ column: String) throws -> String? {
        let place = try place(of: column)
        switch row.kind(place) {
        case .null: return nil
        case .text:
            guard let text = row.text(place) else { throw unreadable(column) }
            return text
        case .integer, .other: throw unreadable(column)
        }
    }

    func text(_ column: String) throws -> String {
        guard let text = try optionalText(column) else { throw unreadable(column) }
        return text
    }

    func optionalInteger(_ column: String) throws -> Int64? {
        let place = try place(of: column)
        switch row.kind(place) {
        case .null: return nil
        case .integer: return row.integer(place)
        case .text, .other: throw unreadable(column)
        }
    }

    func integer(_ column: String) throws -> Int64 {
        guard let integer = try optionalInteger(column) else { throw unreadable(column) }
        return integer
    }

    func flag(_ column: String) throws -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        default: throw unreadable(column)
        }
    }

    func optionalInstant(_ column: String) throws -> Instant? {
        guard let milliseconds = try optionalInteger(column) else { return nil }
        let instant = Instant(milliseconds: milliseconds)
        guard instant == instant.clamped else { throw unreadable(column) }
        return instant
    }

    func instant(_ column: String) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw unreadable(column) }
        return instant
    }

    /// A text that `parse` makes a value of.
    func value<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value {
        guard let value = parse(try text(column)) else { throw unreadable(column) }
        return value
    }

    /// A text that `parse` makes a value of, where there is one.
    func optionalValue<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = try optionalText(column) else { return nil }
        guard let value = parse(text) else { throw unreadable(column) }
        return value
    }

    func money(_ amount: String, _ currency: String) throws -> Money {
        let currencyValue = try value(currency, Currency.init)
        guard let money = Money(amount: try integer(amount), currency: currencyValue) else { throw unreadable(amount) }
        return money
    }

    private func place(of column: String) throws -> Int {
        guard let place = columns.place(of: column) else { throw unreadable(column) }
        return start + place
    }
}
