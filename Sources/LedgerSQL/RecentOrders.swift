import PayCore

/// Orders as the last transactions of one writing connection stored them. The decision on a provider's answer then
/// loads nothing that the decision before the call has just written.
///
/// An order is here only while nothing else can have changed it. The store removes all orders when another connection
/// has committed, when a transaction is rolled back, and before a write that is not a decision on one order. Used on the
/// connection's queue alone.
package final class RecentOrders: @unchecked Sendable {
    /// More than the provider calls that are in flight at once.
    private static let most = 1_024

    private var orders: [OrderNumber: Order] = [:]
    private var version: Int64?

    package init() {}

    /// Removes and returns an order: the decision that asks for it may change it.
    func take(_ number: OrderNumber) -> Order? { orders.removeValue(forKey: number) }

    /// Keeps an order that was just stored, if another decision on it will follow soon.
    func keep(_ order: Order) {
        guard order.lease != nil, order.newEvents.isEmpty else { return }
        if orders.count >= Self.most { orders.removeAll(keepingCapacity: true) }
        orders[order.number] = order
    }

    package func removeAll() { orders.removeAll(keepingCapacity: true) }

    /// - Parameter version: a number that changes with every commit of another connection, read in the transaction that
    ///   holds the write lock.
    package func removeAll(unlessStillAt version: Int64) {
        if self.version != version { removeAll() }
        self.version = version
    }
}
