/// The error of a database that refused a statement.
package struct Refusal: Error, Hashable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case check, unique, foreignKey
        /// A trigger of the schema.
        case `guard`
        case other
    }

    package let kind: Kind
    /// The name of the rule. For a unique index, SQLite names its columns instead, as in `orders.number`. For a foreign
    /// key it names nothing.
    package let rule: String
    package let message: String

    package var description: String { message }
}

extension Refusal {
    /// A guard begins its message with its name.
    static func ruleOfGuard(_ message: String) -> String? {
        guard let colon = message.firstIndex(of: ":") else { return nil }
        let name = message[..<colon]
        return name.allSatisfy { $0.isLowercase || $0 == "_" } ? String(name) : nil
    }
}
