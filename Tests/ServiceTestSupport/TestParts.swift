import FastLane
import Foundation
package import FrontDoor
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
package import PayAPI
package import PayAccess
package import PayCache
import PayCheckout
package import PayCore
package import PayFlow
import PayJobs
package import PayProviders
package import PayTelemetry
package import PayTestSupport
import SandboxServer
package import ServiceLifecycle
import Synchronization

/// The parts of a service, wired as in the executable.
package struct TestParts: Sendable {
    package let setup: TestSetup
    package let databasePath: String
    package let clock: HandMovedClock
    package let log = LogLines()
    package let address = Address()
    package let logger: Logger
    package let metrics = PrometheusMetrics()
    package let database: any Store
    package let ledger: BreakableLedger
    package let live: LiveOrders
    package let cache: PageCache
    package let observer: WatchedObserver
    package let transport: CurlTransport
    package let clientTransport: CurlTransport
    package let rules: PayRules
    package let checkouts = CheckoutTokens(secret: Secret("a token secret of more than thirty-two bytes"))
    package let flows: Flows
    package let api: APIParts
    package let door: FrontDoor

    package init(_ setup: TestSetup, _ database: any Store, databasePath: String) async throws {
        ServiceMetrics.install()
        self.setup = setup
        self.database = database
        clock = setup.clock ?? HandMovedClock()
        self.databasePath = databasePath
        let (log, clock) = (log, clock)
        var logger = Logger(label: "paypage") { label in
            LineLogHandler(label: label, format: .text, sink: log, metadataProvider: .work) { clock.now() }
        }
        logger.logLevel = setup.logLevel
        self.logger = logger
        ledger = BreakableLedger(database)
        let ledger = ledger
        live = ServiceMetrics.$current.withValue(metrics) {
            LiveOrders(
                ledger: ledger, others: database, clock: clock, logger: logger,
                limits: LiveLimits(ofOneOrder: setup.streamsOfOneOrder, inAll: setup.streamsInAll))
        }
        cache = PageCache(capacity: setup.cacheMemory, proofs: setup.proofs(database))
        let announced = AnnouncingDecisions(ledger, to: live, around: cache)
        let store = setup.watching(TestStore(reads: ledger, decisions: announced))
        observer = ServiceMetrics.$current.withValue(metrics) { WatchedObserver(FlowTelemetry(logger: logger)) }
        transport = CurlTransport(
            limits: .init(connectTimeout: .seconds(60), totalTimeout: setup.transportTimeout))
        clientTransport = CurlTransport(
            limits: .init(connectTimeout: .seconds(120), totalTimeout: .seconds(120), connectionsPerHost: 256))
        rules = PayRules(
            deadlines: setup.deadlines, switchPolicy: setup.switchPolicy, providerTimeout: TestService.providerTimeout)
        let callers = Callers(
            merchants: MerchantKeys(
                zip(TestService.keys, TestService.keyNames).map { MerchantKey(Secret($0), name: PersonName($1)) }),
            users: try await UserTokens(secret: Secret(TestService.userSecret), keySet: setup.keySet),
            checkouts: checkouts)
        let (transport, address) = (transport, address)
        let publicURL: @Sendable () -> String = { "http://127.0.0.1:\(address.port)" }
        let sandboxPort = setup.sandbox?.port
        let providers = Providers(
            setup.channels.map { channel -> any PaymentProvider in
                SandboxProvider(
                    SandboxConfiguration(
                        channel: Channel(channel)!, baseURL: "http://127.0.0.1:\(sandboxPort ?? address.port)/sandbox",
                        secret: TestService.sandboxSecret, pageTTL: setup.pageTTL, pcKind: setup.pcKind,
                        tradeScope: setup.tradeScope),
                    transport: GuardedTransport(transport, clock: clock, jitter: { 0 }), clock: clock)
            } + setup.otherProviders)
        FlowTelemetry.declare(on: metrics, channels: providers.channels, terminals: Terminal.allCases)
        LiveOrders.declareMetric(on: metrics)
        FrontDoor.declareMetrics(on: metrics)
        AnsweredRequest.declareMetric(on: metrics)
        flows = Flows(
            FlowParts(
                reads: store.reads, due: ledger, decisions: store.decisions, providers: providers,
                channels: setup.channelList, clock: clock, observer: observer, rules: rules, repayMode: setup.repayMode,
                worker: WorkerID("under test"), publicURL: publicURL,
                acceptance: ChannelAcceptance(
                    switchedOff: Set(setup.switchedOff.compactMap { Channel($0) }), pauses: database)))
        api = APIParts(
            flows: flows, ledger: store.reads, attention: database, disputes: database, reconciliations: database,
            desk: database,
            testEndpoint: setup.endpointTester.map { TestEndpoint($0, audit: database, clock: clock) },
            live: live, cache: cache, clock: clock, callers: callers, checkouts: checkouts, metrics: metrics,
            rules: APIRules(
                orderTTL: TestService.orderTTL, deadlines: setup.deadlines, returnHosts: setup.returnHosts,
                trustedProxies: setup.trustedProxies.compactMap(AddressRange.init), corsOrigins: setup.corsOrigins,
                withoutChannels: setup.withoutChannels.compactMap { Channel($0) },
                publicURL: publicURL),
            accessLog: AccessLog(label: "paypage", format: .text, level: setup.logLevel, sink: log) { clock.now() },
            logger: logger)
        let accessLog = api.accessLog
        door = ServiceMetrics.$current.withValue(metrics) {
            FrontDoor(setup.door, log: accessLog, logger: logger)
        }
    }
}

extension TestParts {
    /// The server. It sends its port to `running`.
    package func server(_ running: AsyncStream<Int>.Continuation) -> some Service {
        ConcurrentServices([application(running), live])
    }

    private func application(_ running: AsyncStream<Int>.Continuation) -> some ApplicationProtocol {
        let checkout = CheckoutRoute(parts: api, rules: setup.checkout).endpoints
        let router = PayAPI(api, adding: checkout + largeAnswer).router()
        let sandbox = Sandbox(
            .init(secret: TestService.sandboxSecret), transport: transport, clock: clock, logger: logger)
        sandbox.addRoutes(to: router)
        return Application(
            router: router,
            server: .http1(
                door, setup.hasFastLane ? ServiceMetrics.$current.withValue(metrics) { FastLane(api) } : nil),
            configuration: .init(
                address: .hostname("127.0.0.1", port: 0), serverName: PayAPI.serverName,
                availableConnectionsDelegate: door),
            services: [sandbox.notices],
            onServerRunning: { channel in running.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    /// A route with a long answer, if the setup has one.
    private var largeAnswer: [Endpoint] {
        let length = setup.largeAnswer
        guard length > 0 else { return [] }
        let answer: Endpoint.Handler = { _, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: UInt8(ascii: "x"), count: length)))
        }
        return [Endpoint(path: "/large", handlers: [(.get, answer)])]
    }

    package func service(on port: Int) -> TestService {
        let clock = clock
        let client = Client(
            base: "http://127.0.0.1:\(port)", transport: clientTransport, comparesLanes: setup.comparesLanes
        ) { who in
            switch who {
            case .merchant: "Bearer \(TestService.keys[0])"
            case .merchantsOtherKey: "Bearer \(TestService.keys[1])"
            case .user(let name):
                "Bearer \(TestService.token(name, expiresAt: clock.now() + .seconds(3_600)))"
            case .nobody: nil
            case .header(let value): value
            }
        }
        return TestService(
            clock: clock, log: log, ledger: ledger, observer: observer, metrics: metrics, checkouts: checkouts,
            databasePath: databasePath, database: database, live: live, rules: rules, flows: flows,
            client: client, api: api, door: door, port: port)
    }
}

/// The address of the service, which is known only after the start.
package final class Address: Sendable {
    private let stored = Mutex(0)

    package var port: Int { stored.withLock { $0 } }

    package func set(_ port: Int) {
        stored.withLock { $0 = port }
    }
}
