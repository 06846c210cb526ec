import HTTPTypes
import Hummingbird
import NIOCore
import PayAccess
import PayCache
package import PayCore
import PayFlow

/// Serves the stored page as itself. Never calls a provider.
struct PageRoute: Sendable {
    let parts: APIParts
    let authenticator: Authenticator

    var endpoints: [Endpoint] {
        [
            Endpoint(path: "/v1/payments/:out_trade_no/page", handlers: [(.get, page)]),
            Endpoint(path: "/checkout/:token/page", handlers: [(.get, page)]),
        ]
    }

    @Sendable func page(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        do {
            return try await storedPage(request, context)
        } catch let problem as Problem where context.isAtCheckout && request.isOfBrowser && problem.code.isAbsence {
            // The buyer came back with the back button and has no live page any more. The checkout page shows the
            // order's state.
            return Response(status: .seeOther, headers: [.location: "./", .cacheControl: "no-store"])
        }
    }

    private func storedPage(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let visitor = try await authenticator.visitor(request, context, at: parts.clock.now())
        var query = QueryReader(request.uri)
        let question = try PageQuestion(&query)
        let asked = LivePageQuery(number: visitor.number, question.variant)
        let ticket = parts.cacheTicket(for: visitor.number)
        let found = try await parts.ledger.livePage(for: asked, at: parts.clock.now())
        // The read may have waited, so the page may have expired meanwhile.
        let now = parts.clock.now()
        guard let live = found, live.served.page.isFresh(at: now) else {
            throw try await absence(of: visitor.number, for: visitor.caller)
        }
        guard visitor.caller.mayBeTold(of: visitor.number, ownedBy: live.order.userID) else {
            throw Problem(.noSuchOrder)
        }
        if let ticket {
            parts.cache.put(
                parts.ready(live.order, live.served), question.variant, version: live.version, ticket)
        }
        let kinds = Representation.of(live.served.page)
        guard let kind = Representation.best(of: kinds, accept: request.headers[values: .accept]) else {
            throw Problem(
                .notAcceptable, "this page is available as \(kinds.map(\.rawValue).joined(separator: ", "))")
        }
        return try response(kind, live, question, request, at: now) {
            guard visitor.caller != .merchant else { return }
            try parts.strangerLimits.countPicture(for: parts.clientAddress(of: request, context))
        }
    }

    /// The problem if there is no page: either the order does not exist for this caller, or it has no live page.
    private func absence(of number: OrderNumber, for caller: Caller) async throws -> Problem {
        guard let order = try await parts.ledger.order(number),
            caller.mayBeTold(of: number, ownedBy: order.userID)
        else { return Problem(.noSuchOrder) }
        return Problem(.payPageNotFound, "the order has no live page for this channel, terminal and payer")
    }

    private func response(
        _ kind: Representation, _ live: LivePage, _ question: PageQuestion, _ request: Request, at now: Instant,
        beforeDrawing: () throws -> Void
    ) throws -> Response {
        let page = live.served.page
        let tag = Self.tag(of: live.served, as: kind, question.picture)
        var headers = PageHead(kind, formTargets: parts.pay.pageFormTargets(of: live.served.channel)).fields
        headers[.eTag] = tag
        headers[.cacheStatus] = CacheStatus.text(.hit, secondsLeft: (page.expiresAt - now).wholeSeconds)
        guard !request.names(tag) else {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        let body: ByteBuffer
        switch kind {
        case .json:
            let answer = PageAnswer(
                live.served, terminal: question.variant.terminal ?? page.terminal, withContent: true, at: now)
            var response = JSONAnswer.response(answer)
            for field in headers { response.headers[field.name] = field.value }
            return response
        case .html, .text: body = ByteBuffer(string: page.content)
        case .svg, .png:
            body = try parts.pictures.picture(
                question.picture, of: page.content, as: kind, beforeDrawing: beforeDrawing)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
    }

    private static func tag(of served: ServedPage, as kind: Representation, _ picture: QRPicture) -> String {
        let form = kind.isPicture ? "\(kind.rawValue) \(picture.moduleSize)" : kind.rawValue
        return PageTag(of: served, form: form).text
    }
}

/// The parsed query of a page request.
package struct PageQuestion {
    package let variant: PageVariant
    let picture: QRPicture
    /// Whether the query has an option for a picture.
    package let namesSize: Bool

    package init(_ query: inout QueryReader) throws(Problem) {
        let channel = query.value("channel", mustBe: "a channel name", Channel.init)
        let terminals = Terminal.allCases.map(\.rawValue).joined(separator: ", ")
        let terminal = query.value("terminal", mustBe: "one of \(terminals)", Terminal.init)
        let openID = query.value("openid", mustBe: "at most \(Payer.longestOpenID) characters") {
            $0.utf8.count <= Payer.longestOpenID ? $0 : nil
        }
        let moduleSize = query.value("size", mustBe: QRPicture.sizeRule, QRPicture.moduleSize)
        try query.check()
        variant = PageVariant(channel: channel, terminal: terminal, openID: openID)
        picture = QRPicture(moduleSize: moduleSize)
        namesSize = moduleSize != nil
    }
}

extension PayRequestContext {
    /// Whether the path has a checkout token.
    fileprivate var isAtCheckout: Bool { parameters.get("token") != nil }
}

extension Request {
    /// Whether a browser navigates to the page. A script's fetch does not ask for HTML by default.
    package var isOfBrowser: Bool {
        headers[values: .accept].contains { $0.lowercased().contains("text/html") }
    }
}

extension Problem.Code {
    /// Whether there is no page to serve.
    fileprivate var isAbsence: Bool {
        [.payPageNotFound, .payOrderNotExist, .notFound, .notAcceptable].contains(self)
    }
}
