public import PayCore

/// What is not kept for ever: page contents and idempotency keys. Each operation is one short transaction, and none at
/// all where there is nothing to purge. Two processes may do this at once.
public protocol Archive: Sendable {
    /// Deletes the pages of orders that left `new` at `instant` or before it, of so many orders at the most, those that
    /// are over for the longest first. An order is never among them twice.
    func purgePages(ofOrdersOverBy instant: Instant, limit: Int) async throws -> PurgedPages

    /// Deletes keys that are no longer kept at `now`, so many at the most, and says how many.
    func purgeKeys(expiredAt now: Instant, limit: Int) async throws -> Int
}

/// What one purge of pages came to.
public struct PurgedPages: Hashable, Sendable {
    /// Orders that have no page any more, with those that had none.
    public let orders: Int
    public let pages: Int

    public init(orders: Int, pages: Int) {
        self.orders = orders
        self.pages = pages
    }
}
