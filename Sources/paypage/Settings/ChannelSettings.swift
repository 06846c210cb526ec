import PayCheckout
import PayCore
import PayFlow
import PayProviders

extension Settings {
    /// A configured channel: a name, and an account at a provider.
    struct Account: Sendable {
        enum Provider: Sendable {
            case alipay(Alipay)
            case weChatPay(WeChatPay)
            case stripe(StripeConfiguration)
            case sandbox(Sandbox)
        }

        let provider: Provider
        let title: ChannelTitle
        /// The merchant's image; nil for Paypage's own.
        let mark: CheckoutImage?
        /// Whether it accepts new attempts.
        let accepts: Bool
        /// The names of the account's keys, for messages about them.
        let names: ChannelKeyNames

        var channel: Channel { names.channel }
        var kind: ProviderKind { names.kind }
    }

    /// The channels that accept no new attempts.
    var switchedOff: Set<Channel> { Set(accounts.filter { !$0.accepts }.map(\.channel)) }

    /// The channels as buyers see them.
    var channelList: ChannelList {
        ChannelList(accounts.map { ChannelList.Entry($0.channel, $0.kind, title: $0.title) })
    }

    /// The channels of accounts that may move real money.
    var realChannels: [Channel] { accounts.filter { $0.kind != .sandbox }.map(\.channel) }
}

extension Settings {
    /// The shop's application at Alipay.
    struct Alipay: Sendable {
        /// The keys that verify Alipay's messages.
        enum Trust: Sendable {
            /// Alipay's public keys, not the application's.
            case publicKeys([KeyFile<RSAVerifyingKey>])
            case certificates(Certificates)

            /// Nil in public key mode.
            var certificates: Certificates? {
                if case .certificates(let files) = self { files } else { nil }
            }

            fileprivate var keys: AlipayConfiguration.Keys {
                switch self {
                case .publicKeys(let files): .publicKeys(files.map(\.key))
                case .certificates(let files): .certificates(files.certificates)
                }
            }
        }

        /// The certificates of certificate mode, with the paths of those that end.
        struct Certificates: Sendable {
            let certificates: AlipayCertificates
            let applicationPath: String
            let alipayPath: String
        }

        let appID: String
        let privateKey: KeyFile<RSASigningKey>
        let trust: Trust
        /// The full address, with `/gateway.do`.
        let gatewayURL: String
        let sellerID: String?
        let pcMethod: AlipayConfiguration.PCMethod

        var configuration: AlipayConfiguration {
            AlipayConfiguration(
                appID: appID, signingKey: privateKey.key, keys: trust.keys, gatewayURL: gatewayURL,
                sellerID: sellerID, pcMethod: pcMethod)
        }
    }

    /// The shop's account at WeChat Pay.
    struct WeChatPay: Sendable {
        /// WeChat Pay's public key, with the ID that its signatures name.
        struct PublicKey: Sendable {
            let id: String
            let file: KeyFile<RSAVerifyingKey>
        }

        let merchantID: String
        let appIDs: WeChatPayAppIDs
        let serialNumber: String
        let privateKey: KeyFile<RSASigningKey>
        let apiV3Keys: [Secret]
        /// Empty if only platform certificates are used.
        let publicKeys: [PublicKey]
        let fetchesCertificates: Bool
        /// Without a slash at the end.
        let baseURL: String
        /// Nil if the checkout page asks no openid of WeChat.
        let oauth: WeChatPayConfiguration.OAuth?

        func configuration(notifyURL: @escaping @Sendable () -> String) -> WeChatPayConfiguration {
            WeChatPayConfiguration(
                merchantID: merchantID, appIDs: appIDs, serialNumber: serialNumber, signingKey: privateKey.key,
                apiV3Keys: apiV3Keys, publicKeys: publicKeys.map { .init(id: $0.id, key: $0.file.key) },
                fetchesCertificates: fetchesCertificates, baseURL: baseURL, oauth: oauth, notifyURL: notifyURL)
        }
    }
}
