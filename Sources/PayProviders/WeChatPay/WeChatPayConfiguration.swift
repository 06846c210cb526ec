public import PayCore

/// A merchant's account at WeChat Pay (APIv3, direct merchant), with the keys for both directions.
public struct WeChatPayConfiguration: Sendable {
    /// The official account's access to WeChat's OAuth, by which a page inside WeChat learns the buyer's openid.
    public struct OAuth: Sendable {
        public static let production = "https://api.weixin.qq.com"
        public static let authorizePage = "https://open.weixin.qq.com/connect/oauth2/authorize"

        /// The AppSecret of the appid of `jsapi`.
        public let secret: Secret
        /// Without a trailing slash.
        public let baseURL: String
        /// The page to which the buyer's browser is sent, without a query.
        public let authorizeURL: String

        public init(secret: Secret, baseURL: String = production, authorizeURL: String = authorizePage) {
            self.secret = secret
            self.baseURL = baseURL
            self.authorizeURL = authorizeURL
        }
    }

    /// WeChat Pay's own public key, which verifies its messages in public-key mode.
    public struct PublicKey: Sendable {
        /// `PUB_KEY_ID_…`, as in the merchant console. Compared exactly.
        public let id: String
        public let key: RSAVerifyingKey

        public init(id: String, key: RSAVerifyingKey) {
            self.id = id
            self.key = key
        }
    }

    public static let production = "https://api.mch.weixin.qq.com"

    public let merchantID: String
    public let appIDs: WeChatPayAppIDs
    /// The serial number of the merchant's own certificate. It tells WeChat which key signs: ``signingKey``.
    public let serialNumber: String
    public let signingKey: RSASigningKey
    /// 32 bytes each, at least one. WeChat encrypts notices and platform certificates with one of them.
    public let apiV3Keys: [Secret]
    /// WeChat Pay's public keys. Calls ask for answers that are signed with the first.
    public let publicKeys: [PublicKey]
    /// Whether platform certificates are fetched and trusted, alone or beside the public key. A migration needs both.
    public let fetchesCertificates: Bool
    /// Without a trailing slash.
    public let baseURL: String
    /// Nil if openids are not learned here.
    public let oauth: OAuth?
    /// The URL for refund notices. Evaluated at each call, because the listener's port may be assigned late.
    public let notifyURL: @Sendable () -> String

    public init(
        merchantID: String, appIDs: WeChatPayAppIDs, serialNumber: String, signingKey: RSASigningKey, apiV3Key: Secret,
        publicKey: PublicKey?, fetchesCertificates: Bool, baseURL: String, oauth: OAuth? = nil,
        notifyURL: @escaping @Sendable () -> String
    ) {
        self.init(
            merchantID: merchantID, appIDs: appIDs, serialNumber: serialNumber, signingKey: signingKey,
            apiV3Keys: [apiV3Key], publicKeys: publicKey.map { [$0] } ?? [], fetchesCertificates: fetchesCertificates,
            baseURL: baseURL, oauth: oauth, notifyURL: notifyURL)
    }

    public init(
        merchantID: String, appIDs: WeChatPayAppIDs, serialNumber: String, signingKey: RSASigningKey,
        apiV3Keys: [Secret], publicKeys: [PublicKey], fetchesCertificates: Bool, baseURL: String, oauth: OAuth? = nil,
        notifyURL: @escaping @Sendable () -> String
    ) {
        self.merchantID = merchantID
        self.appIDs = appIDs
        self.serialNumber = serialNumber
        self.signingKey = signingKey
        self.apiV3Keys = apiV3Keys
        self.publicKeys = publicKeys
        self.fetchesCertificates = fetchesCertificates
        self.baseURL = baseURL
        self.oauth = oauth
        self.notifyURL = notifyURL
    }
}

extension WeChatPayConfiguration {
    /// WeChat silently moves a deadline under a minute to a minute, and one beyond 15 days to 15 days. Paypage requests
    /// neither. The skew allows for either clock being ahead.
    static let shortestLife = Duration.seconds(60)
    static let longestLife = Duration.seconds(15 * 24 * 3_600 - clockSkew)
    /// In seconds. WeChat rejects requests whose timestamp is further off.
    private static let clockSkew = 5 * 60

    /// The terms of WeChat's products. A trade belongs to one product and one appid, and serves no other. WeChat's
    /// documentation of the refund call limits the refunds of one order: 50 at most, a minute apart.
    static let terms = ProviderTerms(
        trades: Dictionary(uniqueKeysWithValues: Terminal.allCases.map { ($0, trade(openedFrom: $0)) }),
        currencies: ["CNY"], terminalsThatNeedOpenID: Set(Terminal.allCases.filter(\.needsOpenID)),
        terminalsThatNeedClientIP: [.h5], longestLife: longestLife,
        refunds: RefundTerms(pause: .seconds(60), mostPerTrade: 50))

    private static func trade(openedFrom terminal: Terminal) -> TradeTerms {
        TradeTerms(
            serves: [terminal], isBoundToPayer: terminal.needsOpenID, shortestLife: .refuseBelow(shortestLife),
            closeCanBeProven: true, numberMayBeAskedAgain: true, exposedCanBeRevived: false)
    }
}

extension Terminal {
    /// Whether WeChat Pay binds a page for this terminal to one payer.
    var needsOpenID: Bool { self == .jsapi || self == .mini }
}
