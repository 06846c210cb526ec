import Hummingbird
import PayCore
import PayFlow

/// Lists bills and differences, and stores the merchant's decisions on differences.
struct ReconciliationRoutes: Sendable {
    /// The most entries in one list.
    private static let longestList = 200
    private static let usualList = 50

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/reconciliations", handlers: [(.get, bills)]),
            Endpoint(path: "/v1/reconciliations/differences", handlers: [(.get, differences)]),
            Endpoint(path: "/v1/reconciliations/differences/:id", handlers: [(.get, difference)]),
            Endpoint(path: "/v1/reconciliations/differences/:id/explain", handlers: [(.post, explain)]),
            Endpoint(path: "/v1/reconciliations/differences/:id/close", handlers: [(.post, close)]),
        ]
    }

    @Sendable func bills(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let channel = query.value("channel", mustBe: "a channel name", Channel.init)
        let limit = limit(&query)
        let cursor = query.value("cursor", mustBe: "the next_cursor of an earlier response", BillCursor.init)
        try query.check()
        let list = try await parts.reconciliations.bills(BillListing(channel: channel, limit: limit, after: cursor))
        return JSONAnswer.response(BillListAnswer(list))
    }

    @Sendable func differences(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let state = query.value("state", mustBe: "one of open, explained, closed", DifferenceState.init)
        let channel = query.value("channel", mustBe: "a channel name", Channel.init)
        let kinds = DifferenceKind.allCases.map(\.rawValue).joined(separator: ", ")
        let kind = query.value("kind", mustBe: "one of \(kinds)", DifferenceKind.init)
        let order = query.value("out_trade_no", mustBe: "4 to 28 of 0-9, A-Z, a-z and _", OrderNumber.init)
        let limit = limit(&query)
        let cursor = query.value("cursor", mustBe: "the next_cursor of an earlier response", Self.id)
        try query.check()
        let list = try await parts.reconciliations.differences(
            DifferenceListing(
                state: state, channel: channel, kind: kind, order: order, limit: limit, after: cursor))
        return JSONAnswer.response(DifferenceListAnswer(list))
    }

    @Sendable func difference(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await authenticator.merchant(request, context, at: parts.clock.now())
        guard let difference = try await parts.reconciliations.difference(try Self.id(context)) else {
            throw Self.unknown
        }
        return JSONAnswer.response(DifferenceAnswerBody(difference))
    }

    @Sendable func explain(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await decide(.explain, request, context)
    }

    @Sendable func close(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await decide(.close, request, context)
    }

    private func decide(
        _ verdict: DifferenceDecision.Verdict, _ request: Request, _ context: PayRequestContext
    ) async throws -> Response {
        let actor = try await authenticator.merchant(request, context, at: parts.clock.now())
        let id = try Self.id(context)
        let json = try await RequestBodies.json(request, mayBeEmpty: false)
        let body = try BodyRules(returnHosts: nil).decision(json).checked()
        let decision = DifferenceDecision(id, verdict, note: body.note, by: body.by ?? Self.merchant)
        switch try await parts.reconciliations.decide(decision, by: actor, at: parts.clock.now()) {
        case .decided(let difference): return JSONAnswer.response(DifferenceAnswerBody(difference))
        case .alreadyClosed: throw Problem(.differenceClosed, "the difference is closed, which is final")
        case nil: throw Self.unknown
        }
    }

    /// The name of the decider, if the call has none.
    private static let merchant = PersonName("merchant")!

    private static let unknown = Problem(.notFound, "no such difference")

    private func limit(_ query: inout QueryReader) -> Int {
        query.value("limit", mustBe: "an integer from 1 to \(Self.longestList)") {
            Int($0).flatMap { (1...Self.longestList).contains($0) ? $0 : nil }
        } ?? Self.usualList
    }

    private static func id(_ text: String) -> DifferenceID? { Int64(text).flatMap(DifferenceID.init) }

    private static func id(_ context: PayRequestContext) throws(Problem) -> DifferenceID {
        guard let id = context.parameters.get("id").flatMap(id) else { throw unknown }
        return id
    }
}
