import HTTPTypes
public import Hummingbird
public import Logging
public import PayCore
public import PayFlow
public import PayProviders

/// The sandbox provider: its books, its routes, and the sender of its notices.
///
/// To mount it, add the routes to a router and run ``notices`` as a service.
public struct Sandbox: Sendable {
    public let books: SandboxBooks
    public let notices: SandboxNotices
    private let settings: Settings
    private let api: SandboxAPI
    private let routes: SandboxRoutes

    public struct Settings: Sendable {
        /// Shared with the adapters. Signs calls, answers and notices.
        public let secret: Secret
        /// The prefix of the routes, as in `/sandbox`.
        public let prefix: String
        /// The base URL in pages, with the prefix and without a trailing slash. Nil uses the host of the request, over
        /// http.
        public let publicBase: String?

        public init(secret: Secret, prefix: String = "/sandbox", publicBase: String? = nil) {
            self.secret = secret
            self.prefix = prefix
            self.publicBase = publicBase
        }
    }

    public init(
        _ settings: Settings, books: SandboxBooks = SandboxBooks(), transport: any ProviderTransport,
        clock: any PayClock, logger: Logger
    ) {
        let signer = SandboxSigner(secret: settings.secret)
        let notices = SandboxNotices(signer: signer, transport: transport, clock: clock, logger: logger)
        let hold = SandboxHold(clock: clock)
        self.settings = settings
        self.books = books
        self.notices = notices
        api = SandboxAPI(books: books, notices: notices, signer: signer, clock: clock, hold: hold)
        routes = SandboxRoutes(books: books, notices: notices, clock: clock)
    }

    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let group = router.group(RouterPath(settings.prefix))
        let (api, routes, settings) = (api, routes, settings)
        for operation in SandboxWire.Operation.allCases {
            group.post(RouterPath(operation.path)) { request, _ in
                await api.respond(to: request, operation, at: settings.place(for: request))
            }
        }
        group.get("trades") { _, _ in await routes.list() }
        group.get("trades/:trade_no") { _, context in
            await routes.show(try context.parameters.require("trade_no"))
        }
        group.get("trades/:trade_no/page") { request, context in
            await routes.page(try context.parameters.require("trade_no"), request, at: settings.place(for: request))
        }
        group.post("trades/:trade_no/pay") { request, context in
            await routes.pay(try context.parameters.require("trade_no"), request, at: settings.place(for: request))
        }
        group.post("trades/:trade_no/cancel") { request, context in
            await routes.giveUp(try context.parameters.require("trade_no"), request, at: settings.place(for: request))
        }
        group.post("trades/:trade_no/refund") { request, context in
            await routes.refund(try context.parameters.require("trade_no"), request)
        }
        group.get("faults") { _, _ in await routes.showFaults() }
        group.put("faults") { request, _ in await routes.setFaults(request) }
    }
}

extension Sandbox.Settings {
    fileprivate func place(for request: Request) -> SandboxPlace {
        SandboxPlace(base: publicBase ?? "http://\(request.head.authority ?? "127.0.0.1")\(prefix)")
    }
}
