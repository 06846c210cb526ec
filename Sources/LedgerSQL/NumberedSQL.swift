import Synchronization

/// A statement that each connection finds by a number. A look for the text costs as much as a short statement itself.
///
/// Make each one once, as a static constant: a connection keeps it until it is closed.
package struct NumberedSQL: Sendable {
    private static let count = Atomic(0)

    /// 0, 1, 2, …
    package let number = Self.count.wrappingAdd(1, ordering: .relaxed).oldValue
    package let text: DialectText

    package init(_ text: DialectText) { self.text = text }

    /// The same text for both databases.
    package init(_ text: String) { self.init(DialectText(sqlite: text, postgres: text)) }
}
