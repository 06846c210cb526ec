/// A connection to a database of either kind, within one transaction or one read. Valid for the work that it was handed
/// to.
package protocol Connection {
    var dialect: Dialect { get }

    /// A statement that the connection prepares once.
    func prepared(_ sql: String) throws -> any PreparedStatement
    func prepared(_ sql: NumberedSQL) throws -> any PreparedStatement

    /// The rows that the last statement changed.
    var changes: Int { get }

    /// The orders that need not be loaded; nil if other connections write at the same time.
    var recentOrders: RecentOrders? { get }
}

extension Connection {
    package var recentOrders: RecentOrders? { nil }

    package func prepared(_ sql: DialectText) throws -> any PreparedStatement { try prepared(sql[dialect]) }
    package func prepared(_ sql: NumberedSQL) throws -> any PreparedStatement { try prepared(sql.text[dialect]) }
}

/// A statement of one connection. Its values come in the order in which the SQL first names them, as in `:order` or `?`.
package protocol PreparedStatement {
    /// Runs the statement to its end.
    func run(_ values: [StoredValue?]) throws

    /// The result of `read` for the first row; nil without a row.
    func first<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> Value?

    /// The results of `read` for all rows. `read` must not run this very statement.
    func all<Value>(_ values: [StoredValue?], _ read: (any FoundRow) throws -> Value) throws -> [Value]
}

extension PreparedStatement {
    package func run() throws { try run([StoredValue?]()) }

    package func first<Value>(_ read: (any FoundRow) throws -> Value) throws -> Value? {
        try first([StoredValue?](), read)
    }

    package func all<Value>(_ read: (any FoundRow) throws -> Value) throws -> [Value] {
        try all([StoredValue?](), read)
    }
}

/// The same with values of any type that can be stored. Each costs a box, which the statements of a first pay avoid.
extension PreparedStatement {
    package func run(_ values: [(any Storable)?]) throws { try run(values.map { $0?.stored }) }

    package func first<Value>(
        _ values: [(any Storable)?], _ read: (any FoundRow) throws -> Value
    ) throws -> Value? {
        try first(values.map { $0?.stored }, read)
    }

    package func all<Value>(
        _ values: [(any Storable)?], _ read: (any FoundRow) throws -> Value
    ) throws -> [Value] {
        try all(values.map { $0?.stored }, read)
    }
}

/// A row by the positions of its columns. Valid until `read` returns.
package protocol FoundRow {
    func kind(_ column: Int) -> ValueKind

    /// Precondition: the kind is `integer`.
    func integer(_ column: Int) -> Int64

    /// Nil if there is no memory for the text.
    func text(_ column: Int) -> String?
}

/// The types that columns of our tables have. A condition of a statement, such as `EXISTS (…)`, is the integer 0 or 1.
package enum ValueKind { case null, integer, text, other }

/// A value for a statement.
package enum StoredValue: Hashable, Sendable {
    case integer(Int64)
    case text(String)
}

/// A type whose values can be passed to a statement.
package protocol Storable {
    var stored: StoredValue { get }
}

extension String: Storable {
    package var stored: StoredValue { .text(self) }
}

extension Int64: Storable {
    package var stored: StoredValue { .integer(self) }
}

extension Int: Storable {
    package var stored: StoredValue { .integer(Int64(self)) }
}

/// Stored as 0 or 1.
extension Bool: Storable {
    package var stored: StoredValue { .integer(self ? 1 : 0) }
}
