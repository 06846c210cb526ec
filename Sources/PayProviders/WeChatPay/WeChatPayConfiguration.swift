public import PayCore

/// A merchant's account at WeChat Pay (APIv3, direct merchant), and how its messages are signed both ways.
public struct WeChatPayConfiguration: Sendable {
    /// WeChat Pay's own public key, which signs what it sends in public-key mode.
    public struct PublicKey: Sendable {
        /// `PUB_KEY_ID_…`, as the merchant console shows it: compared exactly.
        public let id: String
        public let key: RSAVerifyingKey

        public init(id: String, key: RSAVerifyingKey) {
            self.id = id
            self.key = key
        }
    }

    public static let production = "https://api.mch.weixin.qq.com"

    public let merchantID: String
    public let appID: String
    /// The serial number of the merchant's own certificate, which names ``signingKey`` to WeChat.
    public let serialNumber: String
    public let signingKey: RSASigningKey
    /// 32 bytes, which seal notices and platform certificates.
    public let apiV3Key: Secret
    public let publicKey: PublicKey?
    /// Whether platform certificates are fetched and believed, alone or beside the public key: a changeover has both.
    public let fetchesCertificates: Bool
    /// Without a slash at the end.
    public let baseURL: String
    /// Where notices of refunds are to go. Asked for at each call: the listener's port may be known late.
    public let notifyURL: @Sendable () -> String

    public init(
        merchantID: String, appID: String, serialNumber: String, signingKey: RSASigningKey, apiV3Key: Secret,
        publicKey: PublicKey?, fetchesCertificates: Bool, baseURL: String, notifyURL: @escaping @Sendable () -> String
    ) {
        self.merchantID = merchantID
        self.appID = appID
        self.serialNumber = serialNumber
        self.signingKey = signingKey
        self.apiV3Key = apiV3Key
        self.publicKey = publicKey
        self.fetchesCertificates = fetchesCertificates
        self.baseURL = baseURL
        self.notifyURL = notifyURL
    }
}

extension WeChatPayConfiguration {
    /// WeChat moves a deadline below a minute to a minute, and one beyond 15 days to the fifteenth, and tells nobody: it
    /// is never asked for either, by whichever of the two clocks.
    static let shortestLife = Duration.seconds(60)
    static let longestLife = Duration.seconds(15 * 24 * 3_600 - clockSkew)
    /// In seconds: WeChat itself takes no request whose timestamp is further off.
    private static let clockSkew = 5 * 60

    /// WeChat's products: a number is opened for one of them, and serves nothing else.
    static let terms = ProviderTerms(
        trades: Dictionary(uniqueKeysWithValues: Terminal.allCases.map { ($0, trade(openedFrom: $0)) }),
        currencies: ["CNY"], terminalsThatNeedOpenID: [.jsapi], terminalsThatNeedClientIP: [.h5],
        longestLife: longestLife)

    private static func trade(openedFrom terminal: Terminal) -> TradeTerms {
        TradeTerms(
            serves: [terminal], isBoundToPayer: terminal == .jsapi, shortestLife: .refuseBelow(shortestLife),
            closeCanBeProven: true, numberMayBeAskedAgain: true, exposedCanBeRevived: false)
    }
}
