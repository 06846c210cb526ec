import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// An order as it stands, told again whenever it changes: server-sent events.
struct EventsRoute: Sendable {
    /// A stream that is refused for want of a place: others end when their page is left.
    private static let pauseWhenFull = Duration.seconds(10)

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no/events", handlers: [(.get, events)]),
            Endpoint(path: "/checkout/:token/events", handlers: [(.get, events)]),
        ]
    }

    @Sendable func events(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        let visitor = try await authenticator.visitor(request, context, at: now)
        guard !request.announcesBody else {
            throw Problem.invalid([UnacceptableField(pointer: "", detail: "this call takes no body")])
        }
        try await checkAccess(visitor, request)
        if request.method == .head { return Self.response(ResponseBody()) }
        let watch = try place(visitor.number, context)
        let first = try await firstNews(watch)
        let isMerchant = visitor.caller == .merchant
        let stream = EventStream(
            watch: watch, isMerchant: isMerchant,
            answer: { [parts] in parts.answer($0, forMerchant: isMerchant, at: $1) },
            clock: parts.clock,
            endsAt: min(now + EventStream.longest, authenticator.end(of: visitor, request, context) ?? .distantFuture))
        let known = request.lastEventID
        return Self.response(
            ResponseBody { writer in try await stream.run(from: first, known: known, request.body, &writer) })
    }

    /// A stranger doesn't get as far as a place among those who watch, and HEAD needs none.
    private func checkAccess(_ visitor: Visitor, _ request: Request) async throws {
        guard visitor.caller.userID != nil || request.method == .head else { return }
        guard let order = try await parts.ledger.order(visitor.number),
            visitor.caller.mayBeTold(of: visitor.number, ownedBy: order.userID)
        else { throw Problem(.noSuchOrder) }
    }

    private func place(_ number: OrderNumber, _ context: PayRequestContext) throws(Problem) -> LiveWatch {
        let channel = context.channel
        switch parts.live.watch(number, cut: { channel.close(promise: nil) }) {
        case .watching(let watch): return watch
        case .ending: throw Problem(.notReady, "the service is stopping")
        case .tooMany:
            var problem = Problem(.rateLimited, "too many follow this order, or orders at all: ask for it instead")
            problem.retryAfter = Self.pauseWhenFull
            throw problem
        }
    }

    private func firstNews(_ watch: LiveWatch) async throws -> Order {
        for await news in watch.news {
            switch news {
            case .order(let order, _): return order
            case .absent: throw Problem(.noSuchOrder)
            case .unreadable(let error): throw error
            }
        }
        throw Problem(.notReady, "the service is stopping")
    }

    private static func response(_ body: ResponseBody) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            // The connection is over with the stream.
            .connection: "close",
        ]
        // Asks nginx, and those that took it over from there, not to keep events back.
        headers[.accelBuffering] = "no"
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension Instant {
    fileprivate static var distantFuture: Instant { Instant(milliseconds: .max) }
}

extension HTTPField.Name {
    fileprivate static let accelBuffering = Self("X-Accel-Buffering")!
    fileprivate static let lastEventID = Self("Last-Event-ID")!
}

extension Request {
    /// The revision that the client knows: by the header, or by the query, because a script can't set the first one.
    fileprivate var lastEventID: String? {
        let given = headers[.lastEventID] ?? uri.queryParameters.get("last_event_id")
        return given.flatMap { EventText.isID($0) ? $0 : nil }
    }

    /// A body would wait for somebody to read it, while the stream waits for its client to go away.
    fileprivate var announcesBody: Bool {
        headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } ?? false
    }
}
