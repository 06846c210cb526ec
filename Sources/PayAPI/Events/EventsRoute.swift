import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Streams an order as server-sent events, one whenever the order changes.
package struct EventsRoute: Sendable {
    /// The end of every stream's path.
    package static let pathEnd = "/events"

    /// The time to wait when no more streams are allowed. Streams end when their users leave the page.
    private static let pauseWhenFull = Duration.seconds(10)

    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no\(Self.pathEnd)", handlers: [(.get, events)]),
            Endpoint(path: "/checkout/:token\(Self.pathEnd)", handlers: [(.get, events)]),
        ]
    }

    @Sendable func events(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let now = parts.clock.now()
        let visitor = try await authenticator.visitor(request, context, at: now)
        guard !request.announcesBody else {
            throw Problem.invalid([UnacceptableField(pointer: "", detail: "the body must be empty")])
        }
        try await checkAccess(visitor, request)
        if request.method == .head { return Self.response(ResponseBody()) }
        let watch = try place(visitor.number, context)
        let first = try await firstNews(watch)
        let isMerchant = visitor.caller == .merchant
        let stream = EventStream(
            watch: watch, first: first, known: request.lastEventID, isMerchant: isMerchant, clock: parts.clock,
            endsAt: min(now + EventStream.longest, authenticator.end(of: visitor, request, context) ?? .distantFuture)
        ) { [parts] in parts.answer($0, forMerchant: isMerchant, at: $1) }
        return Self.response(
            ResponseBody { [channel = context.channel] writer in try await stream.run(on: channel, &writer) })
    }

    /// Checks the access of users before they take one of the limited streams. HEAD takes none, so it is always checked
    /// here.
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
        case .ending: throw Problem(.notReady, "the service is shutting down; connect again")
        case .tooMany:
            var problem = Problem(
                .rateLimited, "too many event streams are open, for this order or in all; poll the order instead")
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
        throw Problem(.notReady, "the service is shutting down; connect again")
    }

    private static func response(_ body: ResponseBody) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            // The stream is the last response on its connection.
            .connection: "close",
        ]
        // Tells nginx, and proxies that follow the same convention, not to buffer events.
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
    /// The revision that the client knows, from the header or the query. Scripts can't set the header for their first
    /// request.
    fileprivate var lastEventID: String? {
        let given = headers[.lastEventID] ?? uri.queryParameters.get("last_event_id")
        return given.flatMap { EventText.isID($0) ? $0 : nil }
    }

    /// A body would have to be read, but the stream only watches for the end of the client's side.
    fileprivate var announcesBody: Bool {
        headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } ?? false
    }
}
