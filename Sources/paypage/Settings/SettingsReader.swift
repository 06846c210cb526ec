import Foundation
import PayCore

/// Reads one key after the other, and collects the mistakes instead of stopping.
///
/// If a key with a default reads as nil, a mistake was recorded.
struct SettingsReader {
    private(set) var mistakes: [SettingMistake]
    private(set) var generated: [Settings.GeneratedSecret] = []
    let dev: Bool
    private let values: [SettingKey: SettingsFile.Value]
    private let channelAccepts: [Channel: String]
    private let randomSecret: () -> String

    init(_ sources: SettingsSources, dev: Bool, randomSecret: @escaping () -> String) {
        self.mistakes = sources.mistakes
        self.values = sources.values
        self.channelAccepts = sources.channelAccepts
        self.dev = dev
        self.randomSecret = randomSecret
    }

    /// The value of a key, or of `standard` if the key is not set; nil if there is neither.
    mutating func value<Value>(
        _ key: SettingKey,
        standard: String? = nil,
        _ rule: Rule<Value>
    ) -> Value? {
        guard let text = values[key]?.text ?? standard ?? key.standard else { return nil }
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
        guard let items = values[key]?.items ?? key.standard.map(SettingRules.items) else { return nil }
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

    /// The channels whose `channels.NAME.accept` is false. The name of a channel that is not configured is a mistake,
    /// if the configured channels are known.
    mutating func switchedOff(configured: [Channel]?) -> Set<Channel> {
        var off: Set<Channel> = []
        for (channel, text) in channelAccepts.sorted(by: { $0.key < $1.key }) {
            let subject = SettingMistake.Subject.key(SettingName.channelAccept(channel.name))
            do {
                let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
                if try !SettingRules.truth(SettingRules.present(text)) { off.insert(channel) }
            } catch {
                mistakes.append(SettingMistake(subject: subject, complaint: error))
            }
            guard let configured, !configured.contains(channel) else { continue }
            let names = configured.map(\.name).joined(separator: ", ")
            let remedy = "name one of \(names), or remove the key"
            mistakes.append(
                SettingMistake(subject: subject, complaint: Complaint("is not a configured channel", remedy: remedy)))
        }
        return off
    }

    /// A secret. If it is not set and `made` is true, a new one is generated.
    mutating func secret(_ key: SettingKey, atLeast shortest: Int, made: Bool) -> Secret? {
        let standard = made && !isSet(key) ? make(key) : nil
        return value(key, standard: standard, SettingRules.secret(atLeast: shortest))
    }

    /// Generates a secret, and records that.
    mutating func make(_ key: SettingKey) -> String {
        let text = randomSecret()
        generated.append(Settings.GeneratedSecret(key: key, secret: Secret(text)))
        return text
    }

    func isSet(_ key: SettingKey) -> Bool { values[key] != nil }

    mutating func refuse(_ key: SettingKey, _ complaint: Complaint) {
        mistakes.append(SettingMistake(key, complaint))
    }
}
