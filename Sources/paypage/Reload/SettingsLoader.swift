import PayCore

/// Reads the settings from where the service began with them.
struct SettingsLoader: Sendable {
    private(set) var environment: [String: String]
    let configFile: String?
    let dev: Bool
    /// The secrets that the first reading generated.
    var generated: [Settings.GeneratedSecret] = []

    func load() throws(SettingsMistakes) -> (Settings, SettingsFingerprint) {
        // Taken first: a change during the loading is then found by the next reload.
        let fingerprint = try SettingsFingerprint(environment: environment, configFile: configFile)
        let settings = try Settings.load(
            environment: environment, configFile: configFile, dev: dev, keeping: generated,
            randomSecret: RandomSecret.make)
        return (settings, fingerprint)
    }

    /// The same with these `PAYPAGE_…` variables in place of the others.
    func replacing(variables: [String: String]) -> SettingsLoader {
        var other = self
        other.environment = environment.filter { !$0.key.hasPrefix(SettingName.variablePrefix) }
        other.environment.merge(variables.filter { $0.key.hasPrefix(SettingName.variablePrefix) }) { $1 }
        return other
    }
}
