import FastLane
import Foundation
import FrontDoor
import Hummingbird
import Logging
import Metrics
import NIOCore
import PayAPI
import PayAccess
import PayCache
import PayCheckout
import PayCore
import PayFlow
import PayJobs
import PayProviders
import PayTelemetry
import SandboxServer
import ServiceLifecycle
import Synchronization

/// All parts of the service, each connected to its dependencies once.
struct Wiring: Sendable {
    private let settings: Settings
    private let ledger: any Store
    private let transport: CurlTransport
    /// Nil if no webhooks are sent.
    private let webhook: WebhookWiring?
    private let flows: Flows
    private let api: PayAPI
    private let door: FrontDoor
    /// Nil if it is off.
    private let lane: FastLane?
    private let live: LiveOrders
    private let jobRunner: JobRunner
    private let sandbox: Sandbox?
    private let listener: ListenerPort
    private let logger: Logger

    /// Checks the keys and channels of the settings, then opens the database and applies its migrations. Throws an
    /// error with its fix.
    ///
    /// - Parameters:
    ///   - connections: the most client connections at once.
    ///   - withoutChannels: the channels that may be missing in the settings although they have unfinished work.
    init(
        _ settings: Settings, connections: Int, withoutChannels: [PayCore.Channel], clock: SystemClock,
        accessLog: AccessLog, logger: Logger
    ) async throws {
        self.settings = settings
        self.logger = logger
        listener = ListenerPort(settings.http.port)
        transport = CurlTransport(
            limits: .init(
                connectTimeout: settings.provider.connectTimeout, totalTimeout: settings.provider.timeout),
            authoritiesFile: settings.provider.authoritiesFile)
        let publicURL = settings.publicURL(of: listener)
        let circuits = OpenCircuits()
        let guards = ChannelGuards(
            transport: TransportJournal(transport, logger: logger), clock: clock, circuits: circuits, logger: logger,
            totalTimeout: settings.provider.timeout)
        let downloads = FileDownloader(
            folder: FileManager.default.temporaryDirectory.path(), connectTimeout: settings.provider.connectTimeout,
            authoritiesFile: settings.provider.authoritiesFile)
        let channels = ConfiguredChannels(
            settings, publicURL: publicURL, guards: guards, downloads: downloads, clock: clock)
        let providers = Providers(channels.providers)
        let rules = PayRules(
            deadlines: settings.deadlines, switchPolicy: settings.switchPolicy,
            providerTimeout: settings.provider.timeout)
        let users = try await settings.checkedUserTokens(
            ChannelChecks(settings: settings, rules: rules).mistakes(with: providers))
        for key in users.skippedKeys {
            logger.warning(
                "JWKS key skipped",
                metadata: [
                    "setting": "user.jwks.file", "key.position": "\(key.position)",
                    "key.kid": "\(key.kid.map(SkippedKey.shown) ?? "none")",
                    "key.kty": "\(key.kty.map(SkippedKey.shown) ?? "none")", "reason": "\(key.mistake)",
                ])
        }
        ledger = try await Stores.open(settings.database, logger)
        try await ChannelTypes(ledger, settings.channelList).keep()
        try await MissingChannels(ledger, configured: providers.channels, without: withoutChannels).check(logger)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        metrics.declare(Version.buildInfo, .gauge, help: "The version that runs; always 1.", labels: [])
        Version.recordBuildInfo()
        FlowTelemetry.declare(on: metrics, channels: providers.channels, terminals: Terminal.allCases)
        LiveOrders.declareMetric(on: metrics)
        FrontDoor.declareMetrics(on: metrics)
        AnsweredRequest.declareMetric(on: metrics)
        // Streams are never closed to make room, so they leave half of the connections to other requests.
        live = LiveOrders(
            ledger: ledger, others: ledger, clock: clock, logger: logger, mostStreams: max(1, connections / 2))
        // Every commit through this ledger is announced to the streams.
        let cache = PageCache(capacity: settings.cacheMemory, proofs: ledger)
        let announced = AnnouncingDecisions(ledger, to: live, around: cache)
        let worker = WorkerID(UUID().uuidString)
        flows = Flows(
            FlowParts(
                reads: ledger, due: ledger, decisions: announced, providers: providers,
                channels: settings.channelList, clock: clock,
                observer: FlowTelemetry(logger: logger), rules: rules, repayMode: settings.repayMode,
                worker: worker, publicURL: publicURL,
                acceptance: ChannelAcceptance(switchedOff: settings.switchedOff, pauses: ledger),
                nodes: settings.nodes))
        webhook = settings.webhook.map { [ledger] in
            WebhookWiring($0, outbox: ledger, clock: clock, observer: FlowTelemetry(logger: logger), logger: logger)
        }
        let watch = WatchAttention(
            list: ledger, reports: ledger, observer: FlowTelemetry(logger: logger), worker: worker,
            conditions: { now in
                circuits.conditions + channels.certificateConditions(at: now)
            })
        let reconcile =
            settings.reconcile.isEnabled
            ? ClockJob.reconcile(settings.reconcile.flow(flows, ledger), sharing: ledger) : nil
        let more =
            [webhook?.job, .attention(watch), reconcile].compactMap { $0 } + channels.certificateJobs
            + Stores.jobs(for: ledger, metrics, logger)
        jobRunner = JobRunner(
            ClockJob.orders(flows, sharing: ledger) + ClockJob.live(live) + [.purge(ledger), .database(ledger)] + more,
            clock: clock, logger: logger)
        let checkouts = CheckoutTokens(secret: settings.tokenSecret)
        let parts = APIParts(
            flows: flows, ledger: ledger, attention: ledger, disputes: ledger, reconciliations: ledger, live: live,
            cache: cache, clock: clock,
            callers: Callers(merchants: MerchantKeys(keys: settings.apiKeys), users: users, checkouts: checkouts),
            checkouts: checkouts, metrics: metrics,
            rules: settings.apiRules(
                withoutChannels: withoutChannels.filter { !providers.channels.contains($0) }, publicURL: publicURL),
            accessLog: accessLog, logger: logger)
        api = PayAPI(parts, adding: CheckoutRoute(parts: parts, rules: settings.checkoutRules).endpoints)
        lane = settings.hasFastLane ? FastLane(parts) : nil
        door = FrontDoor(
            DoorLimits(
                requestTimeout: settings.http.requestTimeout, idleTimeout: settings.http.idleTimeout,
                connections: connections),
            log: accessLog, logger: logger)
        sandbox = settings.mountedSandbox(transport: transport, clock: clock, logger: logger)
    }

    /// The service that runs until the process is told to stop. `onListening` gets the port.
    func service(onListening: @escaping @Sendable (Int) -> Void) -> some Service {
        ConcurrentServices([application(onListening: onListening), jobRunner, live])
    }

    private func application(onListening: @escaping @Sendable (Int) -> Void) -> some ApplicationProtocol {
        let router = api.router()
        sandbox?.addRoutes(to: router)
        var application = Application(
            router: router,
            server: .http1(door, lane),
            configuration: .init(
                address: .hostname(settings.http.host, port: settings.http.port), serverName: PayAPI.serverName,
                availableConnectionsDelegate: door),
            onServerRunning: { [door, listener, logger, settings] channel in
                await door.begin(on: channel)
                let port = channel.localAddress?.port ?? settings.http.port
                listener.set(port)
                logger.info(
                    "service listening",
                    metadata: ["http.host": "\(settings.http.host)", "http.port": "\(port)"])
                onListening(port)
            },
            logger: logger)
        if let sandbox { application.addServices(sandbox.notices) }
        return application
    }

    /// Ends the work that outlives the server: flows of disconnected callers, connections to providers, the database.
    func close() async {
        await flows.drain()
        await transport.close()
        await webhook?.transport.close()
        do {
            switch try await ledger.close() {
            case .whole: break
            case .needsWAL(let reason):
                logger.warning(
                    "database checkpoint incomplete, copy the -wal file too",
                    metadata: ["database.path": "\(settings.database.address)", "reason": "\(reason)"])
            }
        } catch {
            logger.warning("database close failed", metadata: ["error": "\(error)"])
        }
    }
}

/// The listener's port, which is known late if any port is allowed.
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

    fileprivate func apiRules(
        withoutChannels: [PayCore.Channel], publicURL: @escaping @Sendable () -> String
    ) -> APIRules {
        APIRules(
            orderTTL: orderTTL, deadlines: deadlines, returnHosts: returnHosts,
            trustedProxies: http.trustedProxies, corsOrigins: corsOrigins, withoutChannels: withoutChannels,
            publicURL: publicURL)
    }

    fileprivate var checkoutRules: CheckoutRules {
        let marks = accounts.compactMap { account in account.mark.map { (account.channel, $0) } }
        return CheckoutRules(
            shopName: checkout.shopName, logo: checkout.logo, color: checkout.color,
            marks: Dictionary(uniqueKeysWithValues: marks), frameAncestors: checkout.frameAncestors)
    }

    /// Throws the mistakes in the users' keys together with the other `mistakes`.
    func checkedUserTokens(_ mistakes: [SettingMistake]) async throws -> PayAccess.UserTokens {
        var mistakes = mistakes
        do {
            let keySet = try userTokens.jwksFile.map { try String(contentsOfFile: $0, encoding: .utf8) }
            let users = try await PayAccess.UserTokens(
                secret: userTokens.secret, keySet: keySet, issuer: userTokens.issuer, audience: userTokens.audience)
            if mistakes.isEmpty { return users }
        } catch {
            mistakes.append(
                SettingMistake(.userJWKSFile, Complaint("is not a usable JWKS file", remedy: String(describing: error)))
            )
        }
        throw SettingsMistakes(all: mistakes)
    }

    fileprivate func mountedSandbox(transport: CurlTransport, clock: SystemClock, logger: Logger) -> SandboxServer
        .Sandbox?
    {
        guard let sandbox, sandbox.place == .mounted else { return nil }
        return SandboxServer.Sandbox(
            .init(secret: sandbox.secret), transport: transport, clock: clock, logger: logger)
    }
}
