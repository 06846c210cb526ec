import HTTPTypes
import Hummingbird
import PayAccess
import PayCore

/// Who asks, and what they may ask.
struct Authenticator: Sendable {
    let parts: APIParts

    private var callers: Callers { parts.callers }

    /// The merchant or a user; 401 for anybody else, whatever is wrong with what they showed.
    func caller(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Caller {
        let shown = request.headers[values: .authorization]
        guard shown.count == 1, let caller = try caller(authorization: shown[0], request, context, at: now) else {
            throw Problem(.unauthorized, "show an API key or a user's token: Authorization: Bearer …")
        }
        return caller
    }

    /// A token that a public key has to check is checked only while few tokens from its address were refused.
    private func caller(
        authorization: String, _ request: Request, _ context: PayRequestContext, at now: Instant
    ) throws -> Caller? {
        switch callers.quickCaller(authorization: authorization, at: now) {
        case .caller(let caller): return caller
        case .nobody: return nil
        case .needsPublicKey:
            let client = parts.clientAddress(of: request, context)
            try parts.strangerLimits.checkRefusedTokens(of: client)
            let caller = callers.caller(authorization: authorization, at: now)
            // A token with a good signature is known from now on, even when it has expired.
            if caller == nil, case .needsPublicKey = callers.quickCaller(authorization: authorization, at: now) {
                parts.strangerLimits.countRefusedToken(of: client)
            }
            return caller
        }
    }

    /// The merchant; 403 for a user.
    func merchant(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws {
        guard try await caller(request, context, at: now) == .merchant else {
            throw Problem(.forbidden, "this call is the merchant's")
        }
    }

    /// When what the visitor showed is over; nil when it has no end.
    func end(of visitor: Visitor, _ request: Request, _ context: PayRequestContext) -> Instant? {
        switch visitor.caller {
        case .merchant: nil
        case .user: callers.end(authorization: request.headers[.authorization])
        case .checkout: callers.end(checkoutToken: context.parameters.get("token"))
        }
    }
}

/// Who asks about which order.
struct Visitor: Sendable {
    let caller: Caller
    let number: OrderNumber
}

extension Authenticator {
    /// By the checkout token where the path has one, else by `Authorization` and the number in the path.
    func visitor(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Visitor {
        guard let token = context.parameters.get("token") else {
            let caller = try await caller(request, context, at: now)
            return Visitor(caller: caller, number: try context.orderNumber())
        }
        guard let caller = parts.callers.caller(checkoutToken: token, at: now), case .checkout(let number) = caller
        else {
            throw Problem(.notFound, "this link opens no order, or its time is over")
        }
        return Visitor(caller: caller, number: number)
    }
}
