import HTTPTypes
import Hummingbird
import PayCore

/// Who asks, and what they may ask.
struct Doorkeeper: Sendable {
    let callers: Callers

    /// The merchant or a user; 401 for anybody else, whatever is wrong with what they showed.
    func caller(_ request: Request, at now: Instant) async throws -> Caller {
        let shown = request.headers[values: .authorization]
        guard shown.count == 1, let caller = callers.caller(authorization: shown[0], at: now) else {
            throw Problem(.unauthorized, "show an API key or a user's token: Authorization: Bearer …")
        }
        return caller
    }

    /// The merchant; 403 for a user.
    func merchant(_ request: Request, at now: Instant) async throws {
        guard try await caller(request, at: now) == .merchant else {
            throw Problem(.forbidden, "this call is the merchant's")
        }
    }
}

/// Who asks about which order.
struct Visitor: Sendable {
    let caller: Caller
    let number: OrderNumber
}

extension Doorkeeper {
    /// By the checkout token where the path has one, else by `Authorization` and the number in the path.
    func visitor(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Visitor {
        guard let token = context.parameters.get("token") else {
            let caller = try await caller(request, at: now)
            return Visitor(caller: caller, number: try context.orderNumber())
        }
        guard let caller = callers.caller(checkoutToken: token, at: now), case .checkout(let number) = caller else {
            throw Problem(.notFound, "this link opens no order, or its time is over")
        }
        return Visitor(caller: caller, number: number)
    }
}

extension Caller {
    /// Whether an order of this user's may be told to the caller.
    func mayBeTold(of number: OrderNumber, ownedBy owner: UserID) -> Bool {
        switch self {
        case .merchant: true
        case .user(let userID): userID == owner
        case .checkout(let bound): bound == number
        }
    }

    /// Whose order it must be; nil for the merchant, who may ask for any.
    var userID: UserID? {
        switch self {
        case .merchant, .checkout: nil
        case .user(let userID): userID
        }
    }

    /// Idempotency keys are kept apart by this: the merchant's keys are one caller.
    var keyScope: String {
        switch self {
        case .merchant: "merchant"
        case .user(let userID): "user:\(userID)"
        case .checkout(let number): "checkout:\(number)"
        }
    }
}
