import FoundationEssentials
import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow
import PayTelemetry

/// Reads an order, lists orders, and closes an order for the merchant.
struct OrderRoutes: Sendable {
    let parts: APIParts
    let authenticator: Authenticator
    let firstPay: Endpoint.Handler

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments", handlers: [(.post, firstPay), (.get, list)]),
            Endpoint(path: "/v1/payments/:out_trade_no", handlers: [(.get, order)]),
            Endpoint(path: "/checkout/:token/payment", handlers: [(.get, order)]),
            Endpoint(path: "/v1/payments/:out_trade_no/close", handlers: [(.post, close)]),
        ]
    }

    @Sendable func order(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        let visitor = try await authenticator.visitor(request, context, at: now)
        guard let order = try await parts.ledger.order(visitor.number),
            visitor.caller.mayBeTold(of: visitor.number, ownedBy: order.userID)
        else { throw Problem(.noSuchOrder) }
        return JSONAnswer.response(parts.answer(order, forMerchant: visitor.caller == .merchant, at: now))
    }

    @Sendable func close(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        let number = try context.orderNumber()
        switch try await parts.traces.flow("close", of: number, { try await parts.close(number, by: actor) }) {
        case .closed(let order):
            return JSONAnswer.response(parts.answer(order, forMerchant: true, at: parts.clock.now()))
        case .refused(let refusal, let word):
            throw Problem(refusal, because: word)
        }
    }

    @Sendable func list(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        try await authenticator.merchant(request, context, at: now)
        let found = try await parts.ledger.orders(OrderQuery(request).listing)
        return JSONAnswer.response(
            OrderListAnswer(
                payments: found.entries.map {
                    parts.answer($0.order, forMerchant: true, updatedAt: $0.updatedAt, at: now)
                },
                next_cursor: found.next?.text))
    }
}
