import PayCore

/// An Alipay account: its application, its keys, and the kind of page for desktop browsers.
public struct AlipayConfiguration: Sendable {
    /// The kind of page for `pc`.
    public enum PCMethod: String, CaseIterable, Sendable {
        /// A signed form that opens Alipay's cashier in the browser. One trade serves `pc`, `h5` and `app`.
        case page
        /// A QR code from Alipay's precreate call. A trade of its own, whose number cannot be used for a second call.
        case precreate
    }

    /// The keys that verify Alipay's messages. The application's setting at Alipay decides which mode it must use.
    public enum Keys: Sendable {
        /// Public key mode: Alipay's public keys, not the application's. A message that is signed by any of them is
        /// accepted.
        case publicKeys([RSAVerifyingKey])
        /// Certificate mode. Every request names the certificates.
        case certificates(AlipayCertificates)

        public static func publicKey(_ key: RSAVerifyingKey) -> Keys { .publicKeys([key]) }
    }

    public static let production = "https://openapi.alipay.com/gateway.do"

    public let appID: String
    /// The application's private key.
    public let signingKey: RSASigningKey
    public let keys: Keys
    /// The full URL, including `/gateway.do`.
    public let gatewayURL: String
    /// The merchant's account (`2088…`) that receipts must name. Nil accepts every account of the application.
    public let sellerID: String?
    public let pcMethod: PCMethod

    public init(
        appID: String, signingKey: RSASigningKey, keys: Keys, gatewayURL: String, sellerID: String?, pcMethod: PCMethod
    ) {
        self.appID = appID
        self.signingKey = signingKey
        self.keys = keys
        self.gatewayURL = gatewayURL
        self.sellerID = sellerID
        self.pcMethod = pcMethod
    }
}

extension AlipayConfiguration {
    /// Alipay accepts a `time_expire` between one minute and fifteen days after the request.
    private static let shortestLife = Duration.seconds(60)
    private static let longestLife = Duration.seconds(15 * 86_400)

    /// A precreated code expires after two hours, with any `time_expire`. Half a minute is reserved for delivery.
    static let codeUsableFor = Duration.seconds(2 * 3_600 - 30)

    /// Alipay's largest amount: 100,000,000.00 yuan, in fen.
    static let largestAmount: Int64 = 10_000_000_000

    static let currency = "CNY"

    /// Merchants report that Alipay wants three seconds between two refunds of a trade. Its documentation has no limit.
    private static let pauseOfRefunds = Duration.seconds(3)

    /// Domains whose gateway redirects the buyer to a cashier at another host of the same domain (`openapi.alipay.com`
    /// to `excashier.alipay.com` or `mclient.alipay.com`). Observed in browsers: Alipay publishes no list.
    private static let cashierDomains = ["alipay.com", "alipaydev.com"]

    var pageFormTargets: [String] {
        guard let gateway = WebOrigin(of: gatewayURL) else { return [] }
        return [gateway.text] + Self.cashierDomains.filter(gateway.isUnder).map { "https://*.\($0)" }
    }

    var terms: ProviderTerms {
        let signed: Set<Terminal> = pcMethod == .page ? [.pc, .h5, .app] : [.h5, .app]
        var trades = Dictionary(uniqueKeysWithValues: signed.map { ($0, Self.signedPages(serving: signed)) })
        if pcMethod == .precreate { trades[.pc] = Self.code }
        return ProviderTerms(
            trades: trades, currencies: [Self.currency], longestLife: Self.longestLife,
            refunds: RefundTerms(pause: Self.pauseOfRefunds, mostPerTrade: nil))
    }

    /// Pages signed by Paypage. Alipay learns of the trade when the buyer opens a page. Before that, a close finds no
    /// trade, and the page stays payable until its deadline.
    private static func signedPages(serving terminals: Set<Terminal>) -> TradeTerms {
        TradeTerms(
            serves: terminals, shortestLife: .refuseBelow(shortestLife), closeCanBeProven: false,
            numberMayBeAskedAgain: true, exposedCanBeRevived: true)
    }

    /// A code that was not scanned is not a trade either. By Alipay's error table, a number cannot get a second code.
    private static let code = TradeTerms(
        serves: [.pc], shortestLife: .refuseBelow(shortestLife), closeCanBeProven: false, numberMayBeAskedAgain: false,
        exposedCanBeRevived: true)
}
