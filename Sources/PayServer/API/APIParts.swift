public import Logging
public import PayCore
public import PayFlow

/// What the routes are given, once, by the wiring.
public struct APIParts: Sendable {
    let pay: Pay
    let close: Close
    let settle: Settle
    let ledger: any Ledger
    let clock: any PayClock
    let callers: Callers
    let checkouts: CheckoutTokens
    let metrics: PrometheusMetrics
    let rules: APIRules
    let logger: Logger

    public init(
        stories: Stories, ledger: any Ledger, clock: any PayClock, callers: Callers, checkouts: CheckoutTokens,
        metrics: PrometheusMetrics, rules: APIRules, logger: Logger
    ) {
        pay = Pay(stories)
        close = Close(stories)
        settle = Settle(stories)
        self.ledger = ledger
        self.clock = clock
        self.callers = callers
        self.checkouts = checkouts
        self.metrics = metrics
        self.rules = rules
        self.logger = logger
    }
}

/// What the service was configured to, as far as the routes ask.
public struct APIRules: Sendable {
    let orderTTL: Duration
    let deadlines: Deadlines
    let returnHosts: [String]?
    let trustedProxies: [String]
    /// Where the service is reached from outside, without a slash at the end.
    let publicURL: @Sendable () -> String

    public init(
        orderTTL: Duration, deadlines: Deadlines, returnHosts: [String]?, trustedProxies: [String],
        publicURL: @escaping @Sendable () -> String
    ) {
        self.orderTTL = orderTTL
        self.deadlines = deadlines
        self.returnHosts = returnHosts
        self.trustedProxies = trustedProxies
        self.publicURL = publicURL
    }
}
