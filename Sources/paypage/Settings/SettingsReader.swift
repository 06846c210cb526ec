import Foundation
import PayCore

/// Reads one key after the other, and collects the mistakes instead of stopping.
///
/// If a key with a default reads as nil, a mistake was recorded.
struct SettingsReader {
    private(set) var mistakes: [SettingMistake]
    private(set) var generated: [Settings.GeneratedSecret] = []
    let sources: SettingsSources
    let dev: Bool
    /// The channel whose keys are read; nil outside ``reading(_:_:)``.
    private var channel: DeclaredChannel?
    private let randomSecret: () -> String
    /// The secrets that an earlier reading generated.
    private let kept: [Settings.GeneratedSecret]

    init(
        _ sources: SettingsSources, dev: Bool, keeping kept: [Settings.GeneratedSecret] = [],
        randomSecret: @escaping () -> String
    ) {
        self.mistakes = sources.mistakes
        self.sources = sources
        self.dev = dev
        self.kept = kept
        self.randomSecret = randomSecret
    }

    /// The value of a key, or of `standard` if the key is not set; nil if there is neither.
    mutating func value<Value>(
        _ key: SettingKey,
        standard: String? = nil,
        _ rule: Rule<Value>
    ) -> Value? {
        guard let text = set(key)?.text ?? standard ?? key.standard else { return nil }
        do {
            return try rule(SettingRules.cleaned(text, isSecret: key.isSecret))
        } catch {
            refuse(key, error)
            return nil
        }
    }

    /// The values of a key that takes several; nil if it is not set.
    mutating func list<Value>(
        _ key: SettingKey,
        _ rule: Rule<Value>
    ) -> [Value]? {
        guard let items = set(key)?.items ?? key.standard.map(SettingRules.items) else { return nil }
        if items.isEmpty { refuse(key, SettingRules.isEmpty) }
        var list: [Value] = []
        for (index, item) in items.enumerated() {
            do {
                list.append(try rule(SettingRules.cleaned(item, isSecret: key.isSecret)))
            } catch {
                let item = items.count == 1 ? "" : "item \(index + 1) "
                refuse(key, Complaint(item + error.problem, remedy: error.remedy))
            }
        }
        return list.count == items.count ? list : nil
    }

    /// The value of a key that each channel has; nil if it is not set.
    mutating func value<Value>(_ key: ChannelKey, of channel: Channel, _ rule: Rule<Value>) -> Value? {
        guard let text = sources.channels[channel]?[key.rawValue]?.text else { return nil }
        do {
            return try rule(SettingRules.cleaned(text, isSecret: false))
        } catch {
            refuse(key, of: channel, error)
            return nil
        }
    }

    /// A secret. If it is not set and `made` is true, a new one is generated.
    mutating func secret(_ key: SettingKey, atLeast shortest: Int, made: Bool) -> Secret? {
        let standard = made && !isSet(key) ? make(key) : nil
        return value(key, standard: standard, SettingRules.secret(atLeast: shortest))
    }

    /// Generates a secret, or takes that of an earlier reading, and records that.
    mutating func make(_ key: SettingKey) -> String {
        let text = kept.first { $0.key == key }?.secret.reveal() ?? randomSecret()
        generated.append(Settings.GeneratedSecret(key: key, secret: Secret(text)))
        return text
    }

    func isSet(_ key: SettingKey) -> Bool { set(key) != nil }
}

extension SettingsReader {
    /// Within `body`, the provider's keys are those of the channel, and mistakes name them as they are written there.
    mutating func reading<Value>(
        _ channel: DeclaredChannel, _ body: (inout SettingsReader) -> Value
    ) -> Value {
        self.channel = channel
        defer { self.channel = nil }
        return body(&self)
    }

    /// The key as a message names it.
    func name(of key: SettingKey) -> String { channel?.names.name(of: key) ?? key.name }

    /// `keys` as a message lists them.
    func names(of keys: [SettingKey]) -> String { keys.map(name).joined(separator: ", ") }

    /// Whether the channel that is read has the key itself.
    func isOwn(_ key: SettingKey) -> Bool { channel?.values[key] != nil }

    /// Records each missing key of the channel that is read as a mistake.
    mutating func require(_ required: [SettingKey]) {
        guard let channel else { return }
        let whole = names(of: required)
        for key in required where !isSet(key) {
            let remedy = "set all of \(whole) to configure the channel, or none of them"
            refuse(key, Complaint("is not set, but \(channel.firstName) is", remedy: remedy))
        }
    }

    /// The channels of the sandbox share the keys `sandbox.*`, where they have none of their own.
    private func set(_ key: SettingKey) -> SettingsFile.Value? {
        guard let channel, key.kind == channel.kind else { return sources.values[key] }
        return channel.values[key] ?? (channel.kind == .sandbox ? sources.values[key] : nil)
    }

    mutating func refuse(_ key: SettingKey, _ complaint: Complaint) {
        refuse(SettingMistake(subject: .key(name(of: key)), complaint: complaint))
    }

    mutating func refuse(_ key: ChannelKey, of channel: Channel, _ complaint: Complaint) {
        refuse(SettingMistake(subject: .key(ChannelWord.name(channel.name, key.rawValue)), complaint: complaint))
    }

    /// Records a mistake once: channels that share a key share its mistake.
    mutating func refuse(_ mistake: SettingMistake) {
        if !mistakes.contains(mistake) { mistakes.append(mistake) }
    }
}
