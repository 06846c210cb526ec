import PayCore
import PayFlow

/// The words about a channel: those of its provider's own app. A channel with the merchant's own title has generic words
/// with that title.
struct ChannelWords: Sendable {
    let name: String
    /// The company that is called and answers.
    let company: String
    let scanTitle: String
    let scanLead: String
    let openTitle: String
    let openButton: String

    init(_ provider: ProviderTexts, name: String) {
        self.name = name
        company = provider.company
        scanTitle = provider.scanTitle
        scanLead = provider.scanLead
        openTitle = provider.openTitle
        openButton = provider.openButton
    }

    /// - Parameter scanLead: How the provider's code is scanned; nil if the provider is unknown.
    init(named name: String, scanLead: String?, in texts: CheckoutTexts) {
        self.name = name
        company = name
        scanTitle = texts.scanTitle(name)
        self.scanLead = scanLead ?? texts.scanLead(name)
        openTitle = texts.openTitle(name)
        openButton = texts.openButton(name)
    }
}

extension CheckoutPlace {
    func words(of channel: Channel) -> ChannelWords {
        let name = name(of: channel)
        guard let kind = channels[channel]?.kind else { return ChannelWords(named: name, scanLead: nil, in: texts) }
        let provider = texts.words(of: kind)
        return name == texts.name(of: kind)
            ? ChannelWords(provider, name: name) : ChannelWords(named: name, scanLead: provider.scanLead, in: texts)
    }
}

extension CheckoutTexts {
    func name(of provider: ProviderKind) -> String {
        switch provider {
        case .alipay: alipay
        case .wechat: wechat
        case .stripe: stripe
        case .sandbox: sandbox
        }
    }

    fileprivate func words(of provider: ProviderKind) -> ProviderTexts {
        switch provider {
        case .alipay: withAlipay
        case .wechat: withWeChat
        case .stripe: withStripe
        case .sandbox: withSandbox
        }
    }
}
