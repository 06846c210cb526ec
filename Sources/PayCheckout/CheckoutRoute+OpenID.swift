import HTTPTypes
import Hummingbird
import Logging
import PayAPI
import PayAccess
import PayCore
import PayFlow
import PayTelemetry

// The buyer inside WeChat presses the button to pay, is sent to WeChat, and comes back with a code for an openid.
extension CheckoutRoute {
    /// Sends the buyer's browser to WeChat. No provider is called.
    @Sendable func authorize(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await withOrder(request, context) { order, token, place, query in
            guard let channel = query.channel, let source = try await source(of: channel, for: order) else {
                return Self.seeOther(place, nil)
            }
            return send(OpenIDErrand(channel: channel, isRepeated: false), to: source, token, place)
        }
    }

    /// Exchanges the code, and pays by `jsapi`. Neither the code nor the openid is in the address of the next page.
    @Sendable func takeOpenID(_ request: Request, _ context: PayRequestContext) async throws -> Response {
        try await withOrder(request, context) { order, token, place, query in
            let now = parts.clock.now()
            // An old or foreign address shows the page, which has the button to pay.
            guard let state = query.state, let code = query.code,
                let errand = parts.checkouts.openIDStates.errand(in: state, for: token, at: now),
                let source = try await source(of: errand.channel, for: order)
            else { return Self.seeOther(place, nil) }
            let channel = errand.channel
            if let pause = limit(of: order, request, context)?.pause() {
                return Self.seeOther(place, press(.tooOften, channel, wait: pause, order))
            }
            switch await source.openID(for: code) {
            case .found(let openID):
                let form = CheckoutForm(channel: channel, terminal: .jsapi, openID: openID, fresh: false)
                // The press was counted above.
                let press = try await pay(form, order, under: nil, request, context)
                return Self.seeOther(place, press, or: [.init(field: "pay", value: "now")])
            case .codeRefused:
                // The back button leads to a used code.
                let wish = PageWish(
                    channel: channel, terminal: .jsapi, openID: parts.pay.openID(in: order, at: channel, on: .jsapi))
                if order.livePage(for: wish, at: now) != nil { return Self.seeOther(place, nil) }
                guard errand.isRepeated else {
                    return send(OpenIDErrand(channel: channel, isRepeated: true), to: source, token, place)
                }
                return Self.seeOther(place, press(.unavailable, channel, order))
            case .unknown(let doubt):
                parts.logger.warning(
                    "openid exchange failed",
                    metadata: [
                        "channel": "\(channel)", "reason": "\(doubt.reason.text)",
                        "request.id": .string(context.requestID.description),
                    ])
                return Self.seeOther(place, press(.unavailable, channel, order))
            }
        }
    }

    /// The query of both addresses.
    private struct Query {
        let channel: PayCore.Channel?
        let code: String?
        let state: String?
    }

    /// Answers with the page of the link, unless the link is valid and its order can still be paid.
    private func withOrder(
        _ request: Request, _ context: PayRequestContext,
        _ body: (Order, String, CheckoutPlace, Query) async throws -> Response
    ) async throws -> Response {
        let reading = CheckoutReading(request)
        return try await answering(reading, request, context) {
            switch try await open(context.parameters.get("token")) {
            case .noLink: return fixed(.noLink, reading, .notFound)
            case .opened(let order, let token, isOver: true):
                return try await page(of: order, reading, token: token, isLinkOver: true, request, context)
            case .opened(let order, let token, isOver: false):
                let values = request.uri.queryParameters
                func value(_ name: String) -> String? { values.getAll(name).first.map { String($0) } }
                let query = Query(
                    channel: value("channel").flatMap { PayCore.Channel($0) }, code: value("code"),
                    state: value("state"))
                // WeChat's own parameters are not repeated.
                return try await body(order, token, place(reading, token: token), query)
            }
        }
    }

    /// The source of openids of a channel that can give a page of the order inside WeChat; nil without one.
    private func source(of channel: PayCore.Channel, for order: Order) async throws -> (any OpenIDSource)? {
        guard order.state == .new, parts.clock.now() < parts.rules.deadlines.cutOff(of: order.deadline),
            try await parts.pay.channels(for: order, on: .jsapi).contains(channel)
        else { return nil }
        return parts.pay.openIDs(of: channel)
    }

    private func send(
        _ errand: OpenIDErrand, to source: any OpenIDSource, _ token: String, _ place: CheckoutPlace
    ) -> Response {
        let state = parts.checkouts.openIDStates.state(errand, for: token, at: parts.clock.now())
        let address = source.authorizationURL(returningTo: place.openIDReturn, state: state)
        return Response(status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    }

    private func press(
        _ news: CheckoutNews, _ channel: PayCore.Channel, wait: Duration = .zero, _ order: Order
    ) -> CheckoutPress {
        CheckoutPress(
            news: news, channel: channel, wait: wait, revision: revision(of: order, at: parts.clock.now()))
    }
}
