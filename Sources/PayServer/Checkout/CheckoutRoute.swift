import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PayCore
import PayFlow

/// The hosted page. Looking at it never calls a provider and writes nothing: robots and previews open links too.
/// What may call one is a form.
struct CheckoutRoute: Sendable {
    let parts: APIParts

    var endpoints: [Endpoint] {
        [Endpoint(path: "/checkout/:token", handlers: [(.get, look), (.post, press)])] + CheckoutAssets.endpoints
    }

    @Sendable func look(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let reading = CheckoutReading(request)
        return try await answering(reading, context) {
            switch try await open(context.parameters.get("token")) {
            case .closed(let response): return response(reading)
            case .opened(let order, let token):
                return draw(order, reading, place(reading, token: token))
            }
        }
    }

    /// A press on a button: as a repay, and then the page again.
    @Sendable func press(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        let reading = CheckoutReading(request)
        return try await answering(reading, context) {
            switch try await open(context.parameters.get("token")) {
            case .closed(let response): return response(reading)
            case .opened(let order, let token):
                let place = place(reading, token: token)
                guard let form = try await form(request) else {
                    return draw(order, reading.with(news: .unavailable), place, status: .badRequest)
                }
                let news = try await pay(form, order.number, request, context)
                return Self.seeOther(place, form, news)
            }
        }
    }

    private enum Opened {
        case opened(Order, token: String)
        /// What is said instead.
        case closed((CheckoutReading) -> Response)
    }

    private func open(_ token: String?) async throws -> Opened {
        guard let token, let claim = parts.checkouts.claim(in: token),
            let order = try await parts.ledger.order(claim.order)
        else {
            return .closed { reading in
                Self.response(
                    .noLink(place(reading, token: nil), terminal: reading.terminal), .notFound, parts.rules.checkout)
            }
        }
        guard parts.clock.now() < claim.expiresAt else {
            return .closed { reading in
                Self.response(
                    .gone(place(reading, token: token), terminal: reading.terminal, returnURL: order.returnURL),
                    .gone, parts.rules.checkout)
            }
        }
        return .opened(order, token: token)
    }

    private func draw(
        _ order: Order, _ reading: CheckoutReading, _ place: CheckoutPlace, status: HTTPResponse.Status = .ok
    ) -> Response {
        let now = parts.clock.now()
        let visit = CheckoutVisit(
            order: order, now: now, deadlines: parts.rules.deadlines, terminal: reading.terminal,
            givenOpenID: reading.openID, channels: parts.pay.channels(for: order.money, on: reading.terminal),
            news: reading.news, wished: reading.channel, wait: reading.wait)
        let revision = OrderRevision.of(order, forMerchant: false, at: now)
        return Self.response(
            CheckoutView(visit, in: place, revision: revision), status, parts.rules.checkout)
    }

    private func place(_ reading: CheckoutReading, token: String?) -> CheckoutPlace {
        let publicURL = parts.rules.publicURL()
        return CheckoutPlace(
            language: reading.language,
            shop: parts.rules.checkout.shopName ?? URLComponents(string: publicURL)?.host ?? "",
            publicURL: publicURL, token: token, carried: reading.carried)
    }

    private func form(_ request: Request) async throws -> CheckoutForm? {
        let type = request.headers[.contentType]?.split(separator: ";").first?.filter { $0 != " " }.lowercased()
        guard type == "application/x-www-form-urlencoded" else { return nil }
        return CheckoutForm(try await RequestBodies.raw(request))
    }

    /// The same call as a repay.
    private func pay(
        _ form: CheckoutForm, _ number: OrderNumber, _ request: Request, _ context: PayRequestContext
    ) async throws -> PressOutcome {
        let address = parts.clientAddress(of: request, context)
        let caller = Caller.checkout(number)
        let result = try await parts.pay(
            PayRequest(
                number: number, userID: caller.userID, draft: nil, channel: form.channel, terminal: form.terminal,
                openID: form.openID.isEmpty ? nil : form.openID, clientIP: address, fresh: form.fresh, key: nil,
                limit: parts.repayLimit.limit(of: caller, from: address)))
        switch result {
        case .served: return PressOutcome()
        case .refused(let refusal): return PressOutcome(news: CheckoutNews(refusal), wait: refusal.retryAfter)
        }
    }

    private struct PressOutcome {
        /// Why there is no page; nil when there is one, or the order's own state says it all.
        var news: CheckoutNews?
        var wait: Duration?
    }

    private static func seeOther(_ place: CheckoutPlace, _ form: CheckoutForm, _ outcome: PressOutcome) -> Response {
        var query = [CheckoutView.Field(field: "channel", value: form.channel.name)]
        if let news = outcome.news { query.append(.init(field: "news", value: news.rawValue)) }
        if outcome.news != nil, let wait = outcome.wait {
            query.append(.init(field: "wait", value: String(wait.secondsToWait)))
        }
        return Response(
            status: .seeOther, headers: [.location: place.link(query), .cacheControl: "no-store"])
    }

    /// Whatever breaks is told as a page: a browser asks.
    private func answering(
        _ reading: CheckoutReading, _ context: PayRequestContext, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let problem as Problem {
            return broken(reading, problem.code.status)
        } catch let error as CancellationError {
            throw error
        } catch {
            parts.logger.error(
                "a request failed", metadata: ["request.id": .string(context.requestID), "error": "\(error)"])
            return broken(reading, .internalServerError)
        }
    }

    private func broken(_ reading: CheckoutReading, _ status: HTTPResponse.Status) -> Response {
        Self.response(
            .broken(place(reading, token: nil), terminal: reading.terminal), status, parts.rules.checkout)
    }

    private static func response(
        _ view: CheckoutView, _ status: HTTPResponse.Status, _ rules: CheckoutRules
    ) -> Response {
        Response(
            status: status, headers: CheckoutHeaders.fields(frameAncestors: rules.frameAncestors),
            body: .init(byteBuffer: ByteBuffer(string: CheckoutTemplate.html(view))))
    }
}
