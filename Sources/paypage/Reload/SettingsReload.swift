import Logging
import PayCore
import PayFlow

/// Reads the settings again while the service runs, checks them whole, and puts them to use at once. One reload runs at
/// a time.
actor SettingsReload {
    /// Puts settings to use. Throws an error with its fix, and then changes nothing.
    typealias Apply = @Sendable (Settings, SettingsFingerprint, AuditNote) async throws -> Void

    private let apply: Apply
    private let logger: Logger
    private var loader: SettingsLoader
    private var settings: Settings
    private var applied: SettingsFingerprint
    private let atStart: SettingsFingerprint
    private var last: Task<ReloadReport, Never>?

    init(
        _ loader: SettingsLoader, _ settings: Settings, _ fingerprint: SettingsFingerprint, logger: Logger,
        apply: @escaping Apply
    ) {
        self.loader = loader
        self.settings = settings
        applied = fingerprint
        atStart = fingerprint
        self.logger = logger
        self.apply = apply
    }

    /// - Parameter variables: the `PAYPAGE_…` variables from now on; nil keeps those that the service has.
    func callAsFunction(by actor: Actor, variables: [String: String]? = nil) async -> ReloadReport {
        let task = Task { [last] in
            _ = await last?.value
            return await run(by: actor, variables)
        }
        last = task
        return await task.value
    }

    private func run(by actor: Actor, _ variables: [String: String]?) async -> ReloadReport {
        do {
            let report = try await reload(by: actor, variables)
            log(report)
            return report
        } catch {
            let mistakes = "\(error)".split(separator: "\n").map(String.init)
            logger.error("settings reload refused", metadata: ["error": "\(error)"])
            return ReloadReport(outcome: .refused, mistakes: mistakes)
        }
    }

    private func reload(by actor: Actor, _ variables: [String: String]?) async throws -> ReloadReport {
        let loader = variables.map(loader.replacing) ?? loader
        let (next, fingerprint) = try loader.load()
        try next.refuseOtherProviders(than: settings)
        let changed = fingerprint.changes(since: applied).filter { !SettingName.needsRestart($0) }
        let restart = fingerprint.changes(since: atStart).filter(SettingName.needsRestart)
        if !changed.isEmpty {
            let names = changed.joined(separator: " ")
            try await apply(next, fingerprint, AuditNote(actor, .settingsReloaded, on: "settings", detail: names))
        }
        (self.loader, settings, applied) = (loader, next, fingerprint)
        return ReloadReport(outcome: changed.isEmpty ? .unchanged : .reloaded, changed: changed, restart: restart)
    }

    private func log(_ report: ReloadReport) {
        if report.changed.isEmpty {
            logger.notice("settings reload found no change")
        } else {
            logger.notice(
                "settings reloaded", metadata: ["settings.changed": "\(report.changed.joined(separator: ","))"])
        }
        guard !report.restart.isEmpty else { return }
        logger.warning(
            "settings changed, restart to apply",
            metadata: ["settings.restart": "\(report.restart.joined(separator: ","))"])
    }
}

extension SettingName {
    /// Whether a change of the setting of this name takes effect only at the next start.
    static func needsRestart(_ name: String) -> Bool { SettingKey(rawValue: name)?.needsRestart ?? false }
}

extension Settings {
    /// A channel's name stands in the calls in flight, so its provider type can't change while the service runs.
    fileprivate func refuseOtherProviders(than earlier: Settings) throws(SettingsMistakes) {
        let mistakes = accounts.compactMap { account -> SettingMistake? in
            guard let old = earlier.accounts.first(where: { $0.channel == account.channel }), old.kind != account.kind
            else { return nil }
            let problem = "cannot change from \(old.kind.rawValue) to \(account.kind.rawValue) while the service runs"
            let name = ChannelWord.name(account.channel.name, ChannelKey.provider.rawValue)
            return SettingMistake(
                subject: .key(name), complaint: Complaint(problem, remedy: "restart to apply, or use another name"))
        }
        guard mistakes.isEmpty else { throw SettingsMistakes(all: mistakes) }
    }
}
