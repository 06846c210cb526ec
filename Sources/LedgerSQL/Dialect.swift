/// The kind of database that a connection leads to.
package enum Dialect: CaseIterable, Sendable { case sqlite, postgres }

extension Dialect {
    /// The function of the largest of its arguments, none of which is NULL.
    var greatest: String {
        switch self {
        case .sqlite: "max"
        case .postgres: "greatest"
        }
    }

    /// A join that reads the left side first.
    var orderedJoin: String {
        switch self {
        case .sqlite: "CROSS JOIN"
        case .postgres: "JOIN"
        }
    }

    /// A column whose indexes the planner doesn't use here. PostgreSQL's planner has statistics, and needs no such help.
    func hidden(_ column: String) -> String {
        switch self {
        case .sqlite: "+\(column)"
        case .postgres: column
        }
    }

    /// The index that the planner must use for a table, behind the table's name.
    func indexed(by index: String) -> String {
        switch self {
        case .sqlite: " INDEXED BY \(index)"
        case .postgres: ""
        }
    }

    /// Whether a text begins with `prefix`, as the partial indexes spell it. Precondition: the prefix needs no escape.
    func hasPrefix(_ column: String, _ prefix: String) -> String {
        switch self {
        case .sqlite: "\(column) GLOB '\(prefix)*'"
        case .postgres: "\(column) LIKE '\(prefix)%'"
        }
    }

    /// Whether a column has one of the values of a list, which one placeholder stands for. The column's own indexes are
    /// not used.
    func isAny(of placeholder: String, _ column: String) -> String {
        switch self {
        case .sqlite: "\(hidden(column)) IN (SELECT value FROM json_each(\(placeholder)))"
        case .postgres: "\(column) = ANY (\(placeholder))"
        }
    }

    /// The list for ``isAny(of:_:)``. Precondition: the texts need no escape.
    func list(of texts: [String]) -> String {
        let quoted = texts.map { "\"\($0)\"" }.joined(separator: ",")
        return switch self {
        case .sqlite: "[\(quoted)]"
        case .postgres: "{\(quoted)}"
        }
    }
}

/// SQL that the two databases spell differently.
package struct DialectText: Sendable {
    private let sqlite: String
    private let postgres: String

    package init(sqlite: String, postgres: String) {
        self.sqlite = sqlite
        self.postgres = postgres
    }

    /// - Parameter text: the text for a dialect, most of which is the same for both.
    package init(_ text: (Dialect) -> String) {
        self.init(sqlite: text(.sqlite), postgres: text(.postgres))
    }

    package subscript(dialect: Dialect) -> String {
        switch dialect {
        case .sqlite: sqlite
        case .postgres: postgres
        }
    }
}
