package import LedgerSQL

/// A statement with its values, for a pipeline.
package struct Query: Sendable {
    package let sql: String
    package let parameters: [QueryParameter]

    /// - Parameter sql: the statement, with `:name`, `?` or `$1` as placeholders.
    package init(_ sql: String, _ parameters: [QueryParameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }

    package init(_ sql: String, values: [StoredValue?]) {
        self.init(sql, values.map { QueryParameter($0) })
    }
}

/// A value of a statement. The server infers its type, so that a statement of arrays spells theirs, as in
/// `$1::text[]`.
package enum QueryParameter: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    /// Type `bigint[]`.
    case integers([Int64?])
    /// Type `text[]`.
    case texts([String?])

    package init(_ value: StoredValue?) {
        switch value {
        case nil: self = .null
        case .integer(let integer): self = .integer(integer)
        case .text(let text): self = .text(text)
        }
    }
}
