import Foundation
import Hummingbird
import Logging
import Metrics
import NIOCore
import PayCore
import PayFlow
import PayProviders
import PayServer
import PayStore
import SandboxServer
import Synchronization

/// Every part of the service, each given what it needs, once.
struct Wiring: Sendable {
    /// A connection that says nothing for so long, or sends its request so slowly, is closed. A call that is being
    /// answered is not idle.
    private static let idleTimeout = TimeAmount.seconds(60)

    private let settings: Settings
    private let ledger: SQLiteLedger
    private let transport: CurlTransport
    private let stories: Stories
    private let api: PayAPI
    private let clockwork: Clockwork
    private let sandbox: Sandbox?
    private let listener: ListenerPort
    private let logger: Logger

    /// Opens the database and applies its migrations. Throws with a text that says what to do.
    init(_ settings: Settings, clock: SystemClock, logger: Logger, makeMetricsGlobal: Bool) async throws {
        self.settings = settings
        self.logger = logger
        listener = ListenerPort(settings.http.port)
        ledger = try SQLiteLedger(path: settings.databasePath)
        transport = CurlTransport(
            limits: .init(
                connectTimeout: settings.provider.connectTimeout, totalTimeout: settings.provider.timeout))
        let publicURL = settings.publicURL(of: listener)
        let providers = Providers(
            try settings.sandboxProviders(publicURL: publicURL, transport: transport, clock: clock))
        let metrics = PrometheusMetrics()
        if makeMetricsGlobal { MetricsSystem.bootstrap(metrics) }
        MetricsWitness.declare(on: metrics, channels: providers.channels, terminals: Terminal.allCases)
        let rules = PayRules(
            deadlines: settings.deadlines, switchPolicy: settings.switchPolicy,
            providerTimeout: settings.provider.timeout)
        try ChannelChecks(settings: settings, rules: rules).check(providers)
        let parts = FlowParts(
            ledger: ledger, providers: providers, clock: clock, witness: MetricsWitness(logger: logger), rules: rules,
            repayMode: settings.repayMode, worker: WorkerID(UUID().uuidString), publicURL: publicURL)
        stories = Stories(parts)
        clockwork = Clockwork(stories, clock: clock, logger: logger)
        let checkouts = CheckoutTokens(secret: settings.tokenSecret)
        let callers = Callers(
            merchants: MerchantKeys(keys: settings.apiKeys), users: try await settings.userTokenChecks(),
            checkouts: checkouts)
        api = PayAPI(
            APIParts(
                stories: stories, ledger: ledger, clock: clock, callers: callers, checkouts: checkouts,
                metrics: metrics,
                rules: APIRules(
                    orderTTL: settings.orderTTL, deadlines: settings.deadlines, returnHosts: settings.returnHosts,
                    trustedProxies: settings.http.trustedProxies, publicURL: publicURL),
                logger: logger))
        sandbox = settings.mountedSandbox(transport: transport, clock: clock, logger: logger)
    }

    /// The server, with the clock's work beside it. `onListening` is told the port.
    func application(onListening: @escaping @Sendable (Int) -> Void) -> some ApplicationProtocol {
        let router = api.router()
        sandbox?.addRoutes(to: router)
        var application = Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: .init(
                address: .hostname(settings.http.host, port: settings.http.port), serverName: "paypage"),
            onServerRunning: { [listener, logger, settings] channel in
                let port = channel.localAddress?.port ?? settings.http.port
                listener.set(port)
                logger.info(
                    "listening",
                    metadata: ["http.host": "\(settings.http.host)", "http.port": "\(port)"])
                onListening(port)
            },
            logger: logger)
        application.addServices(clockwork)
        if let sandbox { application.addServices(sandbox.notices) }
        return application
    }

    /// Ends what outlives the server: flows whose callers went away, connections to providers, the database.
    func close() async {
        await stories.drain()
        await transport.close()
        do {
            try ledger.close()
        } catch {
            logger.warning("the database was not closed", metadata: ["error": "\(error)"])
        }
    }
}

/// The port that is listened on: known late when any will do.
final class ListenerPort: Sendable {
    private let port: Mutex<Int>

    init(_ port: Int) {
        self.port = Mutex(port)
    }

    func set(_ port: Int) {
        self.port.withLock { $0 = port }
    }

    var number: Int { port.withLock { $0 } }
}

extension Settings {
    fileprivate func publicURL(of listener: ListenerPort) -> @Sendable () -> String {
        { [publicURL] in publicURL.text(listeningOn: listener.number) }
    }

    fileprivate func userTokenChecks() async throws -> PayServer.UserTokens {
        let keySet = try userTokens.jwksFile.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return try await PayServer.UserTokens(
            secret: userTokens.secret, keySet: keySet, issuer: userTokens.issuer, audience: userTokens.audience)
    }

    fileprivate func sandboxProviders(
        publicURL: @escaping @Sendable () -> String, transport: CurlTransport, clock: SystemClock
    ) throws -> [any PaymentProvider] {
        guard let sandbox else { return [] }
        return sandbox.channels.map { channel in
            let configuration = SandboxConfiguration(
                channel: channel, baseURL: sandbox.baseURL(mountedUnder: publicURL()), secret: sandbox.secret,
                pageTTL: sandbox.pageTTL, pcKind: sandbox.pcKind, tradeScope: sandbox.tradeScope)
            return SandboxProvider(configuration, transport: transport, clock: clock)
        }
    }

    fileprivate func mountedSandbox(transport: CurlTransport, clock: SystemClock, logger: Logger) -> SandboxServer
        .Sandbox?
    {
        guard let sandbox, sandbox.place == .mounted else { return nil }
        return SandboxServer.Sandbox(
            .init(secret: sandbox.secret), transport: transport, clock: clock, logger: logger)
    }
}

extension Settings.Sandbox {
    /// Without a slash at the end.
    fileprivate func baseURL(mountedUnder publicURL: String) -> String {
        switch place {
        case .mounted: "\(publicURL)/sandbox"
        case .elsewhere(let url): url
        }
    }
}
