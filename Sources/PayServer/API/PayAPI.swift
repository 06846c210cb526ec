public import Hummingbird

/// The HTTP surface: every route, behind the same middlewares.
public struct PayAPI: Sendable {
    /// Notices from one address: a provider's burst after an outage, not a flood.
    private static let noticesAtOnce = 200
    private static let noticesPerSecond = 50

    /// What the service calls itself in every answer.
    public static let serverName = "paypage"

    private let parts: APIParts

    public init(_ parts: APIParts) {
        self.parts = parts
    }

    /// A router that answers the whole surface. The process may add routes of its own.
    public func router() -> Router<PayRequestContext> {
        let router = Router(context: PayRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            Journal(log: parts.accessLog)
            CrossOrigin(allowed: parts.rules.corsOrigins)
            ProblemAnswers(logger: parts.logger)
        }
        for endpoint in endpoints { endpoint.register(on: router) }
        return router
    }

    private var endpoints: [Endpoint] {
        let doorkeeper = Doorkeeper(parts: parts)
        let pay = PayRoutes(parts: parts, doorkeeper: doorkeeper)
        let limit = RateLimit(burst: Self.noticesAtOnce, perSecond: Self.noticesPerSecond)
        return pay.endpoints
            + CheckoutRoute(parts: parts).endpoints
            + OrderRoutes(parts: parts, doorkeeper: doorkeeper, firstPay: pay.firstPay).endpoints
            + PageRoute(parts: parts, doorkeeper: doorkeeper).endpoints
            + EventsRoute(parts: parts, doorkeeper: doorkeeper).endpoints
            + NoticeRoute(parts: parts, limit: limit).endpoints
            + ServiceRoutes(parts: parts, doorkeeper: doorkeeper).endpoints
    }
}
