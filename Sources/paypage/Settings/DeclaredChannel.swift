import PayCore
import PayFlow

/// A channel whose provider is known, with the values of that provider's keys.
struct DeclaredChannel {
    let names: ChannelKeyNames
    let values: [SettingKey: SettingsFile.Value]

    var channel: Channel { names.channel }
    var kind: ProviderKind { names.kind }

    /// The first key that is set, in the order of the documentation, as it is written.
    var firstName: String {
        let first = SettingKey.keys(of: kind).first { values[$0] != nil }
        return first.map(names.name) ?? ChannelWord.name(channel.name, ChannelKey.provider.rawValue)
    }

    /// - Parameter longForms: the keys that are written as `channels.NAME.WORD`; nil if the channel has no short form.
    init(
        _ channel: Channel, _ kind: ProviderKind, _ values: [SettingKey: SettingsFile.Value],
        longForms: Set<SettingKey>?
    ) {
        // The channels of the sandbox share sandbox.page.ttl and its like, but an account of their own is long.
        let isApart = values[.sandboxBaseURL] != nil || values[.sandboxSecret] != nil
        let areAllLong = longForms.map { values.keys.allSatisfy($0.contains) } ?? (kind != .sandbox || isApart)
        let long = SettingKey.keys(of: kind).filter { key in
            values[key] == nil ? areAllLong : longForms?.contains(key) ?? true
        }
        self.names = ChannelKeyNames(channel: channel, kind: kind, long: Set(long))
        self.values = values
    }
}

/// The names of a channel's keys as the operator writes them: `alipay.app.id` or `channels.NAME.app.id`.
struct ChannelKeyNames: Sendable {
    let channel: Channel
    let kind: ProviderKind
    /// The keys that are written as `channels.NAME.WORD`. A key that is not set is written as the others are.
    let long: Set<SettingKey>

    func name(of key: SettingKey) -> String {
        guard let word = key.word, long.contains(key) else { return key.name }
        return ChannelWord.name(channel.name, word)
    }
}

extension SettingsReader {
    /// Every channel that the settings name, in the standard order of channels: those of the short form with any key,
    /// those with `channels.NAME.provider`, and those of `sandbox.channels`.
    mutating func declaredChannels(sandboxes: [Channel]) -> [DeclaredChannel] {
        let short = ProviderKind.withShortForm.compactMap { shortForm($0) }
        let names = sources.channels.keys.filter { name in
            !ProviderKind.withShortForm.contains { $0.shortFormChannel == name } && !sandboxes.contains(name)
        }
        let others = names.sorted().compactMap { longForm($0) }
        let sandboxes = sandboxes.map { sandbox($0) }
        return (short + others + sandboxes).sorted {
            ChannelList.Entry($0.channel, $0.kind).standsBefore(.init($1.channel, $1.kind))
        }
    }

    /// The channel `alipay`, `wechat` or `stripe`. Its provider need not be named, and cannot be another.
    private mutating func shortForm(_ kind: ProviderKind) -> DeclaredChannel? {
        let channel = kind.shortFormChannel
        let values = sources.values.filter { $0.key.kind == kind }
        let named = namedKind(of: channel, mustBe: kind)
        refuseForeignWords(of: channel, kind)
        guard !values.isEmpty || named == kind else { return nil }
        return DeclaredChannel(channel, kind, values, longForms: sources.longForms)
    }

    private mutating func sandbox(_ channel: Channel) -> DeclaredChannel {
        _ = namedKind(of: channel, mustBe: .sandbox)
        refuseForeignWords(of: channel, .sandbox)
        return DeclaredChannel(channel, .sandbox, values(of: channel, .sandbox), longForms: nil)
    }

    /// A channel with a name of the operator's choice.
    private mutating func longForm(_ channel: Channel) -> DeclaredChannel? {
        let words = providerWords(of: channel)
        guard sources.channels[channel]?[ChannelKey.provider.rawValue] != nil else {
            // Common keys alone are refused with the other keys of unknown channels.
            guard let first = words.first else { return nil }
            let kinds = ProviderKind.allCases.map(\.rawValue).joined(separator: ", ")
            let near = nearChannel(to: channel).map { "write channel \($0) if it was meant, or " } ?? ""
            let problem = "is not set, but \(ChannelWord.name(channel.name, first)) is"
            refuse(.provider, of: channel, Complaint(problem, remedy: "\(near)set it to one of \(kinds)"))
            return nil
        }
        guard let kind = namedKind(of: channel, mustBe: nil) else { return nil }
        refuseForeignWords(of: channel, kind)
        return DeclaredChannel(channel, kind, values(of: channel, kind), longForms: nil)
    }

    private mutating func namedKind(of channel: Channel, mustBe needed: ProviderKind?) -> ProviderKind? {
        guard let kind = value(.provider, of: channel, SettingRules.providerKind) else { return nil }
        if let needed, kind != needed {
            let remedy = "set it to \(needed.rawValue), or choose another name for the channel"
            let complaint = Complaint(
                "is \(kind.rawValue), but channel \(channel) is always \(needed.rawValue)", remedy: remedy)
            refuse(.provider, of: channel, complaint)
            return nil
        }
        return kind
    }

    /// The words of a channel that belong to providers, in the order of the alphabet.
    private func providerWords(of channel: Channel) -> [String] {
        (sources.channels[channel] ?? [:]).keys.filter { ChannelKey(rawValue: $0) == nil }.sorted()
    }

    private func values(of channel: Channel, _ kind: ProviderKind) -> [SettingKey: SettingsFile.Value] {
        let values = providerWords(of: channel).compactMap { word in
            SettingKey(word, of: kind).flatMap { key in sources.channels[channel]?[word].map { (key, $0) } }
        }
        return Dictionary(uniqueKeysWithValues: values)
    }

    private mutating func refuseForeignWords(of channel: Channel, _ kind: ProviderKind) {
        for word in providerWords(of: channel) where SettingKey(word, of: kind) == nil {
            let near = SettingName.nearest(to: word, of: SettingKey.keys(of: kind).compactMap(\.word))
            let owners = ProviderKind.allCases.filter { SettingKey(word, of: $0) != nil }.map(\.rawValue)
            let remedy =
                near.map { "did you mean \(ChannelWord.name(channel.name, $0))?" }
                ?? "remove it: it is a key of \(owners.joined(separator: " and "))"
            refuse(
                SettingMistake(
                    subject: .key(ChannelWord.name(channel.name, word)),
                    complaint: Complaint("is not a key of the provider \(kind.rawValue)", remedy: remedy)))
        }
    }

    /// Another channel with a provider whose name is one typing error away.
    private func nearChannel(to channel: Channel) -> Channel? {
        let others = sources.channels.filter { $0.value[ChannelKey.provider.rawValue] != nil && $0.key != channel }
        let short = ProviderKind.withShortForm.filter { kind in sources.values.keys.contains { $0.kind == kind } }
        let names = others.keys.map(\.name) + short.map(\.rawValue)
        return SettingName.nearest(to: channel.name, of: names.sorted()).flatMap { Channel($0) }
    }
}

extension SettingRules {
    static func providerKind(_ text: String) throws(Complaint) -> ProviderKind {
        if let kind = ProviderKind(rawValue: text) { return kind }
        let words = ProviderKind.allCases.map(\.rawValue)
        let remedy =
            SettingName.nearest(to: text, of: words).map { "did you mean \($0)?" }
            ?? "expected \(words.joined(separator: " or "))"
        throw Complaint("invalid value\(shown(text))", remedy: remedy)
    }
}
