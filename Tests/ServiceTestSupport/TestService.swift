import Foundation
package import FrontDoor
package import Logging
package import PayAPI
package import PayAccess
package import PayCheckout
package import PayCore
package import PayFlow
package import PayProviders
package import PayTelemetry
package import PayTestSupport
import SQLiteStore
import ServiceLifecycle
package import StoreTestSupport
import Synchronization

/// The settings of a service under test. They default to the documented values.
package struct TestSetup: Sendable {
    package var channels: [String]
    /// The channels as buyers see them; nil for the standard order without titles.
    package var channelList: ChannelList?
    /// Providers beside the sandbox's channels.
    package var otherProviders: [any PaymentProvider] = []
    /// Sends the tests of webhook endpoints; nil if none is configured.
    package var endpointTester: (any EndpointTester)?
    /// The channels that accept no new attempts by configuration.
    package var switchedOff: Set<String>
    package var withoutChannels: [String]
    package var pageTTL: Duration
    package var pcKind: SandboxConfiguration.PCKind
    package var tradeScope: SandboxConfiguration.TradeScope
    package var deadlines: Deadlines
    package var switchPolicy: SwitchPolicy
    package var repayMode: RepayMode
    package var returnHosts: [String]?
    package var trustedProxies: [String]
    /// A JWKS in addition to the shared secret.
    package var keySet: String?
    package var corsOrigins: [String]
    package var checkout: CheckoutRules
    package var streamsOfOneOrder: Int
    package var streamsInAll: Int
    /// In bytes; 0 disables the cache, so the routes answer every request.
    package var cacheMemory: Int
    /// The front door's time moves only by ``TestService/pass(seconds:)``.
    package var door: DoorLimits
    /// The length of the answer to `GET /large`, in bytes; 0 for no such route.
    package var largeAnswer: Int
    /// Whether the fast lane runs before the routes. `PAYPAGE_TEST_FAST_LANE=off` runs the tests without it.
    package var hasFastLane: Bool
    /// How long a write waits for another process's write lock, in real time.
    package var busyLimit: Duration
    /// Whether each hit is repeated by both lanes and compared. Not for tests that count requests, connections or log
    /// lines, or that write or move the clock concurrently.
    package var comparesLanes: Bool
    package var logLevel: Logger.Level
    /// Wraps the store, for the flows and routes.
    package var watching: @Sendable (TestStore) -> TestStore
    /// Nil for a clock of its own.
    package var clock: HandMovedClock?
    /// The service whose sandbox is the provider; nil for this one.
    package var sandbox: TestService?
    /// Replaces the store's proofs of cached pages.
    package var proofs: @Sendable (any PageProofs) -> any PageProofs = { $0 }
    /// The transport's timeout for the sandbox, in real time. No test depends on it.
    package var transportTimeout: Duration

    package init(
        channels: [String] = ["sandbox"],
        channelList: ChannelList? = nil,
        switchedOff: Set<String> = [],
        withoutChannels: [String] = [],
        pageTTL: Duration = Duration.seconds(300),
        pcKind: SandboxConfiguration.PCKind = SandboxConfiguration.PCKind.html,
        tradeScope: SandboxConfiguration.TradeScope = SandboxConfiguration.TradeScope.order,
        deadlines: Deadlines = Deadlines(policy: .reserve, margin: .seconds(60)),
        switchPolicy: SwitchPolicy = SwitchPolicy.allow,
        repayMode: RepayMode = RepayMode.cached,
        returnHosts: [String]? = nil,
        trustedProxies: [String] = [],
        keySet: String? = nil,
        corsOrigins: [String] = [],
        checkout: CheckoutRules = CheckoutRules(shopName: "Tea & Sons"),
        streamsOfOneOrder: Int = LiveLimits().ofOneOrder,
        streamsInAll: Int = LiveLimits().inAll,
        cacheMemory: Int = 16 << 20,
        door: DoorLimits = DoorLimits(requestTimeout: .seconds(30), idleTimeout: .seconds(75), connections: 10_000),
        largeAnswer: Int = 0,
        hasFastLane: Bool = ProcessInfo.processInfo.environment["PAYPAGE_TEST_FAST_LANE"] != "off",
        busyLimit: Duration = Duration.seconds(5),
        comparesLanes: Bool = true,
        logLevel: Logger.Level = Logger.Level.trace,
        watching: @escaping @Sendable (TestStore) -> TestStore = { $0 },
        transportTimeout: Duration = Duration.seconds(60)
    ) {
        self.channels = channels
        self.channelList = channelList
        self.switchedOff = switchedOff
        self.withoutChannels = withoutChannels
        self.pageTTL = pageTTL
        self.pcKind = pcKind
        self.tradeScope = tradeScope
        self.deadlines = deadlines
        self.switchPolicy = switchPolicy
        self.repayMode = repayMode
        self.returnHosts = returnHosts
        self.trustedProxies = trustedProxies
        self.keySet = keySet
        self.corsOrigins = corsOrigins
        self.checkout = checkout
        self.streamsOfOneOrder = streamsOfOneOrder
        self.streamsInAll = streamsInAll
        self.cacheMemory = cacheMemory
        self.door = door
        self.largeAnswer = largeAnswer
        self.hasFastLane = hasFastLane
        self.busyLimit = busyLimit
        self.comparesLanes = comparesLanes
        self.logLevel = logLevel
        self.watching = watching
        self.transportTimeout = transportTimeout
    }
}

/// The store as the flows and routes use it.
package struct TestStore: Sendable {
    package let reads: any OrderReads & WriteCheck
    package let decisions: any OrderDecisions

    package init(reads: any OrderReads & WriteCheck, decisions: any OrderDecisions) {
        self.reads = reads
        self.decisions = decisions
    }
}

/// The whole service on a free port of loopback: the real routes, flows, database, transport and sandbox, with a clock
/// that is moved by hand.
package struct TestService: Sendable {
    package static let orderTTL = Duration.seconds(1_800)
    package static let providerTimeout = Duration.seconds(8)
    package static let sandboxSecret = Secret("a secret that the sandbox shares with its clients")
    package static let userSecret = "a secret that the shop signs its users' tokens with"
    package static let keys = ["the-merchants-first-key-0123456789", "the-merchants-other-key-9876543210"]
    package static let keyNames = ["shop", "other"]

    package let clock: HandMovedClock
    package let log: LogLines
    package let ledger: BreakableLedger
    package let observer: WatchedObserver
    package let metrics: PrometheusMetrics
    package let checkouts: CheckoutTokens
    /// A file's path, or a server's address.
    package let databasePath: String
    package let database: any Store
    package let live: LiveOrders
    package let rules: PayRules
    package let flows: Flows
    package let client: Client
    package let api: APIParts
    package let door: FrontDoor
    package let port: Int

    /// Lets time pass for every connection.
    package func pass(seconds: Int) {
        for _ in 0..<seconds { door.tick() }
    }

    /// The number of connections to the service.
    package var openConnections: Int { door.table.withLock { $0.count } }

    /// The sandbox's record of a trade.
    package func trade(_ number: String = Sample.trade) async throws -> JSONValue {
        try await client.get("/sandbox/trades/\(number)", as: .nobody).json
    }

    package func creates(_ number: String = Sample.trade) async throws -> JSONValue {
        try await trade(number)["creates"]
    }

    /// The number of trades in the sandbox.
    package func tradeCount() async throws -> Int {
        try await client.get("/sandbox/trades", as: .nobody).json["trades"].items.count
    }

    package func setFaults(_ faults: JSONValue) async throws {
        let answer = try await client.send(.put, "/sandbox/faults", faults.text, as: .nobody)
        guard answer.status == 200 else { throw TestServiceError(text: answer.text) }
    }

    /// The payer pays. Returns when the sandbox has taken the money; its notice may still be on the way.
    package func payInSandbox(_ number: String = Sample.trade) async throws {
        let answer = try await client.send(.post, "/sandbox/trades/\(number)/pay", as: .nobody)
        guard answer.status == 200 else { throw TestServiceError(text: answer.text) }
    }

    /// The payer pays. Returns when the notice is stored.
    package func payAndSettle(_ number: String = Sample.trade) async throws {
        try await payInSandbox(number)
        await observer.wait(for: .notice(Channel("sandbox")!, .settled))
    }

    /// The exposed value of one series; nil if there is none.
    package func metric(_ series: String) -> String? {
        metrics.exposition().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }

    /// A token that the shop issues to a user.
    package static func token(_ userID: String, expiresAt: Instant, secret: String = userSecret) -> String {
        signedToken(
            header: #"{"alg":"HS256","typ":"JWT"}"#,
            payload: #"{"sub":"\#(userID)","exp":\#(expiresAt.milliseconds / 1_000)}"#, by: hs256(secret))
    }
}

package struct TestServiceError: Error {
    package let text: String

    package init(text: String) {
        self.text = text
    }
}

/// Runs the body with a service of its own, then stops the service.
package func withService(_ setup: TestSetup = TestSetup(), _ body: @Sendable (TestService) async throws -> Void)
    async throws
{
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("paypage-\(UUID().uuidString).sqlite").path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    try await withService(setup, on: path, body)
}

/// Runs the body with a service on this database file, which another service may use too.
package func withService(
    _ setup: TestSetup = TestSetup(), on path: String, _ body: @Sendable (TestService) async throws -> Void
) async throws {
    let database = try SQLiteLedger(path: path, busyLimit: setup.busyLimit)
    let outcome = try await result(of: body, with: try await TestParts(setup, database, databasePath: path))
    try database.close()
    try outcome.get()
}

/// Runs the body with a service on this database, which other services may use too.
package func withService(
    _ setup: TestSetup = TestSetup(), on database: TestDatabase, _ body: @Sendable (TestService) async throws -> Void
) async throws {
    let parts = try await TestParts(setup, try await database.open(), databasePath: database.address)
    try await result(of: body, with: parts).get()
}

/// The result of the body with a service of these parts, which has stopped.
private func result(
    of body: @Sendable (TestService) async throws -> Void, with parts: TestParts
) async throws -> Result<Void, any Error> {
    let (ports, running) = AsyncStream<Int>.makeStream()
    let group = ServiceGroup(
        configuration: .init(services: [parts.server(running)], logger: parts.logger))
    let outcome = try await ServiceMetrics.$current.withValue(parts.metrics) {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw TestServiceError(text: "the service didn't listen") }
            parts.address.set(port)
            let outcome = await result { try await body(parts.service(on: port)) }
            await parts.clientTransport.close()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return outcome
        }
    }
    await parts.flows.drain()
    await parts.transport.close()
    return outcome
}

private func result(_ body: () async throws -> Void) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}
