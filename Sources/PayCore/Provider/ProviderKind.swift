/// The type of the provider behind a channel, as the setting `channels.NAME.provider` names it. A channel keeps its type
/// for ever, because stored attempts belong to it.
public enum ProviderKind: String, CaseIterable, Hashable, Sendable {
    case alipay, wechat, stripe, sandbox

    /// The channel that the short settings of this type configure (`alipay.app.id`).
    public var shortFormChannel: Channel { Channel(rawValue)! }

    /// The terminals that the provider has a product for. Its adapter supports exactly these.
    public var terminals: [Terminal] {
        switch self {
        case .alipay, .stripe, .sandbox: [.pc, .h5, .app]
        case .wechat: Terminal.allCases
        }
    }
}
