import PayCore

/// Who we are at Alipay, with which keys, and how its page for a desktop browser is made.
public struct AlipayConfiguration: Sendable {
    /// What a page for `pc` is.
    public enum PCMethod: String, CaseIterable, Sendable {
        /// A form that is signed here and takes the browser to Alipay's cashier: one trade with `h5` and `app`.
        case page
        /// A QR code that Alipay is asked for: a trade of its own, whose number may not be asked again.
        case precreate
    }

    public static let production = "https://openapi.alipay.com/gateway.do"

    public let appID: String
    /// The application's own private key.
    public let signingKey: RSASigningKey
    /// Alipay's public key: not the application's.
    public let alipayKey: RSAVerifyingKey
    /// The whole address, with `/gateway.do`.
    public let gatewayURL: String
    /// The merchant's account (`2088…`), which receipts must name; nil where any account of the application will do.
    public let sellerID: String?
    public let pcMethod: PCMethod

    public init(
        appID: String, signingKey: RSASigningKey, alipayKey: RSAVerifyingKey, gatewayURL: String, sellerID: String?,
        pcMethod: PCMethod
    ) {
        self.appID = appID
        self.signingKey = signingKey
        self.alipayKey = alipayKey
        self.gatewayURL = gatewayURL
        self.sellerID = sellerID
        self.pcMethod = pcMethod
    }
}

extension AlipayConfiguration {
    /// Alipay takes a `time_expire` of one minute to fifteen days from the request on.
    private static let shortestLife = Duration.seconds(60)
    private static let longestLife = Duration.seconds(15 * 86_400)

    /// A precreated code is dead after two hours, whatever it was asked for with. Half a minute is kept for the way.
    static let codeUsableFor = Duration.seconds(2 * 3_600 - 30)

    /// The largest amount that Alipay takes: 100,000,000.00 yuan, in fen.
    static let largestAmount: Int64 = 10_000_000_000

    static let currency = "CNY"

    /// Domains whose gateway sends the buyer on to a cashier at another host of the same domain
    /// (`openapi.alipay.com` to `excashier.alipay.com` or `mclient.alipay.com`). Assumed from what browsers show:
    /// Alipay publishes no list.
    private static let cashierDomains = ["alipay.com", "alipaydev.com"]

    var pageFormTargets: [String] {
        guard let gateway = WebOrigin(of: gatewayURL) else { return [] }
        return [gateway.text] + Self.cashierDomains.filter(gateway.isUnder).map { "https://*.\($0)" }
    }

    var terms: ProviderTerms {
        let signed: Set<Terminal> = pcMethod == .page ? [.pc, .h5, .app] : [.h5, .app]
        var trades = Dictionary(uniqueKeysWithValues: signed.map { ($0, Self.signedPages(serving: signed)) })
        if pcMethod == .precreate { trades[.pc] = Self.code }
        return ProviderTerms(trades: trades, currencies: [Self.currency], longestLife: Self.longestLife)
    }

    /// Pages that are signed here: Alipay hears of the trade when the buyer opens one, so that a close may find none,
    /// and what nobody opened stays payable until its time is over.
    private static func signedPages(serving terminals: Set<Terminal>) -> TradeTerms {
        TradeTerms(
            serves: terminals, shortestLife: .refuseBelow(shortestLife), closeCanBeProven: false,
            numberMayBeAskedAgain: true, exposedCanBeRevived: true)
    }

    /// A code that nobody scanned is no trade either. Alipay's error table says that a number must not ask for a second
    /// one.
    private static let code = TradeTerms(
        serves: [.pc], shortestLife: .refuseBelow(shortestLife), closeCanBeProven: false, numberMayBeAskedAgain: false,
        exposedCanBeRevived: true)
}
