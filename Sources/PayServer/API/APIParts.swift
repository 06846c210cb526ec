public import Logging
public import PayCore
public import PayFlow

/// What the routes are given, once, by the wiring.
public struct APIParts: Sendable {
    let pay: Pay
    let close: Close
    let settle: Settle
    let ledger: any Ledger
    let live: LiveOrders
    let cache: PageCache
    let clock: any PayClock
    let callers: Callers
    let checkouts: CheckoutTokens
    let metrics: PrometheusMetrics
    let rules: APIRules
    let repayLimit: RepayLimit
    let strangerLimits: StrangerLimits
    let pictures = QRPictures()
    let checkoutPages: CheckoutPages
    let accessLog: AccessLog
    let logger: Logger

    public init(
        stories: Stories, ledger: any Ledger, live: LiveOrders, cache: PageCache, clock: any PayClock,
        callers: Callers, checkouts: CheckoutTokens, metrics: PrometheusMetrics, rules: APIRules,
        accessLog: AccessLog, logger: Logger
    ) {
        pay = Pay(stories)
        close = Close(stories)
        settle = Settle(stories)
        self.ledger = ledger
        self.live = live
        self.cache = cache
        self.clock = clock
        self.callers = callers
        self.checkouts = checkouts
        self.metrics = metrics
        self.rules = rules
        repayLimit = RepayLimit(clock: clock)
        strangerLimits = StrangerLimits(clock: clock)
        checkoutPages = CheckoutPages(deadlines: rules.deadlines)
        self.accessLog = accessLog
        self.logger = logger
    }
}

extension APIParts {
    /// The link to an order's checkout page.
    func checkoutURL(of number: OrderNumber, until deadline: Instant) -> String {
        "\(rules.publicURL())/checkout/\(checkoutToken(of: number, until: deadline))"
    }

    func checkoutToken(of number: OrderNumber, until deadline: Instant) -> String {
        checkouts.token(for: number, expiresAt: rules.checkoutTokenEnd(of: deadline))
    }

    func ready(_ order: OrderSummary, _ served: ServedPage) -> ReadyPage {
        ReadyPage(
            order, served, checkoutToken: checkoutToken(of: order.number, until: order.deadline))
    }

    /// An order as it is told: the merchant's with the link, also where no pay call's answer told it.
    func answer(_ order: Order, forMerchant: Bool, updatedAt: Instant? = nil, at now: Instant) -> OrderAnswer {
        OrderAnswer(
            order, forMerchant: forMerchant, updatedAt: updatedAt,
            checkoutURL: forMerchant ? checkoutURL(of: order.number, until: order.deadline) : nil,
            deadlines: rules.deadlines, at: now)
    }
}

/// What the service was configured to, as far as the routes ask.
public struct APIRules: Sendable {
    let orderTTL: Duration
    let deadlines: Deadlines
    let returnHosts: [String]?
    let trustedProxies: [AddressRange]
    /// The web origins whose scripts may call the API.
    let corsOrigins: [String]
    let checkout: CheckoutRules
    /// The channels that the service was started without, though they have work to do.
    let withoutChannels: [Channel]
    /// Where the service is reached from outside, without a slash at the end.
    let publicURL: @Sendable () -> String

    public init(
        orderTTL: Duration, deadlines: Deadlines, returnHosts: [String]?, trustedProxies: [AddressRange],
        corsOrigins: [String] = [], checkout: CheckoutRules = CheckoutRules(),
        withoutChannels: [Channel] = [], publicURL: @escaping @Sendable () -> String
    ) {
        self.orderTTL = orderTTL
        self.deadlines = deadlines
        self.returnHosts = returnHosts
        self.trustedProxies = trustedProxies
        self.corsOrigins = corsOrigins
        self.checkout = checkout
        self.withoutChannels = withoutChannels
        self.publicURL = publicURL
    }

    /// How long a checkout link outlives the last word about its order, so that whoever holds it is told that word.
    private static let afterLastWord = Duration.seconds(600)

    /// When the token of a checkout link is over: some minutes after nothing can become of the order any more.
    func checkoutTokenEnd(of deadline: Instant) -> Instant {
        deadlines.providerDeadline(of: deadline) + deadlines.margin + Self.afterLastWord
    }
}

/// What the hosted checkout page was configured to.
public struct CheckoutRules: Sendable {
    /// The shop's name as its customers know it; nil when nobody set one.
    let shopName: String?
    /// The web origins whose pages may show the checkout in a frame.
    let frameAncestors: [String]

    public init(shopName: String? = nil, frameAncestors: [String] = []) {
        self.shopName = shopName
        self.frameAncestors = frameAncestors
    }
}
