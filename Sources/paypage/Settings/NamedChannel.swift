import PayCore
import PayFlow

/// A channel as a command beside the service finds it in the settings.
struct NamedChannel: Hashable, Sendable {
    let channel: Channel
    /// Nil if only `channels.NAME.accept` and its like are set.
    let kind: ProviderKind?
    let title: ChannelTitle
    /// Whether it accepts new attempts.
    let accepts: Bool
}

extension Settings {
    /// The configured channels, in the standard order. For a command beside a service, in a shell that may lack a part
    /// of the service's settings.
    static func channels(
        environment: [String: String], configFile: String?
    ) throws(SettingsMistakes) -> [NamedChannel] {
        let sources = try SettingsSources(environment: environment, configFile: configFile)
        var reader = SettingsReader(sources, dev: false, randomSecret: { "" })
        let isSandboxed = reader.value(.sandboxEnabled, SettingRules.truth) == true
        let sandboxes = isSandboxed ? reader.list(.sandboxChannels, SettingRules.sandboxChannel) ?? [] : []
        let declared = reader.declaredChannels(sandboxes: sandboxes)
        let named = declared.map { reader.named($0.channel, $0.kind) }
        let others = sources.channels.keys.filter { name in !declared.contains { $0.channel == name } }
        return named + others.sorted().map { reader.named($0, nil) }
    }
}

extension SettingsReader {
    fileprivate mutating func named(_ channel: Channel, _ kind: ProviderKind?) -> NamedChannel {
        NamedChannel(
            channel: channel, kind: kind, title: title(of: channel),
            accepts: value(.accept, of: channel, SettingRules.truth) ?? true)
    }
}
