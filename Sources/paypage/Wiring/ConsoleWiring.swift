import FrontDoor
import Hummingbird
import Logging
import NIOCore
import PayAPI
import PayConsole
import PayFlow
import PayJobs
import PayTelemetry
import ServiceLifecycle

/// The operators' console and its listener.
struct ConsoleWiring: Service {
    /// Operators are few. Their pages keep a connection each for live news.
    private static let connections = 512

    private let settings: Settings.Console
    private let console: Console
    private let door: FrontDoor
    private let jobs: JobRunner
    private let logger: Logger

    init(_ settings: Settings.Console, http: Settings.HTTP, _ parts: ConsoleParts) {
        self.settings = settings
        console = Console(parts)
        door = FrontDoor(
            DoorLimits(
                requestTimeout: http.requestTimeout, idleTimeout: http.idleTimeout, connections: Self.connections),
            isCounted: false, log: parts.accessLog, logger: parts.logger)
        jobs = JobRunner([.trends(parts.trends)], clock: parts.clock, logger: parts.logger)
        logger = parts.logger
    }

    func run() async throws {
        let application = Application(
            router: console.router(), server: .http1(door),
            configuration: .init(
                address: .hostname(settings.host, port: settings.port), serverName: PayAPI.serverName,
                availableConnectionsDelegate: door),
            onServerRunning: { [door, logger, settings] channel in
                await door.begin(on: channel)
                let port = channel.localAddress?.port ?? settings.port
                logger.info(
                    "console listening",
                    metadata: ["console.host": "\(settings.host)", "console.port": "\(port)"])
            },
            logger: logger)
        do {
            try await ConcurrentServices([application, jobs]).run()
        } catch {
            let listening = ListenFailure(
                hostSetting: "console.host", portSetting: "console.port", host: settings.host, port: settings.port)
            throw listening.failure(for: error) ?? error
        }
    }
}

extension ClockJob {
    /// Samples the metrics for the charts.
    static func trends(_ history: MetricHistory) -> ClockJob {
        ClockJob("trends", every: MetricHistory.pause) { now in
            history.sample(at: now)
            return NothingToReport()
        }
    }
}
