public import PayCore

/// A Stripe account and its secrets.
public struct StripeConfiguration: Sendable {
    public static let production = "https://api.stripe.com"

    /// `sk_live_…`, `sk_test_…`, or a restricted key `rk_…`.
    public let secretKey: Secret
    /// The signing secrets of the webhook endpoint, including `whsec_`; at least one. Stripe signs with the whole text. A
    /// notice that is signed by any of them is accepted.
    public let webhookSecrets: [Secret]
    /// Without a trailing slash.
    public let baseURL: String

    public init(secretKey: Secret, webhookSecret: Secret, baseURL: String) {
        self.init(secretKey: secretKey, webhookSecrets: [webhookSecret], baseURL: baseURL)
    }

    public init(secretKey: Secret, webhookSecrets: [Secret], baseURL: String) {
        self.secretKey = secretKey
        self.webhookSecrets = webhookSecrets
        var base = baseURL[...]
        while base.hasSuffix("/") { base.removeLast() }
        self.baseURL = String(base)
    }

    /// Whether the key moves real money. A key of unknown mode counts as live, so that test money is never taken for
    /// real.
    public var isLive: Bool {
        !["sk_test_", "rk_test_"].contains { secretKey.reveal().hasPrefix($0) }
    }
}

extension StripeConfiguration {
    /// The terminals that a session's URL serves.
    static let terminals: Set<Terminal> = [.pc, .h5, .app]

    /// Stripe allows 24 hours, counted on its own clock when the create arrives. Five minutes cover the clocks'
    /// difference.
    static let longestLife = Duration.seconds(24 * 3_600 - 5 * 60)

    static let terms: ProviderTerms = {
        let trade = TradeTerms(
            serves: terminals, shortestLife: .extendTo(.seconds(30 * 60)), closeCanBeProven: true,
            numberMayBeAskedAgain: true, exposedCanBeRevived: false)
        return ProviderTerms(
            trades: Dictionary(uniqueKeysWithValues: terminals.map { ($0, trade) }),
            currencies: StripeCurrency.taken, longestLife: longestLife)
    }()
}
