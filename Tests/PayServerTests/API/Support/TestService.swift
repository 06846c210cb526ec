import Foundation
import Logging
import PayCore
import PayFlow
import PayProviders
import SQLiteStore
import PayTestSupport
import ServiceLifecycle

@testable import PayServer

/// What a service under test is configured to. As in the design, unless a test says otherwise.
struct TestSetup: Sendable {
    var channels = ["sandbox"]
    /// The channels that the settings switch off.
    var switchedOff: Set<String> = []
    var withoutChannels: [String] = []
    var pageTTL = Duration.seconds(300)
    var pcKind = SandboxConfiguration.PCKind.html
    var tradeScope = SandboxConfiguration.TradeScope.order
    var deadlines = Deadlines(policy: .reserve, margin: .seconds(60))
    var switchPolicy = SwitchPolicy.allow
    var repayMode = RepayMode.cached
    var returnHosts: [String]?
    var trustedProxies: [String] = []
    /// A JWKS beside the users' shared secret.
    var keySet: String?
    var corsOrigins: [String] = []
    var checkout = CheckoutRules(shopName: "Tea & Sons")
    var streamsOfOneOrder = LiveLimits().ofOneOrder
    var streamsInAll = LiveLimits().inAll
    /// In bytes; 0 lets the routes answer everything.
    var cacheMemory = 16 << 20
    /// Seconds pass at the front door only when a test says so: ``TestService/pass(seconds:)``.
    var door = DoorLimits(requestTimeout: .seconds(30), idleTimeout: .seconds(75), connections: 10_000)
    /// Whether the fast lane stands ahead of the routes. `PAYPAGE_TEST_FAST_LANE=off` runs the tests without it.
    var hasFastLane = ProcessInfo.processInfo.environment["PAYPAGE_TEST_FAST_LANE"] != "off"
    /// How long a write waits for another process that holds the database's write lock. By the real clock.
    var busyLimit = Duration.seconds(5)
    /// Whether each hit is asked for twice more, of the routes and of the fast lane. Not where requests, connections or
    /// lines are counted, or where somebody else writes or moves the clock meanwhile.
    var comparesLanes = true
    var logLevel = Logger.Level.trace
    /// What stands between the flows and routes, and the ledger that tells the cache of their writes.
    var watching: @Sendable (AnnouncingLedger) -> any Ledger = { $0 }
    /// How long the transport waits for the sandbox. By the real clock, so no test asserts it.
    var transportTimeout = Duration.seconds(60)
}

/// The whole service on a free port of loopback: the real routes, flows, database, transport and sandbox, and a clock
/// that is moved by hand.
struct TestService: Sendable {
    static let orderTTL = Duration.seconds(1_800)
    static let providerTimeout = Duration.seconds(8)
    static let sandboxSecret = Secret("a secret that the sandbox shares with its clients")
    static let userSecret = "a secret that the shop signs its users' tokens with"
    static let keys = ["the-merchants-first-key-0123456789", "the-merchants-other-key-9876543210"]

    let clock: HandMovedClock
    let log: LogLines
    let ledger: BreakableLedger
    let witness: WatchedWitness
    let metrics: PrometheusMetrics
    let checkouts: CheckoutTokens
    let databasePath: String
    let database: SQLiteLedger
    let live: LiveOrders
    let rules: PayRules
    let stories: Stories
    let client: Client
    let api: APIParts
    let door: FrontDoor
    let port: Int

    /// Time passes for every connection.
    func pass(seconds: Int) {
        for _ in 0..<seconds { door.tick() }
    }

    /// What the sandbox itself counts of a trade.
    func trade(_ number: String = Sample.trade) async throws -> JSONValue {
        try await client.get("/sandbox/trades/\(number)", as: .nobody).json
    }

    func creates(_ number: String = Sample.trade) async throws -> JSONValue {
        try await trade(number)["creates"]
    }

    /// How many trades the sandbox has in all.
    func tradeCount() async throws -> Int {
        try await client.get("/sandbox/trades", as: .nobody).json["trades"].items.count
    }

    func setFaults(_ faults: JSONValue) async throws {
        let answer = try await client.send(.put, "/sandbox/faults", faults.text, as: .nobody)
        guard answer.status == 200 else { throw TestServiceError(text: answer.text) }
    }

    /// The payer pays. Returns when the sandbox has taken the money; its notice is on its way.
    func payInSandbox(_ number: String = Sample.trade) async throws {
        let answer = try await client.send(.post, "/sandbox/trades/\(number)/pay", as: .nobody)
        guard answer.status == 200 else { throw TestServiceError(text: answer.text) }
    }

    /// The payer pays, and the notice has been stored.
    func payAndSettle(_ number: String = Sample.trade) async throws {
        try await payInSandbox(number)
        await witness.wait(for: .notice(Channel("sandbox")!, .settled))
    }

    /// The value of one series, as it is exposed; nil when there is none.
    func metric(_ series: String) -> String? {
        metrics.exposition().split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }

    /// A token that the shop made for a user.
    static func token(_ userID: String, expiresAt: Instant, secret: String = userSecret) -> String {
        signedToken(
            header: #"{"alg":"HS256","typ":"JWT"}"#,
            payload: #"{"sub":"\#(userID)","exp":\#(expiresAt.milliseconds / 1_000)}"#, by: hs256(secret))
    }
}

struct TestServiceError: Error {
    let text: String
}

/// Runs a body with a service of its own, and ends the service after it.
func withService(_ setup: TestSetup = TestSetup(), _ body: @Sendable (TestService) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("paypage-\(UUID().uuidString).sqlite").path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let parts = try await TestParts(setup, databasePath: path)
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
    await parts.stories.drain()
    await parts.transport.close()
    try parts.database.close()
    try outcome.get()
}

private func result(_ body: () async throws -> Void) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}
