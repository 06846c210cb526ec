/// A connection beside the store: edits by hand, and facts that no port tells. Its SQL is valid in every database.
package protocol Tamper: Sendable {
    /// Runs statements under the rules of the schema, in one transaction. Throws ``Refusal`` if a rule refuses one.
    func execute(_ sql: String) throws

    /// Removes every rule of the schema that can refuse a row or an update, and runs the statements.
    func executeWithoutRules(_ sql: String) throws

    /// The first column of every row, without nulls.
    func texts(_ sql: String) throws -> [String]

    /// A value that changes whenever another connection has stored anything.
    func writes() throws -> String

    /// Returns when every transaction that runs now has ended, also one of another database of the server. A list may
    /// leave out the changes after such a transaction until then.
    func settle() throws

    /// The error of statements that are rolled back in any case; nil if the database accepts them. Constraints that are
    /// deferred to the commit count too.
    func refusal(of sql: String) throws -> Refusal?
}

extension Tamper {
    /// The first column of the first row; nil without a row.
    package func number(_ sql: String) throws -> Int64? { try texts(sql).first.flatMap(Int64.init) }
}
