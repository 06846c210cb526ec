import Foundation
import Logging
import PayCore
import PayFlow
import PayProviders
import PayTelemetry

/// The flows of a command that calls providers by itself, with the settings of the service.
struct CommandFlows: Sendable {
    let settings: Settings
    let ledger: any Store
    let flows: Flows
    private let transport: CurlTransport

    static func load(config: String?, logger: Logger, clock: SystemClock) async throws -> CommandFlows {
        let settings: Settings
        do {
            settings = try Settings.load(
                environment: ProcessInfo.processInfo.environment, configFile: config, dev: false,
                randomSecret: RandomSecret.make)
        } catch {
            throw CommandFailure(
                "this command needs the settings of the service, and the configuration has mistakes:\n\(error)")
        }
        return try await CommandFlows(settings, logger: logger, clock: clock)
    }

    private init(_ settings: Settings, logger: Logger, clock: SystemClock) async throws {
        self.settings = settings
        ledger = try await Stores.openMigrated(settings.database.address)
        transport = CurlTransport(
            limits: .init(
                connectTimeout: settings.provider.connectTimeout, totalTimeout: settings.provider.timeout),
            authoritiesFile: settings.provider.authoritiesFile)
        let publicURL: @Sendable () -> String = { [settings] in
            settings.publicURL.text(listeningOn: settings.http.port)
        }
        let guards = ChannelGuards(
            transport: TransportJournal(transport, logger: logger), clock: clock, circuits: OpenCircuits(),
            logger: logger, totalTimeout: settings.provider.timeout)
        let downloads = FileDownloader(
            folder: FileManager.default.temporaryDirectory.path(), connectTimeout: settings.provider.connectTimeout,
            authoritiesFile: settings.provider.authoritiesFile)
        let channels = ConfiguredChannels(
            settings, publicURL: publicURL, guards: guards, downloads: downloads, clock: clock)
        let providers = Providers(channels.providers)
        try await ChannelTypes(ledger, settings.channelList).check()
        // Without certificates, every answer of WeChat Pay is unknown.
        for job in channels.certificateJobs { _ = try await job.runOnce(clock.now()) }
        flows = Flows(
            FlowParts(
                ledger: ledger, providers: providers, channels: settings.channelList, clock: clock,
                observer: FlowTelemetry(logger: logger),
                rules: PayRules(
                    deadlines: settings.deadlines, switchPolicy: settings.switchPolicy,
                    providerTimeout: settings.provider.timeout),
                repayMode: settings.repayMode, worker: WorkerID(UUID().uuidString), publicURL: publicURL,
                acceptance: ChannelAcceptance(switchedOff: settings.switchedOff, pauses: ledger)))
    }

    func close() async throws {
        await transport.close()
        try await ledger.close()
    }
}
