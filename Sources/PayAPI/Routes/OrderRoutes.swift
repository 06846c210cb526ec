import FoundationEssentials
import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Reads an order, lists orders, and closes an order for the merchant.
struct OrderRoutes: Sendable {
    /// The most orders in one list. The response is then about half a megabyte.
    private static let longestList = 200
    private static let usualList = 50

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
        try await authenticator.merchant(request, context, at: parts.clock.now())
        let number = try context.orderNumber()
        switch try await parts.close(number) {
        case .closed(let order):
            return JSONAnswer.response(parts.answer(order, forMerchant: true, at: parts.clock.now()))
        case .refused(let refusal, let word):
            throw Problem(refusal, because: word)
        }
    }

    @Sendable func list(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        try await authenticator.merchant(request, context, at: now)
        let found = try await parts.ledger.orders(try listing(request))
        return JSONAnswer.response(
            OrderListAnswer(
                payments: found.entries.map {
                    parts.answer($0.order, forMerchant: true, updatedAt: $0.updatedAt, at: now)
                },
                next_cursor: found.next?.text))
    }

    private func listing(_ request: Request) throws(Problem) -> OrderListing {
        var query = QueryReader(request.uri)
        let state = query.value("state", mustBe: "one of new, paid, closed, expired", OrderStateName.init)
        let updatedAfter = query.value("updated_after", mustBe: "an RFC 3339 time", Timestamp.parse)
        let limit = query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        }
        let cursor = query.value("cursor", mustBe: "the next_cursor of an earlier response", OrderCursor.init)
        try query.check()
        return OrderListing(
            state: state, updatedAfter: updatedAfter, limit: limit ?? Self.usualList, after: cursor)
    }
}

extension OrderCursor {
    /// The API's spelling. Callers must treat it as opaque.
    package var text: String { "\(updatedAt.milliseconds)-\(number)" }

    init?(_ text: String) {
        guard let dash = text.firstIndex(of: "-"), let milliseconds = Int64(text[..<dash]),
            let number = OrderNumber(String(text[text.index(after: dash)...]))
        else { return nil }
        self.init(updatedAt: Instant(milliseconds: milliseconds), number: number)
    }
}
