import Hummingbird
import PayCore
import PayFlow

/// Events for a merchant who polls, and the deliveries of events to the merchant's endpoints.
struct WebhookRoutes: Sendable {
    /// The most entries in one list.
    private static let longestList = 200
    private static let usualList = 50

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/events", handlers: [(.get, events)]),
            Endpoint(path: "/v1/deliveries", handlers: [(.get, deliveries)]),
            Endpoint(path: "/v1/deliveries/:id", handlers: [(.get, delivery)]),
            Endpoint(path: "/v1/deliveries/:id/resend", handlers: [(.post, resend)]),
            Endpoint(path: "/v1/webhooks/test", handlers: [(.post, test)]),
        ]
    }

    @Sendable func events(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let kinds = OrderEvent.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        let kind = query.value("type", mustBe: "one of \(kinds)", OrderEvent.Kind.init)
        let order = orderNumber(&query)
        let limit = limit(&query)
        let after = query.value("after", mustBe: "the next_cursor of an earlier response", EventCursor.init)
        try query.check()
        let list = try await parts.desk.events(EventListing(kind: kind, order: order, after: after, limit: limit))
        return JSONAnswer.response(EventListAnswer(list))
    }

    @Sendable func deliveries(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let state = query.value("state", mustBe: "one of pending, delivered, parked", DeliveryState.init)
        let endpoint = query.value("endpoint", mustBe: Self.nameRule, EndpointName.init)
        let order = orderNumber(&query)
        let limit = limit(&query)
        let before = query.value("cursor", mustBe: "the next_cursor of an earlier response", Self.id)
        try query.check()
        let records = try await parts.desk.deliveries(
            DeliveryListing(state: state, order: order, endpoint: endpoint, before: before, limit: limit + 1))
        let shown = records.prefix(limit)
        return JSONAnswer.response(
            DeliveryListAnswer(Array(shown), next: records.count > limit ? shown.last?.id : nil))
    }

    @Sendable func delivery(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        return JSONAnswer.response(DeliveryAnswerBody(try await detail(try Self.id(context))))
    }

    @Sendable func resend(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        let actor = try await authenticator.merchant(request, context, at: now)
        let id = try Self.id(context)
        _ = try await RequestBodies.json(request, mayBeEmpty: true)
        let report = try await parts.desk.resendDeliveries(.these([id]), by: actor, at: now)
        guard report.unknown.isEmpty else { throw Self.unknown }
        guard report.beingSent.isEmpty else {
            var problem = Problem(.payInProgress, "the webhook is being sent now")
            problem.retryAfter = DeliverEvents.sendingTimeout
            throw problem
        }
        return JSONAnswer.response(DeliveryAnswerBody(try await detail(id)), status: .accepted)
    }

    @Sendable func test(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        let json = try await RequestBodies.json(request, mayBeEmpty: true)
        let endpoint = try BodyRules(returnHosts: nil).test(json).checked().endpoint ?? .standard
        guard let result = try await parts.testEndpoint?(endpoint, by: actor) else {
            throw Problem(.notFound, "no such endpoint is configured")
        }
        return JSONAnswer.response(EndpointTestAnswer(result))
    }

    private static let nameRule = "1 to \(EndpointName.longest) of a-z, 0-9 and _, the first a letter"

    private static let unknown = Problem(.notFound, "no such delivery")

    private func detail(_ id: DeliveryID) async throws -> DeliveryDetail {
        guard let detail = try await parts.desk.delivery(id) else { throw Self.unknown }
        return detail
    }

    private func orderNumber(_ query: inout QueryReader) -> OrderNumber? {
        query.value("out_trade_no", mustBe: "4 to 28 of 0-9, A-Z, a-z and _", OrderNumber.init)
    }

    private func limit(_ query: inout QueryReader) -> Int {
        query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        } ?? Self.usualList
    }

    private static func id(_ text: String) -> DeliveryID? { Int64(text).flatMap(DeliveryID.init) }

    private static func id(_ context: PayRequestContext) throws(Problem) -> DeliveryID {
        guard let id = context.parameters.get("id").flatMap(id) else { throw unknown }
        return id
    }
}

/// The parsed body of a test of an endpoint.
struct TestBody: Sendable {
    let endpoint: EndpointName?
}

extension BodyRules {
    func test(_ json: [UInt8]) -> ParsedBody<TestBody> {
        parse(json) { reader in
            reader.refuseOthers(than: ["endpoint"])
            let endpoint = reader.text("endpoint", mustBe: "the name of an endpoint", EndpointName.init)
            return TestBody(endpoint: endpoint)
        }
    }
}
