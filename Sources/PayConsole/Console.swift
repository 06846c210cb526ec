package import Hummingbird
package import PayAPI

/// The operators' console: its routes, for a listener of its own.
package struct Console: Sendable {
    private let parts: ConsoleParts

    package init(_ parts: ConsoleParts) {
        self.parts = parts
    }

    package func router() -> Router<PayRequestContext> {
        let gate = ConsoleGate(parts: parts)
        let router = Router(context: PayRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            AccessLogMiddleware(log: parts.accessLog)
            ConsoleErrors(logger: parts.logger)
        }
        for route in routes { route.register(on: router, behind: gate) }
        return router
    }

    private var routes: [ConsoleRoute] {
        [
            SignInRoutes(parts: parts).routes, ConsolePages(parts: parts).routes, ConsoleAssets.routes,
            LanguageRoute.routes,
        ].flatMap { $0 }
    }
}
