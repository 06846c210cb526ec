import ArgumentParser
import Foundation
import Hummingbird
import Logging
import Metrics
import PayAccess
import PayCore
import ServiceLifecycle
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the service: the HTTP API, the checkout page and the background jobs.",
        discussion: """
            Settings come from PAYPAGE_… variables and from the file that --config names. A variable overrides the file:

            \(Settings.helpText)
            """)

    /// SIGTERM ends the process within this time. Calls in flight are shorter, except for chains of several provider
    /// calls that all time out. Such a chain is resumed after the next start.
    static let longestShutdown = Duration.seconds(30)

    @Flag(help: "For trials: generates the keys, mounts the sandbox provider, and listens on loopback only.")
    var dev = false

    @Option(help: "A YAML or JSON file with settings.")
    var config: String?

    @Option(
        help: """
            Start although this channel is not configured and has unfinished attempts or refunds, which stay unfinished. \
            May be given several times.
            """)
    var withoutChannel: [PayCore.Channel] = []

    @OptionGroup var log: LogOptions

    func run() async throws {
        // Every printed time is UTC. Without this, Foundation would look up the host's time zone for a `Date` header,
        // and load 2 MB of ICU tables into memory.
        setenv("TZ", "GMT", 1)
        let clock = SystemClock()
        let logger = log.logger("paypage", clock: clock)
        var loader = SettingsLoader(
            environment: ProcessInfo.processInfo.environment, configFile: config, dev: dev)
        let (settings, fingerprint) = try load(loader)
        loader.generated = settings.generated
        // At this level a line is written at once, and not in the middle of an error that ends the start.
        logger.notice("service starting", metadata: ["paypage.version": "\(Version.current)"])
        let files = OpenFileLimit.raise(logger)
        let connections = ConnectionLimit.connections(settings.http.connections, files: files, logger)
        let wiring = try await makeWiring(settings, fingerprint, connections: connections, clock, logger)
        warnOfShortKeys(settings, logger)
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let limit = ShutdownLimit(limit: Self.longestShutdown, manager: manager, clock: clock, logger: logger)
        let service = wiring.service { port in
            manager.report(.ready)
            guard dev else { return }
            print(Welcome(settings: settings, port: port, now: clock.now()).text)
            Output.flush()
        }
        let reload = SettingsReload(loader, settings, fingerprint, logger: logger) { settings, fingerprint, note in
            warnOfShortKeys(settings, logger)
            try await wiring.reload(settings, fingerprint, note)
        }
        let socket = ReloadSocket(path: settings.reloadSocket, reload: reload, logger: logger)
        let configuration = ServiceGroupConfiguration(
            services: [service, limit, ReloadSignal(reload: reload), socket],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        var failure: (any Error)?
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            failure = error
        }
        await wiring.close()
        if let failure { throw listening(on: settings.http).failure(for: failure) ?? failure }
        logger.info("service stopped")
    }

    private func listening(on http: Settings.HTTP) -> ListenFailure {
        ListenFailure(hostSetting: "http.host", portSetting: "http.port", host: http.host, port: http.port)
    }

    private func makeWiring(
        _ settings: Settings, _ fingerprint: SettingsFingerprint, connections: Int, _ clock: SystemClock,
        _ logger: Logger
    ) async throws -> Wiring {
        do {
            return try await Wiring(
                settings, fingerprint, connections: connections, withoutChannels: withoutChannel, clock: clock,
                accessLog: log.accessLog("paypage", clock: clock), logger: logger)
        } catch let mistakes as SettingsMistakes {
            throw CommandFailure("the configuration has mistakes:\n\(mistakes)")
        }
    }

    private func load(_ loader: SettingsLoader) throws -> (Settings, SettingsFingerprint) {
        do {
            return try loader.load()
        } catch {
            throw CommandFailure("the configuration has mistakes:\n\(error)")
        }
    }

    private func warnOfShortKeys(_ settings: Settings, _ logger: Logger) {
        guard settings.apiKeys.contains(where: { $0.secret.byteCount < SettingRules.shortestStrongAPIKey }) else {
            return
        }
        logger.warning(
            "API key is too short",
            metadata: ["setting": "api.keys", "shortest": .stringConvertible(SettingRules.shortestStrongAPIKey)])
    }
}

extension Settings {
    /// Every setting with its default, for `serve --help`.
    fileprivate static var helpText: String {
        reference.map { entry in
            let standard = entry.standard.map { " (\($0))" } ?? ""
            return "  \(entry.variable)\(standard): \(entry.meaning)"
        }.joined(separator: "\n")
    }
}
