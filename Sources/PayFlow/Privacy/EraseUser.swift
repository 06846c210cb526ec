public import PayCore

/// Erases a user's data: at once where the orders are over, and otherwise as soon as they are.
public struct EraseUser: Sendable {
    public struct Result: Hashable, Sendable {
        /// The user's orders that were not blanked before.
        public let orders: Int
        /// Those of them that are not over. The clock blanks each once it is.
        public let waiting: [OrderNumber]

        public init(orders: Int, waiting: [OrderNumber]) {
            self.orders = orders
            self.waiting = waiting
        }
    }

    private let data: any PersonalData
    private let clock: any PayClock

    public init(_ data: any PersonalData, clock: any PayClock) {
        self.data = data
        self.clock = clock
    }

    /// - Parameter audit: the entry, which must not have the user id itself.
    public func callAsFunction(_ user: UserID, audit: AuditNote) async throws -> Result {
        let orders = try await data.askErasure(of: user, audit: audit, at: clock.now())
        while try await data.blankErased(limit: BlankOrders.batch, at: clock.now()) == BlankOrders.batch {}
        return Result(orders: orders, waiting: try await data.orders(of: user))
    }
}
