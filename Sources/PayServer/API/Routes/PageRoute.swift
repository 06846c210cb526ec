import Crypto
import HTTPTypes
import Hummingbird
import NIOCore
import PayCore
import PayFlow

/// The stored page as itself. Never calls a provider.
struct PageRoute: Sendable {
    let parts: APIParts
    let doorkeeper: Doorkeeper

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no/page", handlers: [(.get, page)]),
            Endpoint(path: "/checkout/:token/page", handlers: [(.get, page)]),
        ]
    }

    @Sendable func page(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let visitor = try await doorkeeper.visitor(request, context, at: parts.clock.now())
        let query = try query(request, visitor.number)
        let found = try await parts.ledger.livePage(for: query, at: parts.clock.now())
        // The read may have waited, and what it found may have ended meanwhile.
        let now = parts.clock.now()
        guard let live = found, live.served.page.isFresh(at: now) else {
            throw try await absence(of: visitor.number, for: visitor.caller)
        }
        guard visitor.caller.mayBeTold(of: visitor.number, ownedBy: live.order.userID) else {
            throw Problem(.noSuchOrder)
        }
        let kinds = Representation.of(live.served.page.kind)
        guard let kind = Representation.best(of: kinds, accept: request.headers[values: .accept]) else {
            throw Problem(
                .notAcceptable, "this page can be had as \(kinds.map(\.rawValue).joined(separator: ", "))")
        }
        return response(kind, live, asked: query.terminal, request, at: now)
    }

    private func query(_ request: Request, _ number: OrderNumber) throws(Problem) -> LivePageQuery {
        var query = QueryReader(request)
        let channel = query.value("channel", mustBe: "a channel's name", Channel.init)
        let terminal = query.value("terminal", mustBe: "pc, h5, app or jsapi", Terminal.init)
        let openID = query.value("openid", mustBe: "at most \(Payer.longestOpenID) characters") {
            $0.utf8.count <= Payer.longestOpenID ? $0 : nil
        }
        try query.check()
        return LivePageQuery(number: number, channel: channel, terminal: terminal, openID: openID)
    }

    /// Whether it is the order that is missing, for this caller, or the page alone.
    private func absence(of number: OrderNumber, for caller: Caller) async throws -> Problem {
        guard let order = try await parts.ledger.order(number),
            caller.mayBeTold(of: number, ownedBy: order.userID)
        else { return Problem(.noSuchOrder) }
        return Problem(.payPageNotFound, "no page is live for that channel, terminal and payer")
    }

    private func response(
        _ kind: Representation, _ live: LivePage, asked: Terminal?, _ request: Request, at now: Instant
    ) -> Response {
        let tag = Self.tag(of: live.served, as: kind)
        var headers: HTTPFields = [
            .eTag: tag, .cacheControl: "no-store", .vary: "Accept, Authorization", .xContentTypeOptions: "nosniff",
        ]
        headers[.cacheStatus] = "paypage; hit; ttl=\((live.served.page.expiresAt - now).wholeSeconds)"
        // A proxy that compresses weakens the tag; the comparison is weak anyhow (RFC 9110, 13.1.2).
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",")
        if known.contains(where: { [tag, "W/\(tag)", "*"].contains(String($0.filter { $0 != " " })) }) {
            return Response(status: .notModified, headers: headers)
        }
        switch kind {
        case .json:
            var response = JSONAnswer.response(
                PageAnswer(live.served, terminal: asked ?? live.served.page.terminal, withContent: true, at: now))
            for field in headers { response.headers[field.name] = field.value }
            return response
        case .html:
            headers[.contentType] = "text/html; charset=utf-8"
            // The document is the provider's, not ours: it gets no origin of its own here.
            headers[.contentSecurityPolicy] =
                "sandbox allow-forms allow-scripts allow-popups allow-top-navigation; frame-ancestors 'none'"
        case .text:
            headers[.contentType] = "text/plain; charset=utf-8"
        }
        return Response(
            status: .ok, headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: live.served.page.content)))
    }

    private static func tag(of served: ServedPage, as kind: Representation) -> String {
        let text = "\(kind.rawValue) \(served.tradeNumber) \(served.page.expiresAt.milliseconds) \(served.page.content)"
        return "\"\(SHA256.hash(data: Array(text.utf8)).prefix(16).hexText)\""
    }
}

/// The forms that a stored page can be had in.
enum Representation: String {
    case html = "text/html"
    case text = "text/plain"
    case json = "application/json"

    /// What a page of this kind can be had as, the most natural first.
    static func of(_ kind: PageKind) -> [Representation] {
        switch kind {
        case .html: [.html, .text, .json]
        case .qr, .redirect, .sdk: [.text, .json]
        }
    }

    /// What `Accept` likes best (RFC 9110, 12.5.1); the most natural where it likes several alike or says nothing.
    static func best(of offered: [Representation], accept: [String]) -> Representation? {
        let ranges = accept.joined(separator: ",").split(separator: ",").compactMap(MediaRange.init)
        guard !ranges.isEmpty else { return offered.first }
        let liked = offered.map { kind in (kind, MediaRange.quality(of: kind.rawValue, in: ranges)) }
        let most = liked.map(\.1).max() ?? 0
        return most > 0 ? liked.first { $0.1 == most }?.0 : nil
    }
}

/// One entry of an `Accept` header.
private struct MediaRange {
    let type: Substring
    let quality: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.trimmingPrefix { $0 == " " } }
        guard let type = parts.first?.prefix(while: { $0 != " " }), type.contains("/") else { return nil }
        let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        self.type = type
        quality = min(max(weight ?? 1, 0), 1)
    }

    /// The quality by the most specific range that names the type.
    static func quality(of type: String, in ranges: [MediaRange]) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for name in [Substring(type), family, "*/*"] {
            if let range = ranges.first(where: { $0.type.lowercased() == name }) { return range.quality }
        }
        return 0
    }
}
