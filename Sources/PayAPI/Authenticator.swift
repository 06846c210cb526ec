import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Authenticates the callers of the routes and checks their roles.
struct Authenticator: Sendable {
    let parts: APIParts

    private var callers: Callers { parts.callers }

    /// The merchant or a user. Throws 401 for any other caller, without the reason.
    func caller(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Caller {
        let shown = request.headers[values: .authorization]
        guard shown.count == 1, let caller = try caller(authorization: shown[0], request, context, at: now) else {
            throw Problem(.unauthorized, "send an API key or a user token in the header Authorization: Bearer …")
        }
        return caller
    }

    /// Public-key signatures are verified only while few tokens from the client's address were refused.
    private func caller(
        authorization: String, _ request: Request, _ context: PayRequestContext, at now: Instant
    ) throws -> Caller? {
        switch callers.quickCaller(authorization: authorization, at: now) {
        case .caller(let caller): return caller
        case .nobody: return nil
        case .endedKey(let name):
            parts.endedKeys.note(name, at: now, parts.logger)
            return nil
        case .needsPublicKey:
            let client = parts.clientAddress(of: request, context)
            try parts.strangerLimits.checkRefusedTokens(of: client)
            let caller = callers.caller(authorization: authorization, at: now)
            // A token with a valid signature is cached from now on, even if it has expired. Only other tokens count as
            // refused.
            if caller == nil, case .needsPublicKey = callers.quickCaller(authorization: authorization, at: now) {
                parts.strangerLimits.countRefusedToken(of: client)
            }
            return caller
        }
    }

    /// Allows only the merchant. Throws 403 for a user. Returns the author of the call's changes, for the audit.
    @discardableResult
    func merchant(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Actor {
        guard try await caller(request, context, at: now) == .merchant,
            let name = callers.keyName(authorization: request.headers.text(.authorization), at: now)
        else { throw Problem(.forbidden, "this call requires a merchant API key") }
        let address = parts.clientAddress(of: request, context)
        return Actor(name, by: .api, from: address.flatMap { PersonName($0.description) })
    }

    /// Allows the merchant, every user and the holder of a checkout link, for what is the same for all orders.
    func anyCaller(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws {
        guard let token = context.parameters.get("token") else {
            _ = try await caller(request, context, at: now)
            return
        }
        _ = try checkoutOrder(token, at: now)
    }

    /// The expiry of the visitor's credentials. Nil for an API key, which has no expiry.
    func end(of visitor: Visitor, _ request: Request, _ context: PayRequestContext) -> Instant? {
        switch visitor.caller {
        case .merchant: nil
        case .user: callers.end(authorization: request.headers[.authorization])
        case .checkout: callers.end(checkoutToken: context.parameters.get("token"))
        }
    }
}

/// A caller and the order that the call is about.
struct Visitor: Sendable {
    let caller: Caller
    let number: OrderNumber
}

extension Authenticator {
    /// Authenticates by the checkout token if the path has one, otherwise by `Authorization` and the order number in
    /// the path.
    func visitor(_ request: Request, _ context: PayRequestContext, at now: Instant) async throws -> Visitor {
        guard let token = context.parameters.get("token") else {
            let caller = try await caller(request, context, at: now)
            return Visitor(caller: caller, number: try context.orderNumber())
        }
        let number = try checkoutOrder(token, at: now)
        return Visitor(caller: .checkout(number), number: number)
    }

    /// The order of a valid checkout token.
    private func checkoutOrder(_ token: String, at now: Instant) throws(Problem) -> OrderNumber {
        guard case .checkout(let number) = parts.callers.caller(checkoutToken: token, at: now) else {
            throw Problem(.notFound, "the checkout link is invalid or has expired")
        }
        return number
    }
}
