import HTTPTypes
import Hummingbird
import PayAccess
import PayCache
package import PayCore
import PayFlow
import PayTelemetry

/// The routes of first pay and repay.
struct PayRoutes: Sendable {
    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no/repay", handlers: [(.post, repay)]),
            Endpoint(path: "/checkout/:token/repay", handlers: [(.post, repay)]),
        ]
    }

    @Sendable func firstPay(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        try await authenticator.merchant(request, context, at: now)
        let json = try await RequestBodies.json(request, mayBeEmpty: false)
        guard let key = try request.idempotencyKey() else {
            throw Problem(
                .idempotencyKeyMissing, "a first pay call requires an Idempotency-Key, which makes a retry safe")
        }
        let body = try BodyRules(returnHosts: parts.rules.returnHosts).firstPay(json).checked()
        let scoped = ScopedKey(scope: "merchant POST /v1/payments", key: key)
        return try await answer(
            PayRequest(
                number: body.number, userID: nil, draft: draft(body, at: now), channel: body.channel,
                terminal: body.terminal, openID: body.payer?.openID, clientIP: body.payer?.clientIP, fresh: false,
                key: KeyUse(key: scoped, fingerprint: body.fingerprint)))
    }

    @Sendable func repay(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        let visitor = try await authenticator.visitor(request, context, at: now)
        let (caller, number) = (visitor.caller, visitor.number)
        let json = try await RequestBodies.json(request, mayBeEmpty: true)
        let key = try request.idempotencyKey()
        let body = try BodyRules(returnHosts: nil).repay(json).checked()
        let scope = "\(caller.keyScope) POST /v1/payments/\(number)/repay"
        let address = parts.clientAddress(of: request, context)
        return try await answer(
            PayRequest(
                number: number, userID: caller.userID, draft: nil, channel: body.channel, terminal: body.terminal,
                openID: body.payer?.openID,
                // For a user, the address is the connection's. A user can't set it in the body.
                clientIP: caller == .merchant ? body.payer?.clientIP : address?.description, fresh: body.fresh,
                key: key.map { KeyUse(key: ScopedKey(scope: scope, key: $0), fingerprint: body.fingerprint) },
                limit: parts.repayLimit.limit(of: caller, from: address)))
    }

    private func draft(_ body: FirstPayBody, at now: Instant) -> Order {
        Order(
            number: body.number, userID: body.userID, money: body.money, subject: body.subject,
            returnURL: body.returnURL, createdAt: now, deadline: now + (body.expiresIn ?? parts.rules.orderTTL))
    }

    private func answer(_ request: PayRequest) async throws -> Response {
        let ticket = parts.cacheTicket(for: request.number)
        switch try await parts.traces.flow("pay", of: request.number, { try await parts.pay(request) }) {
        case .refused(let refusal, let word):
            throw Problem(refusal, because: word)
        case .ordered(let answer):
            let body = OrderedAnswerBody(
                answer.order, checkoutURL: parts.checkoutURL(of: answer.order.number, until: answer.order.deadline),
                at: parts.clock.now())
            return replayable(JSONAnswer.response(body, status: answer.madeOrder ? .created : .ok), answer.isReplay)
        case .served(let answer):
            let now = parts.clock.now()
            // Minutes may have passed during the call. Only a live page is returned.
            guard answer.served.page.isFresh(at: now) else {
                throw Problem(.inProgress(retryAfter: .seconds(1)))
            }
            let page = parts.ready(answer.order, answer.served)
            if answer.origin == .hit, !answer.isReplay, let ticket, let version = answer.version {
                parts.cache.put(page, request.variant, version: version, ticket)
            }
            let json = page.paymentJSON(for: request.variant.terminal, publicURL: parts.rules.publicURL(), at: now)
            var response = JSONAnswer.response(bytes: json, status: answer.madeOrder ? .created : .ok)
            response.headers[.cacheStatus] = CacheStatus.text(
                answer.origin, secondsLeft: (answer.served.page.expiresAt - now).wholeSeconds)
            return replayable(response, answer.isReplay)
        }
    }

    private func replayable(_ response: Response, _ isReplay: Bool) -> Response {
        var response = response
        if isReplay { response.headers[.idempotentReplayed] = "true" }
        return response
    }
}

extension Request {
    /// The call's key; nil if it has none.
    func idempotencyKey() throws(Problem) -> IdempotencyKey? {
        let shown = headers[values: .idempotencyKey]
        guard let text = shown.first else { return nil }
        guard shown.count == 1, let key = IdempotencyKey(text) else {
            throw Problem.invalid([
                .init(pointer: "", detail: "Idempotency-Key must be one value of 1 to 255 visible ASCII characters")
            ])
        }
        return key
    }
}

extension ParsedBody {
    /// The body. Throws all its mistakes as one problem.
    func checked() throws(Problem) -> Body {
        switch self {
        case .body(let body): body
        case .mistakes(let mistakes): throw .invalid(mistakes)
        }
    }
}

extension PayRequestContext {
    /// The order number in the path. An invalid number is treated as an order that does not exist.
    package func orderNumber() throws(Problem) -> OrderNumber {
        guard let number = parameters.get("out_trade_no").flatMap(OrderNumber.init) else {
            throw Problem(.noSuchOrder)
        }
        return number
    }
}
