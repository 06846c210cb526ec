package import Hummingbird
package import PayAPI
package import PayAccess
import PayCore

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

    /// The path of the link that sets an operator's password.
    package static func invitationPath(_ token: RandomToken) -> String { "/console/welcome/\(token.text.reveal())" }

    private var routes: [ConsoleRoute] {
        [
            SignInRoutes(parts: parts).routes, InvitationRoutes(parts: parts).routes,
            AccountRoutes(parts: parts).routes, CodeRoutes(parts: parts).routes, ConsolePages(parts: parts).routes,
            ConsoleAssets.routes,
            LanguageRoute.routes,
        ].flatMap { $0 }
    }
}
