package import Hummingbird
import PayAccess

/// The HTTP surface: every route, behind the same middlewares.
package struct PayAPI: Sendable {
    /// Notices from one address: a provider's burst after an outage, not a flood.
    private static let noticesAtOnce = 200
    private static let noticesPerSecond = 50

    /// What the service calls itself in every answer.
    package static let serverName = "paypage"

    private let parts: APIParts
    private let more: [Endpoint]

    /// - Parameter more: endpoints of others, behind the same middlewares.
    package init(_ parts: APIParts, adding more: [Endpoint] = []) {
        self.parts = parts
        self.more = more
    }

    /// A router that answers the whole surface. The process may add routes of its own.
    package func router() -> Router<PayRequestContext> {
        let router = Router(context: PayRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            AccessLogMiddleware(log: parts.accessLog)
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
            + PageRoute(parts: parts, authenticator: authenticator).endpoints
            + EventsRoute(parts: parts, authenticator: authenticator).endpoints
            + NoticeRoute(parts: parts, limit: limit).endpoints
            + ServiceRoutes(parts: parts, authenticator: authenticator).endpoints
    }
}
