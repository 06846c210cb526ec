package import PayCore

/// Who asks, once it is proven.
package enum Caller: Hashable, Sendable {
    /// The shop's back end: may do everything.
    case merchant
    /// One user of the shop: may pay and read their own orders.
    case user(UserID)
    /// Whoever holds an order's checkout token: may pay and read that order.
    case checkout(OrderNumber)
}

extension Caller {
    /// Whether an order of this user's may be told to the caller.
    package func mayBeTold(of number: OrderNumber, ownedBy owner: UserID) -> Bool {
        switch self {
        case .merchant: true
        case .user(let userID): userID == owner
        case .checkout(let bound): bound == number
        }
    }

    /// Whose order it must be; nil for the merchant, who may ask for any.
    package var userID: UserID? {
        switch self {
        case .merchant, .checkout: nil
        case .user(let userID): userID
        }
    }

    /// Idempotency keys are kept apart by this: the merchant's keys are one caller.
    package var keyScope: String {
        switch self {
        case .merchant: "merchant"
        case .user(let userID): "user:\(userID)"
        case .checkout(let number): "checkout:\(number)"
        }
    }
}
