public import PayCore

/// Purges of page contents and idempotency keys. Each operation is one short transaction, and none if there is nothing
/// to purge. Two processes may purge at once.
public protocol Archive: Sendable {
    /// Deletes the pages of orders that left `new` at or before `instant`, of at most `limit` orders, the oldest first.
    /// An order is never among them twice.
    func purgePages(ofOrdersOverBy instant: Instant, limit: Int) async throws -> PurgedPages

    /// Deletes keys that have expired at `now`, at most `limit`, and returns their number.
    func purgeKeys(expiredAt now: Instant, limit: Int) async throws -> Int
}

/// The result of one purge of pages.
public struct PurgedPages: Hashable, Sendable {
    /// Orders whose pages are gone, including those that had none.
    public let orders: Int
    public let pages: Int

    public init(orders: Int, pages: Int) {
        self.orders = orders
        self.pages = pages
    }
}
