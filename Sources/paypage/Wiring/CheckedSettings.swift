import Foundation
import Logging
import PayAccess
import PayCore
import PayFlow
import PayProviders

/// Settings whose channels and keys are checked, with the parts that need no database: the adapters of the channels and
/// their connections.
struct CheckedSettings: Sendable {
    let settings: Settings
    let fingerprint: SettingsFingerprint
    let transport: CurlTransport
    private let guards: ChannelGuards
    let channels: ConfiguredChannels
    let providers: Providers
    let rules: PayRules
    let users: PayAccess.UserTokens
    let publicURL: @Sendable () -> String

    /// - Parameter previous: the settings that these replace. Unchanged parts are kept: connections, circuits, and adapters
    ///   with their certificates.
    /// - Throws: ``SettingsMistakes``.
    init(
        _ settings: Settings, _ fingerprint: SettingsFingerprint, listener: ListenerPort, circuits: OpenCircuits,
        clock: SystemClock, logger: Logger, replacing previous: CheckedSettings? = nil
    ) async throws {
        self.settings = settings
        self.fingerprint = fingerprint
        let changes = previous.map { Set(fingerprint.changes(since: $0.fingerprint)) }
        let publicURL: @Sendable () -> String = { [url = settings.publicURL] in
            url.text(listeningOn: listener.number)
        }
        self.publicURL = publicURL
        if let previous, let changes, changes.isDisjoint(with: Self.transportSettings) {
            (transport, guards) = (previous.transport, previous.guards)
        } else {
            transport = CurlTransport(
                limits: .init(
                    connectTimeout: settings.provider.connectTimeout, totalTimeout: settings.provider.timeout),
                authoritiesFile: settings.provider.authoritiesFile)
            guards = ChannelGuards(
                transport: TransportJournal(transport, logger: logger), clock: clock, circuits: circuits,
                logger: logger, totalTimeout: settings.provider.timeout)
        }
        let downloads = FileDownloader(
            folder: FileManager.default.temporaryDirectory.path(), connectTimeout: settings.provider.connectTimeout,
            authoritiesFile: settings.provider.authoritiesFile)
        channels = ConfiguredChannels(
            settings, publicURL: publicURL, guards: guards, downloads: downloads, clock: clock,
            keeping: previous.map { $0.channels.providers } ?? [],
            changed: changes?.isDisjoint(with: Self.adapterSettings) == true ? changes : nil)
        providers = Providers(channels.providers)
        rules = PayRules(
            deadlines: settings.deadlines, switchPolicy: settings.switchPolicy,
            providerTimeout: settings.provider.timeout)
        users = try await settings.checkedUserTokens(
            ChannelChecks(settings: settings, rules: rules).mistakes(with: providers))
        logSkippedKeys(to: logger)
    }

    /// The settings of the connections to providers.
    private static let transportSettings = Set(
        [SettingKey.providerTimeout, .providerConnectTimeout, .providerCAFile].map(\.name))

    /// The settings of every adapter beside its own.
    private static let adapterSettings = transportSettings.union([SettingKey.publicURL.name])

    private func logSkippedKeys(to logger: Logger) {
        for key in users.skippedKeys {
            logger.warning(
                "JWKS key skipped",
                metadata: [
                    "setting": "user.jwks.file", "key.position": .stringConvertible(key.position),
                    "key.kid": "\(key.kid.map(SkippedKey.shown) ?? "none")",
                    "key.kty": "\(key.kty.map(SkippedKey.shown) ?? "none")", "reason": "\(key.mistake)",
                ])
        }
    }
}
