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
import PayConsole
import PayCore
import PayFlow
import PayJobs
import PayProviders
import PayTelemetry
import SandboxServer
import ServiceLifecycle
import Synchronization

/// All parts of the service, each connected to its dependencies once. A reload of the settings replaces ``Serving``.
struct Wiring: Sendable {
    private let settings: Settings
    private let process: ProcessParts
    private let serving: Current<Serving>
    private let lane: Current<(any ByteLane)?>
    private let circuits = OpenCircuits()
    private let door: FrontDoor
    /// Nil if it is off.
    private let console: ConsoleWiring?
    private let jobRunner: JobRunner
    private let listener: ListenerPort

    private var ledger: any Store { process.ledger }
    private var logger: Logger { process.logger }

    /// Checks the keys and channels of the settings, then opens the database and applies its migrations. Throws an
    /// error with its fix.
    ///
    /// - Parameters:
    ///   - connections: the most client connections at once.
    ///   - withoutChannels: the channels that may be missing in the settings although they have unfinished work.
    init(
        _ settings: Settings, _ fingerprint: SettingsFingerprint, connections: Int, withoutChannels: [PayCore.Channel],
        clock: SystemClock, accessLog: AccessLog, logger: Logger
    ) async throws {
        self.settings = settings
        listener = ListenerPort(settings.http.port)
        let checked = try await CheckedSettings(
            settings, fingerprint, listener: listener, circuits: circuits, clock: clock, logger: logger)
        let ledger = try await Stores.open(settings.database, logger)
        try await checked.check(with: ledger, withoutChannels: withoutChannels, logger)
        try await ledger.keepEndpoints(settings.webhooks.map(\.entry), at: clock.now())
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        metrics.declare(Version.buildInfo, .gauge, help: "The version that runs; always 1.", labels: [])
        Version.recordBuildInfo()
        ProcessMetrics().report(on: metrics)
        let disk = DiskWatch(settings.database.address)
        disk?.report(on: metrics)
        LiveOrders.declareMetric(on: metrics)
        FrontDoor.declareMetrics(on: metrics)
        AnsweredRequest.declareMetric(on: metrics)
        ConsoleTelemetry.declare(on: metrics)
        // Streams are never closed to make room, so they leave half of the connections to other requests.
        let live = LiveOrders(
            ledger: ledger, others: ledger, clock: clock, logger: logger, mostStreams: max(1, connections / 2))
        // Every commit through this ledger is announced to the streams.
        let cache = PageCache(capacity: settings.cacheMemory, proofs: ledger)
        let worker = WorkerID(UUID().uuidString)
        let tracing = settings.tracing.map {
            TraceWiring($0, worker: worker, metrics: metrics, clock: clock, logger: logger)
        }
        let announced = AnnouncingDecisions(ledger, to: live, around: cache)
        process = ProcessParts(
            ledger: ledger,
            decisions: tracing.map { TracedDecisions(announced, $0.traces, recent: $0.recent) } ?? announced,
            cache: cache, live: live, metrics: metrics, worker: worker, nodes: settings.nodes,
            hasFastLane: settings.hasFastLane, withoutChannels: withoutChannels,
            sandbox: settings.mountedSandbox(transport: checked.transport, clock: clock, logger: logger),
            tracing: tracing, clock: clock, accessLog: accessLog, logger: logger)
        let first = Serving(checked, on: process)
        serving = Current(first)
        lane = Current(first.lane)
        CertificateEnd.report(on: metrics) { [serving] in
            serving.value.checked.channels.certificateEnds(at: clock.now())
        }
        let backup = settings.backupJob(logger)
        if backup != nil { BackupJob.declareMetrics(on: metrics) }
        let watch = WatchAttention(
            list: ledger, reports: ledger, observer: FlowTelemetry(logger: logger), worker: process.worker,
            conditions: { [circuits, serving] now in
                circuits.conditions + serving.value.checked.channels.certificateConditions(at: now)
                    + (disk?.conditions(at: now) ?? []) + [backup?.condition(at: now)].compactMap { $0 }
            })
        let backlog = ReportBacklog(reads: ledger, observer: FlowTelemetry(logger: logger))
        let jobs =
            Serving.jobs(of: serving) + ClockJob.live(live)
            + [.purge(ledger), .database(ledger), .attention(watch), .backlog(backlog)]
            + [.blank(ledger, retention: settings.privacyRetention)] + [backup?.clockJob].compactMap { $0 }
            + Stores.jobs(for: ledger, metrics, logger)
        jobRunner = JobRunner(
            jobs.map { [traces = tracing?.traces ?? .off] in $0.traced(traces) },
            clock: clock, logger: logger)
        ClockLag.report(jobRunner.lags, clock, on: metrics)
        door = FrontDoor(
            DoorLimits(
                requestTimeout: settings.http.requestTimeout, idleTimeout: settings.http.idleTimeout,
                connections: connections),
            log: accessLog, logger: logger)
        console =
            settings.console.isEnabled
            ? ConsoleWiring(
                settings.console, http: settings.http,
                ConsoleParts(
                    flows: { [serving] in serving.value.flows }, store: ledger, operators: ledger, live: live,
                    testEndpoint: { [serving] in serving.value.api.testEndpoint }, clock: clock,
                    rules: { [serving] in serving.value.checked.settings.consoleRules },
                    metrics: metrics, accessLog: accessLog, logger: logger)) : nil
    }

    /// Replaces the parts that follow from the settings, at once, and appends `note` to the audit. Throws an error with
    /// its fix, and then changes nothing. Calls in flight finish with the parts that they began with.
    func reload(_ settings: Settings, _ fingerprint: SettingsFingerprint, _ note: AuditNote) async throws {
        let previous = serving.value
        let checked = try await CheckedSettings(
            settings, fingerprint, listener: listener, circuits: circuits, clock: process.clock, logger: logger,
            replacing: previous.checked)
        try await checked.check(with: ledger, withoutChannels: process.withoutChannels, logger)
        try await ledger.keepEndpoints(settings.webhooks.map(\.entry), at: process.clock.now())
        try await ledger.audit(note, at: process.clock.now())
        let next = Serving(checked, on: process, replacing: previous)
        serving.replace(with: next)
        lane.replace(with: next.lane)
        if checked.transport !== previous.checked.transport { circuits.startOver() }
        let changes = Set(fingerprint.changes(since: previous.checked.fingerprint))
        if !changes.isDisjoint(with: Self.credentials) { process.live.reconnectAll() }
    }

    /// The settings by which callers prove who they are.
    private static let credentials = Set(
        [SettingKey.apiKeys, .tokenSecret, .userJWTSecret, .userJWKSFile, .userJWTIssuer, .userJWTAudience].map(\.name))

    /// The service that runs until the process is told to stop. `onListening` gets the port.
    func service(onListening: @escaping @Sendable (Int) -> Void) -> some Service {
        let services: [any Service] = [application(onListening: onListening), jobRunner, process.live]
        return ConcurrentServices(services + [process.tracing].compactMap { $0 } + (console.map { [$0] } ?? []))
    }

    private func application(onListening: @escaping @Sendable (Int) -> Void) -> some ApplicationProtocol {
        var application = Application(
            responder: CurrentResponder(serving: serving),
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
                    metadata: ["http.host": "\(settings.http.host)", "http.port": .stringConvertible(port)])
                onListening(port)
            },
            logger: logger)
        application.eventLoopGroup.shortenTimeSlices()
        if let sandbox = process.sandbox { application.addServices(sandbox.notices) }
        return application
    }

    /// Ends the work that outlives the server: flows of disconnected callers, connections to providers, the database.
    func close() async {
        let last = serving.value
        await last.flows.drain()
        await last.checked.transport.close()
        await last.webhook?.transport.close()
        await process.tracing?.close()
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
    /// Nil if no copies are wanted.
    fileprivate func backupJob(_ logger: Logger) -> BackupJob? {
        guard let backup, case .sqlite(let path) = database.address else { return nil }
        return BackupJob(backup, of: path, logger: logger)
    }

    /// Throws the mistakes in the users' keys together with the other `mistakes`.
    func checkedUserTokens(_ mistakes: [SettingMistake]) async throws -> PayAccess.UserTokens {
        var mistakes = mistakes
        do {
            let keySet = try userTokens.jwksFile.map { try String(contentsOfFile: $0, encoding: .utf8) }
            let users = try await PayAccess.UserTokens(
                secrets: userTokens.secrets, keySet: keySet, issuer: userTokens.issuer, audience: userTokens.audience)
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

extension CheckedSettings {
    /// Checks the channels against the stored attempts, and stores their types. Throws an error with its fix.
    fileprivate func check(with ledger: any Store, withoutChannels: [PayCore.Channel], _ logger: Logger) async throws {
        try await ChannelTypes(ledger, settings.channelList).keep()
        try await MissingChannels(ledger, configured: providers.channels, without: withoutChannels).check(logger)
    }
}
