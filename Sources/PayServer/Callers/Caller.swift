public import PayCore

/// Who asks, once it is proven.
public enum Caller: Hashable, Sendable {
    /// The shop's back end: may do everything.
    case merchant
    /// One user of the shop: may pay and read their own orders.
    case user(UserID)
    /// Whoever holds an order's checkout token: may pay and read that order.
    case checkout(OrderNumber)
}
