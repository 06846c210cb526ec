import HTTPTypes
import Hummingbird
import PayCore
import PayFlow
import PayTelemetry

/// Refunds by the merchant.
struct RefundRoutes: Sendable {
    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no/refunds", handlers: [(.post, request), (.get, list)]),
            Endpoint(path: "/v1/payments/:out_trade_no/refunds/:refund_no", handlers: [(.get, refund)]),
            Endpoint(path: "/v1/payments/:out_trade_no/refunds/:refund_no/retry", handlers: [(.post, retry)]),
        ]
    }

    @Sendable func request(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        // An empty body would be a full refund by mistake.
        let json = try await RequestBodies.json(request, mayBeEmpty: false)
        guard let key = try request.idempotencyKey() else {
            throw Problem(
                .idempotencyKeyMissing, "a refund request requires an Idempotency-Key, which makes a retry safe")
        }
        let wish = try BodyRules(returnHosts: nil).refund(json).checked()
        let number = try context.orderNumber()
        let use = KeyUse(key, of: wish, for: number)
        let answer = try await parts.traces.flow("refund", of: number) {
            try await parts.requestRefund(wish, of: number, under: use, by: actor)
        }
        switch answer {
        case .stored(let refund, _, let isNews, let isReplay):
            var response = JSONAnswer.response(RefundAnswerBody(refund), status: isNews ? .created : .ok)
            if isReplay { response.headers[.idempotentReplayed] = "true" }
            return response
        case .noSuchOrder: throw Problem(.noSuchOrder)
        case .keyReused: throw Problem(.keyReused)
        case .refused(let refusal): throw Problem(refusal)
        case .channelMissing(let channel):
            throw Problem(
                .payChannelUnavailable,
                "the order was paid by channel \(channel), which is not configured; configure it to refund")
        }
    }

    @Sendable func list(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let order = try await order(request, context)
        return JSONAnswer.response(RefundsAnswer(refunds: order.refunds.map(RefundAnswerBody.init)))
    }

    @Sendable func refund(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let name = try context.refundName()
        guard let refund = try await order(request, context).refund(named: name) else {
            throw Problem.noSuchRefund
        }
        return JSONAnswer.response(RefundAnswerBody(refund))
    }

    @Sendable func retry(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        let (number, name) = (try context.orderNumber(), try context.refundName())
        switch try await parts.retryRefund(name, of: number, by: actor) {
        case .queued(let refund, _): return JSONAnswer.response(RefundAnswerBody(refund))
        case .noSuchOrder: throw Problem(.noSuchOrder)
        case .noSuchRefund: throw Problem.noSuchRefund
        case .tooMuch(let left): throw Problem.refundTooMuch(left: left)
        case .notWaiting(let refund):
            throw Problem(
                .refundStateError,
                refund.state == .failed
                    ? "the refund was made in the provider's console; make it there again"
                    : "the refund is \(refund.state.rawValue); only one that failed or needs attention is retried")
        }
    }

    private func order(_ request: Request, _ context: PayRequestContext) async throws -> Order {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        guard let order = try await parts.ledger.order(context.orderNumber()) else { throw Problem(.noSuchOrder) }
        return order
    }
}

/// The JSON of an order's refunds.
struct RefundsAnswer: Encodable {
    let refunds: [RefundAnswerBody]
}

extension PayRequestContext {
    /// The refund's number in the path, the merchant's or the provider's.
    fileprivate func refundName() throws(Problem) -> String {
        guard let name = parameters.get("refund_no")?.percentDecoded else { throw Problem.noSuchRefund }
        return name
    }
}

extension Problem {
    fileprivate static var noSuchRefund: Problem {
        Problem(.refundNotExist, "the order has no refund with this number")
    }

    fileprivate static func refundTooMuch(left: Int64) -> Problem {
        var problem = Problem(.refundTooMuch, "\(left) minor units of the payment are left to refund")
        problem.refundable = left
        return problem
    }

    /// The HTTP problem for a refused refund request.
    fileprivate init(_ refusal: RefundRefusal) {
        switch refusal {
        case .mismatch:
            self.init(.refundMismatch, "the order has a refund with this refund_no and another amount or reason")
        case .reservedNumber:
            self = .invalid([
                UnacceptableField(pointer: "/refund_no", detail: "must not have the form of a number made by Paypage")
            ])
        case .notPaid(let state):
            self.init(.payOrderStateError, "no payment pays the order, so that nothing can be refunded")
            self.state = state
        case .amountChanged(let left):
            self.init(
                .refundAmountChanged, "\(left) minor units of the payment are left to refund, which is not refundable")
            refundable = left
        case .tooMuch(let left): self = .refundTooMuch(left: left)
        case .tooMany(let limit, let left):
            self.init(
                .refundTooMuch,
                "the provider takes at most \(limit) refunds of one payment; \(left) minor units are left to refund")
            refundable = left
        }
    }
}
