import PayCore

/// The keys that every channel has: `channels.NAME.accept`.
enum ChannelKey: String, CaseIterable, Sendable {
    case provider
    case accept
    case titleEnglish = "title.en"
    case titleChinese = "title.zh"
    case markFile = "mark.file"
}

extension ProviderKind {
    /// The types whose name is a channel's name too: its keys may be written without `channels.`. The keys `sandbox.*`
    /// belong to every channel of the sandbox.
    static let withShortForm: [ProviderKind] = [.alipay, .wechat, .stripe]
}

/// The name of a key of one channel: `channels.NAME.WORD`.
struct ChannelWord: Hashable, Sendable {
    let channel: Channel
    /// A word that channels of some type have.
    let word: String

    var name: String { Self.name(channel.name, word) }

    /// The same key in the short form, `alipay.app.id`. Nil if it has none.
    var shortForm: SettingKey? {
        ProviderKind.withShortForm.first { $0.shortFormChannel == channel }.flatMap { SettingKey(word, of: $0) }
    }

    static func name(_ channel: String, _ word: String) -> String { "channels.\(channel).\(word)" }

    /// Every word, the longest first.
    static let known: [String] = {
        let words = ChannelKey.allCases.map(\.rawValue) + SettingKey.allCases.compactMap(\.word)
        return Set(words).sorted { ($1.count, $0) < ($0.count, $1) }
    }()

    /// Whether a key of this word takes several values.
    var isList: Bool { SettingKey.allCases.contains { $0.isList && $0.word == word } }

    /// Whether longer words begin with this one: `app.id` stands before `app.id.jsapi`.
    static func isGroup(_ word: String) -> Bool { known.contains { $0.hasPrefix(word + ".") } }

    /// Nil if `text` cannot be a channel's name. `channels.order` is a key, so no channel has that name.
    static func channel(_ text: some StringProtocol) -> Channel? {
        let channel = Channel(String(text))
        return channel?.name == "order" ? nil : channel
    }
}

extension ChannelWord {
    /// `PAYPAGE_CHANNELS_ALIPAY_EU_APP_ID` is `channels.alipay_eu.app.id`: the longest known word at the end is the key.
    init?(variable: String) {
        let prefix = SettingName.variablePrefix + "CHANNELS_"
        guard variable.hasPrefix(prefix) else { return nil }
        let rest = variable.dropFirst(prefix.count)
        guard let (word, ending) = Self.endings.first(where: { rest.hasSuffix($0.ending) }),
            let channel = Self.channel(rest.dropLast(ending.count).lowercased())
        else { return nil }
        self.init(channel: channel, word: word)
        guard SettingName.variable(for: name) == variable else { return nil }
    }

    /// The ends of variables, the longest first.
    private static let endings = known.map { word in
        (word: word, ending: "_" + SettingName.variable(for: word).dropFirst(SettingName.variablePrefix.count))
    }
}
