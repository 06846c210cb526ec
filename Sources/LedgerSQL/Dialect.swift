/// The kind of database that a connection leads to.
package enum Dialect: CaseIterable, Sendable { case sqlite, postgres }

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
