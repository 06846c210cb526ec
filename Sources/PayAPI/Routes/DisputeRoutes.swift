import HTTPTypes
import Hummingbird
import PayCore
import PayFlow

/// Disputed money: the list, and the decisions about it.
struct DisputeRoutes: Sendable {
    /// The most disputes in one list.
    private static let longestList = 500
    private static let usualList = 50

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        let one = "/v1/payments/:out_trade_no/disputes/:transaction_id"
        return [
            Endpoint(path: "/v1/disputes", handlers: [(.get, list)]),
            Endpoint(path: "\(one)/accept", handlers: [(.post, { try await decide(.accept, $0, $1) })]),
            Endpoint(path: "\(one)/refund", handlers: [(.post, { try await decide(.refund, $0, $1) })]),
        ]
    }

    @Sendable func list(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let limit = query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        }
        try query.check()
        let disputes = try await parts.disputes.disputes(limit: limit ?? Self.usualList)
        return JSONAnswer.response(DisputesAnswer(disputes: disputes.map(DisputeAnswer.init)))
    }

    private func decide(
        _ verdict: DisputeVerdict, _ request: Request, _ context: PayRequestContext
    ) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        let json = try await RequestBodies.json(request, mayBeEmpty: false)
        let ruling = try BodyRules(returnHosts: nil).ruling(verdict, json).checked()
        let number = try context.orderNumber()
        guard let payment = context.parameters.get("transaction_id")?.percentDecoded.flatMap(TransactionID.init) else {
            throw Problem(RulingRefusal.noSuchReceipt)
        }
        switch try await parts.decideDispute(ruling, on: payment, of: number, by: actor) {
        case .noSuchOrder: throw Problem(.noSuchOrder)
        case .decided(.refused(let refusal), _): throw Problem(refusal)
        case .decided(.accepted, let order), .decided(.refunded, let order):
            return JSONAnswer.response(parts.answer(order, forMerchant: true, at: parts.clock.now()))
        }
    }
}

extension Problem {
    /// The HTTP problem for a refused decision about disputed money.
    fileprivate init(_ refusal: RulingRefusal) {
        switch refusal {
        case .noSuchReceipt:
            self.init(.disputeNotExist, "the order has no payment with this transaction_id")
        case .notDisputed(let standing):
            self.init(.disputeDecided, "the payment is not disputed, or not any more: it is \(standing.rawValue)")
            self.standing = standing
        case .notRefundable:
            self.init(
                .disputeNotRefundable,
                "the amount or currency of the payment is none that can be refunded here; use the provider's console")
        case .alreadyReturned:
            self.init(.disputeNotRefundable, "the provider has already returned all of the money; accept the payment")
        }
    }
}
