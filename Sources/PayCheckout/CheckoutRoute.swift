import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
package import PayAPI
import PayAccess
import PayCore
import PayFlow
import PayTelemetry

/// The hosted page. A GET never calls a provider and never writes, because robots and previews open links too. Only a
/// submitted form may call a provider.
package struct CheckoutRoute: Sendable {
    let parts: APIParts
    private let rules: CheckoutRules
    private let assets: CheckoutAssets
    private let pages: CheckoutPages

    package init(parts: APIParts, rules: CheckoutRules) {
        self.parts = parts
        self.rules = rules
        assets = CheckoutAssets(rules)
        pages = CheckoutPages(deadlines: parts.rules.deadlines)
    }

    package var endpoints: [Endpoint] {
        [
            Endpoint(path: "/checkout/:token", handlers: [(.get, look), (.post, press)]),
            Endpoint(path: "/checkout/:token/authorize", handlers: [(.get, authorize)]),
            Endpoint(path: "/checkout/:token/openid", handlers: [(.get, takeOpenID)]),
        ] + assets.endpoints
    }

    @Sendable package func look(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let reading = CheckoutReading(request)
        return try await answering(reading, request, context) {
            switch try await open(context.parameters.get("token")) {
            case .noLink: return fixed(.noLink, reading, .notFound)
            case .opened(let order, let token, let isOver):
                return try await page(of: order, reading, token: token, isLinkOver: isOver, request, context)
            }
        }
    }

    /// Handles a press on a button: makes a repay, then redirects to the page.
    @Sendable package func press(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let reading = CheckoutReading(request)
        return try await answering(reading, request, context) {
            switch try await open(context.parameters.get("token")) {
            case .noLink: return fixed(.noLink, reading, .notFound)
            case .opened(let order, let token, isOver: true):
                return try await page(of: order, reading, token: token, isLinkOver: true, request, context)
            case .opened(let order, let token, isOver: false):
                let place = place(reading, token: token)
                guard let form = try await form(request) else {
                    let press = CheckoutPress(news: .unavailable, channel: nil, wait: .zero, revision: nil)
                    try parts.strangerLimits.countPage(for: parts.clientAddress(of: request, context))
                    let channels = try await channels(for: order, reading)
                    return response(draw(order, reading, place, offering: channels, pressed: press), .badRequest)
                }
                let limit = limit(of: order, request, context)
                return Self.seeOther(place, try await pay(form, order, under: limit, request, context))
            }
        }
    }

    enum Opened {
        case opened(Order, token: String, isOver: Bool)
        case noLink
    }

    func open(_ token: String?) async throws -> Opened {
        guard let token, let claim = parts.checkouts.claim(in: token),
            let order = try await parts.ledger.order(claim.order)
        else { return .noLink }
        return .opened(order, token: token, isOver: parts.clock.now() >= claim.expiresAt)
    }

    /// The page of an order, from the cache if possible.
    func page(
        of order: Order, _ reading: CheckoutReading, token: String, isLinkOver: Bool, _ request: Request,
        _ context: PayRequestContext
    ) async throws -> Response {
        let channels = try await channels(for: order, reading)
        let question = CheckoutPages.Question(
            token: token, reading: reading, channels: channels, isLinkOver: isLinkOver)
        let status = isLinkOver ? HTTPResponse.Status.gone : .ok
        let now = parts.clock.now()
        if let known = pages.page(question, of: order, at: now) { return response(known, status) }
        try parts.strangerLimits.countPage(for: parts.clientAddress(of: request, context))
        let place = place(reading, token: token)
        let html =
            isLinkOver
            ? CheckoutHTML(
                .gone(place, terminal: reading.terminal, returnURL: order.returnURL), compressing: reading.acceptsGzip)
            : draw(order, reading, place, offering: channels, at: now)
        pages.keep(html, question, of: order, at: now)
        return response(html, status)
    }

    private func draw(
        _ order: Order, _ reading: CheckoutReading, _ place: CheckoutPlace, offering channels: [PayCore.Channel],
        pressed: CheckoutPress? = nil, at moment: Instant? = nil
    ) -> CheckoutHTML {
        let now = moment ?? parts.clock.now()
        let revision = revision(of: order, at: now)
        let list = parts.channels
        var visit = CheckoutVisit(
            order: order, now: now, deadlines: parts.rules.deadlines, terminal: reading.terminal,
            isTerminalSeen: reading.isTerminalSeen, givenOpenID: reading.openID, channels: channels,
            costly: channels.filter { !parts.pay.numberMayBeAskedAgain(by: $0, on: reading.terminal) },
            longestLease: parts.pay.leaseLength, pressed: pressed ?? reading.lastPress(at: revision),
            underWay: reading.underWay)
        visit.knownOpenID = { [pay = parts.pay] in pay.openID(in: order, at: $0, on: reading.terminal) }
        if reading.terminal == .jsapi { visit.identifying = channels.filter { parts.pay.openIDs(of: $0) != nil } }
        if reading.app == .alipay { visit.ownChannel = channels.first { list[$0]?.kind == .alipay } }
        if let app = reading.app {
            visit.isForeign = { app.usable([$0], on: reading.terminal, in: list).isEmpty }
            visit.isInWeChatApp = app == .wechat
            visit.jsapiMayPay =
                visit.isInWeChatApp && reading.terminal != .jsapi
                && list.entries.contains { parts.pay.openIDs(of: $0.channel) != nil }
        }
        return CheckoutHTML(CheckoutView(visit, in: place, revision: revision), compressing: reading.acceptsGzip)
    }

    /// The channels that this browser can open.
    private func channels(for order: Order, _ reading: CheckoutReading) async throws -> [PayCore.Channel] {
        let channels = try await parts.pay.channels(for: order, on: reading.terminal)
        return reading.app?.usable(channels, on: reading.terminal, in: parts.channels) ?? channels
    }

    func revision(of order: Order, at now: Instant) -> String {
        OrderRevision.of(order, forMerchant: false, at: now)
    }

    func place(_ reading: CheckoutReading, token: String) -> CheckoutPlace {
        place(reading.language, token: token, carried: reading.carried)
    }

    private func place(_ language: CheckoutLanguage, token: String?, carried: [CheckoutView.Field]) -> CheckoutPlace {
        let publicURL = parts.rules.publicURL()
        return CheckoutPlace(
            language: language,
            shop: rules.shopName ?? Self.shopName(from: publicURL), publicURL: publicURL, token: token,
            carried: carried, channels: parts.channels, assets: assets)
    }

    /// The host of the public URL. Nil if people would not know it as a name: an address, or this machine.
    private static func shopName(from publicURL: String) -> String? {
        guard let host = URLComponents(string: publicURL)?.host, host != "localhost", !host.contains(":"),
            host.contains(where: \.isLetter)
        else { return nil }
        return host
    }

    private func form(_ request: Request) async throws -> CheckoutForm? {
        guard request.hasForm else { return nil }
        return CheckoutForm(try await RequestBodies.raw(request))
    }

    /// The limit of calls that can reach a provider, for the holder of an order's link at this address.
    func limit(of order: Order, _ request: Request, _ context: PayRequestContext) -> CallLimit? {
        parts.repayLimit.limit(of: .checkout(order.number), from: parts.clientAddress(of: request, context))
    }

    /// Makes a repay. Nil if there is a page now, or if the order's own state is sufficient.
    ///
    /// A payer that WeChat named for an earlier attempt need not be named again.
    func pay(
        _ form: CheckoutForm, _ known: Order, under limit: CallLimit?, _ request: Request, _ context: PayRequestContext
    ) async throws -> CheckoutPress? {
        let number = known.number
        let address = parts.clientAddress(of: request, context)
        let caller = Caller.checkout(number)
        let openID =
            form.openID.isEmpty ? parts.pay.openID(in: known, at: form.channel, on: form.terminal) : form.openID
        let result = try await parts.pay(
            PayRequest(
                number: number, userID: caller.userID, draft: nil, channel: form.channel, terminal: form.terminal,
                openID: openID.isEmpty ? nil : openID, clientIP: address?.description, fresh: form.fresh,
                key: nil, limit: limit))
        guard case .refused(let refusal, _) = result, let news = CheckoutNews(refusal),
            let order = try await parts.ledger.order(number)
        else { return nil }
        return CheckoutPress(
            news: news, channel: form.channel, wait: refusal.retryAfter ?? .zero,
            revision: revision(of: order, at: parts.clock.now()))
    }

    /// - Parameter more: fields of the query without a press.
    static func seeOther(
        _ place: CheckoutPlace, _ press: CheckoutPress?, or more: [CheckoutView.Field] = []
    ) -> Response {
        let query = press.map { press in
            [
                ("channel", press.channel?.name), ("news", press.news.rawValue),
                ("wait", press.wait > .zero ? String(press.wait.secondsToWait) : nil), ("seen", press.revision),
            ].compactMap { name, value in value.map { CheckoutView.Field(field: name, value: $0) } }
        }
        return Response(
            status: .seeOther, headers: [.location: place.link(query ?? more), .cacheControl: "no-store"])
    }

    /// Answers errors with an HTML page for browsers. A client above its rate limit gets a problem instead.
    func answering(
        _ reading: CheckoutReading, _ request: Request, _ context: PayRequestContext,
        _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let problem as Problem where problem.code == .rateLimited && !request.isOfBrowser {
            throw problem
        } catch let problem as Problem {
            var response = broken(reading, problem.code.status)
            if let pause = problem.retryAfter { response.headers[.retryAfter] = String(pause.secondsToWait) }
            return response
        } catch let error as CancellationError {
            throw error
        } catch let outage as LedgerUnavailable {
            outage.log(context.requestID, to: parts.logger)
            var response = broken(reading, .serviceUnavailable)
            response.headers[.retryAfter] = String(LedgerUnavailable.retryAfter.secondsToWait)
            return response
        } catch {
            parts.logger.error(
                "request failed",
                metadata: ["request.id": .string(context.requestID.description), "error": "\(error)"])
            return broken(reading, .internalServerError)
        }
    }

    private func broken(_ reading: CheckoutReading, _ status: HTTPResponse.Status) -> Response {
        fixed(.broken, reading, status)
    }

    /// A page without an order. It contains nothing of the query, so it is rendered once.
    func fixed(
        _ page: CheckoutPages.Fixed, _ reading: CheckoutReading, _ status: HTTPResponse.Status
    ) -> Response {
        let html = pages.fixed(page, reading) {
            let place = place(reading.language, token: nil, carried: [])
            let view: CheckoutView =
                switch page {
                case .noLink: .noLink(place, terminal: reading.terminal)
                case .broken: .broken(place, terminal: reading.terminal)
                }
            return CheckoutHTML(view, compressing: reading.acceptsGzip)
        }
        return response(html, status)
    }

    private func response(_ html: CheckoutHTML, _ status: HTTPResponse.Status) -> Response {
        var headers = CheckoutHeaders.fields(frameAncestors: rules.frameAncestors)
        if html.isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: html.bytes))
    }
}
