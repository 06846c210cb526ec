public import PayCore

/// The configured channels in the order in which buyers see them.
public struct ChannelList: Sendable {
    /// A channel as buyers see it.
    public struct Entry: Hashable, Sendable {
        public let channel: Channel
        public let kind: ProviderKind
        public let title: ChannelTitle

        public init(_ channel: Channel, _ kind: ProviderKind, title: ChannelTitle = .standard) {
            self.channel = channel
            self.kind = kind
            self.title = title
        }

        /// The merchant's title, otherwise the provider's own name.
        public var englishTitle: String { title.english ?? kind.englishName }
        public var chineseTitle: String { title.chinese ?? kind.chineseName }

        /// The standard order: by provider type as ``ProviderKind`` lists the types, then by name.
        public func standsBefore(_ other: Entry) -> Bool {
            (kind.rank, channel) < (other.kind.rank, other.channel)
        }
    }

    public let entries: [Entry]
    private let byChannel: [Channel: Entry]

    public init(_ entries: [Entry]) {
        self.entries = entries
        byChannel = Dictionary(entries.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The channels of these providers without titles, in the standard order.
    public init(_ providers: Providers) {
        let entries = providers.channels.compactMap { channel in
            providers[channel].map { Entry(channel, $0.kind) }
        }
        self.init(entries.sorted { $0.standsBefore($1) })
    }

    public subscript(channel: Channel) -> Entry? { byChannel[channel] }

    /// These channels in the order of the list. A channel that is not in the list comes last.
    public func sorted(_ channels: [Channel]) -> [Channel] {
        let known = entries.map(\.channel).filter(channels.contains)
        return known + channels.filter { byChannel[$0] == nil }.sorted()
    }
}

/// The merchant's own title of a channel, by language. Nil where the provider's name is shown.
public struct ChannelTitle: Hashable, Sendable {
    public let english: String?
    public let chinese: String?

    public init(english: String?, chinese: String?) {
        self.english = english
        self.chinese = chinese
    }

    /// The provider's name, in every language.
    public static let standard = ChannelTitle(english: nil, chinese: nil)
}

extension ProviderKind {
    fileprivate var englishName: String {
        switch self {
        case .alipay: "Alipay"
        case .wechat: "WeChat Pay"
        case .stripe: "Stripe"
        case .sandbox: "Sandbox"
        }
    }

    fileprivate var chineseName: String {
        switch self {
        case .alipay: "支付宝"
        case .wechat: "微信支付"
        case .stripe: "Stripe"
        case .sandbox: "沙盒"
        }
    }

    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}
