package import PayCore

/// An authenticated caller.
package enum Caller: Hashable, Sendable {
    /// The shop's back end. It may do everything.
    case merchant
    /// A user of the shop. The user may pay and read their own orders.
    case user(UserID)
    /// The holder of an order's checkout token. The holder may pay and read that order.
    case checkout(OrderNumber)
}

extension Caller {
    /// Whether the caller may see the order `number`, which belongs to `owner`.
    package func mayBeTold(of number: OrderNumber, ownedBy owner: UserID) -> Bool {
        switch self {
        case .merchant: true
        case .user(let userID): userID == owner
        case .checkout(let bound): bound == number
        }
    }

    /// The user that the order must belong to. Nil for the merchant, who may access every order.
    package var userID: UserID? {
        switch self {
        case .merchant, .checkout: nil
        case .user(let userID): userID
        }
    }

    /// The namespace of the caller's idempotency keys. All API keys of the merchant share one.
    package var keyScope: String {
        switch self {
        case .merchant: "merchant"
        case .user(let userID): "user:\(userID)"
        case .checkout(let number): "checkout:\(number)"
        }
    }
}
