package import Hummingbird
import PayAccess

/// The HTTP API: all routes behind the same middlewares.
package struct PayAPI: Sendable {
    /// The burst of notices that one address may send: enough for a provider after an outage.
    private static let noticesAtOnce = 200
    private static let noticesPerSecond = 50

    /// The value of the `Server` header.
    package static let serverName = "paypage"

    private let parts: APIParts
    private let more: [Endpoint]

    /// - Parameter more: endpoints of other targets, which get the same middlewares.
    package init(_ parts: APIParts, adding more: [Endpoint] = []) {
        self.parts = parts
        self.more = more
    }

    /// A router with all endpoints. The process may add routes of its own.
    package func router() -> Router<PayRequestContext> {
        let router = Router(context: PayRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            AccessLogMiddleware(log: parts.accessLog, traces: parts.traces)
            CrossOrigin(allowed: parts.rules.corsOrigins)
            ProblemAnswers(logger: parts.logger)
        }
        for endpoint in endpoints + more { endpoint.register(on: router) }
        return router
    }

    private var endpoints: [Endpoint] {
        let authenticator = Authenticator(parts: parts)
        let pay = PayRoutes(parts: parts, authenticator: authenticator)
        let limit = RateLimit(burst: Self.noticesAtOnce, perSecond: Self.noticesPerSecond)
        return pay.endpoints
            + OrderRoutes(parts: parts, authenticator: authenticator, firstPay: pay.firstPay).endpoints
            + RefundRoutes(parts: parts, authenticator: authenticator).endpoints
            + DisputeRoutes(parts: parts, authenticator: authenticator).endpoints
            + PageRoute(parts: parts, authenticator: authenticator).endpoints
            + EventsRoute(parts: parts, authenticator: authenticator).endpoints
            + ChannelsRoute(parts: parts, authenticator: authenticator).endpoints
            + AttentionRoute(parts: parts, authenticator: authenticator).endpoints
            + ReconciliationRoutes(parts: parts, authenticator: authenticator).endpoints
            + WebhookRoutes(parts: parts, authenticator: authenticator).endpoints
            + NoticeRoute(parts: parts, limit: limit).endpoints
            + ServiceRoutes(parts: parts, authenticator: authenticator).endpoints
    }
}
