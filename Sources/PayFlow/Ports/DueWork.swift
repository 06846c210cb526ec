public import PayCore

/// Lists of due work, for the clock jobs. Each list has the longest overdue first, and none of it writes.
public protocol DueWork: Sendable {
    /// Orders with an attempt of one of these channels whose recovery is due.
    func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber]

    /// Attempts of these channels that are to be queried.
    func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber]

    /// Orders with an attempt of these channels that is open past its provider deadline, and new orders that are over.
    func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber]

    /// Refunds of these channels that are to be requested or queried.
    func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference]
}

/// A refund and the order that it belongs to.
public struct RefundReference: Hashable, Sendable {
    public let order: OrderNumber
    public let number: String

    public init(order: OrderNumber, number: String) {
        self.order = order
        self.number = number
    }
}
