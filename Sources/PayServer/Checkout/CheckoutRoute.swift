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
                    let press = CheckoutPress(news: .unavailable, channel: nil, wait: .zero, revision: nil)
                    return draw(order, reading, place, pressed: press, status: .badRequest)
                }
                let press = try await pay(form, order.number, request, context)
                return Self.seeOther(place, press)
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
        _ order: Order, _ reading: CheckoutReading, _ place: CheckoutPlace, pressed: CheckoutPress? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let now = parts.clock.now()
        let revision = revision(of: order, at: now)
        let channels = parts.pay.channels(for: order.money, on: reading.terminal)
        let visit = CheckoutVisit(
            order: order, now: now, deadlines: parts.rules.deadlines, terminal: reading.terminal,
            isTerminalSeen: reading.isTerminalSeen, givenOpenID: reading.openID, channels: channels,
            costly: channels.filter { !parts.pay.numberMayBeAskedAgain(by: $0, on: reading.terminal) },
            pressed: pressed ?? reading.lastPress(at: revision))
        return Self.response(
            CheckoutView(visit, in: place, revision: revision), status, parts.rules.checkout)
    }

    private func revision(of order: Order, at now: Instant) -> String {
        OrderRevision.of(order, forMerchant: false, at: now)
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

    /// The same call as a repay. Nil when there is a page now, or the order's own state says it all.
    private func pay(
        _ form: CheckoutForm, _ number: OrderNumber, _ request: Request, _ context: PayRequestContext
    ) async throws -> CheckoutPress? {
        let address = parts.clientAddress(of: request, context)
        let caller = Caller.checkout(number)
        let result = try await parts.pay(
            PayRequest(
                number: number, userID: caller.userID, draft: nil, channel: form.channel, terminal: form.terminal,
                openID: form.openID.isEmpty ? nil : form.openID, clientIP: address, fresh: form.fresh, key: nil,
                limit: parts.repayLimit.limit(of: caller, from: address)))
        guard case .refused(let refusal) = result, let news = CheckoutNews(refusal),
            let order = try await parts.ledger.order(number)
        else { return nil }
        return CheckoutPress(
            news: news, channel: form.channel, wait: refusal.retryAfter ?? .zero,
            revision: revision(of: order, at: parts.clock.now()))
    }

    private static func seeOther(_ place: CheckoutPlace, _ press: CheckoutPress?) -> Response {
        let query = press.map { press in
            [
                ("channel", press.channel?.name), ("news", press.news.rawValue),
                ("wait", press.wait > .zero ? String(press.wait.secondsToWait) : nil), ("seen", press.revision),
            ].compactMap { name, value in value.map { CheckoutView.Field(field: name, value: $0) } }
        }
        return Response(
            status: .seeOther, headers: [.location: place.link(query ?? []), .cacheControl: "no-store"])
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
                "a request failed",
                metadata: ["request.id": .string(context.requestID.description), "error": "\(error)"])
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
