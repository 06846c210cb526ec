public import PayCore

/// Which Stripe account takes the money, and the secrets that are shared with it.
public struct StripeConfiguration: Sendable {
    public static let production = "https://api.stripe.com"

    /// `sk_live_…`, `sk_test_…`, or a restricted key: `rk_…`.
    public let secretKey: Secret
    /// The notice endpoint's signing secret, whole, with its `whsec_`: Stripe signs with the text as it is shown.
    public let webhookSecret: Secret
    /// Without a slash at the end.
    public let baseURL: String

    public init(secretKey: Secret, webhookSecret: Secret, baseURL: String) {
        self.secretKey = secretKey
        self.webhookSecret = webhookSecret
        var base = baseURL[...]
        while base.hasSuffix("/") { base.removeLast() }
        self.baseURL = String(base)
    }

    /// Whether the key moves real money. One whose mode can't be read counts as live: test money is never taken for
    /// real.
    public var isLive: Bool {
        !["sk_test_", "rk_test_"].contains { secretKey.reveal().hasPrefix($0) }
    }
}

extension StripeConfiguration {
    /// What one session, with its one URL, serves.
    static let terminals: Set<Terminal> = [.pc, .h5, .app]

    /// Stripe counts a day from its own clock when a create arrives; five minutes are more than two clocks differ.
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
