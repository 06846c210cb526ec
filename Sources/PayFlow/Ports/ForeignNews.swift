public import PayCore

/// Tells of orders that other processes change: another node, another process while one takes over, or an operator's
/// command. For one reader.
public protocol ForeignNews: Sendable {
    /// The changes of others, as soon as the store hears of them. A change may be missed, and is found by
    /// ``changes(of:)`` then. Empty for a store that has to be asked.
    func changesOfOthers() -> AsyncStream<ForeignChange>

    /// Of the watched orders, those that others may have changed since the last call.
    func changes(of watched: [OrderNumber]) async throws -> ForeignChange
}

/// The orders that others may have changed.
public enum ForeignChange: Hashable, Sendable {
    /// Any order may have changed.
    case any
    case orders([OrderNumber])

    public static let none = ForeignChange.orders([])
}
