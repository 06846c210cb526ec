package import Logging
package import PayAccess
package import PayCache
package import PayCore
package import PayFlow
package import PayTelemetry

/// The dependencies of the routes, created once by the wiring. A class, because every request passes them on: a copy of
/// a struct of this size costs a reference count for each part, and 1 KiB of each task that holds one.
package final class APIParts: Sendable {
    package let pay: Pay
    package let close: Close
    let listChannels: ListChannels
    let settle: Settle
    let requestRefund: RequestRefund
    let retryRefund: RetryRefund
    let decideDispute: DecideDispute
    let disputes: any DisputeList
    package let ledger: any OrderReads & WriteCheck
    let attention: any AttentionList
    let reconciliations: any ReconciliationReads
    let desk: any DeliveryDesk
    /// Nil if no endpoint is configured.
    package let testEndpoint: TestEndpoint?
    package let live: LiveOrders
    package let cache: PageCache
    /// The edition of the cached pages: see ``PageCache/startOver()``.
    package let cacheEdition: UInt64
    package let clock: any PayClock
    package let callers: Callers
    package let checkouts: CheckoutTokens
    package let metrics: PrometheusMetrics
    package let rules: APIRules
    package let repayLimit: RepayLimit
    package let strangerLimits: StrangerLimits
    let pictures: QRPictures
    let endedKeys: EndedKeys
    package let accessLog: AccessLog
    package let traces: Traces
    package let logger: Logger

    /// - Parameter previous: the parts that these replace. They share the limits on callers.
    package init(
        flows: Flows, ledger: any OrderReads & WriteCheck, attention: any AttentionList, disputes: any DisputeList,
        reconciliations: any ReconciliationReads, desk: any DeliveryDesk, testEndpoint: TestEndpoint?, live: LiveOrders,
        cache: PageCache, clock: any PayClock,
        callers: Callers, checkouts: CheckoutTokens, metrics: PrometheusMetrics, rules: APIRules,
        accessLog: AccessLog, logger: Logger, traces: Traces = .off, cacheEdition: UInt64 = 0,
        replacing previous: APIParts? = nil
    ) {
        pay = Pay(flows)
        close = Close(flows)
        listChannels = ListChannels(flows)
        settle = Settle(flows)
        requestRefund = RequestRefund(flows)
        retryRefund = RetryRefund(flows)
        decideDispute = DecideDispute(flows)
        self.disputes = disputes
        self.ledger = ledger
        self.attention = attention
        self.reconciliations = reconciliations
        self.desk = desk
        self.testEndpoint = testEndpoint
        self.live = live
        self.cache = cache
        self.cacheEdition = cacheEdition
        self.clock = clock
        self.callers = callers
        self.checkouts = checkouts
        self.metrics = metrics
        self.rules = rules
        repayLimit = previous?.repayLimit ?? RepayLimit(clock: clock, nodes: flows.nodes)
        strangerLimits = previous?.strangerLimits ?? StrangerLimits(clock: clock)
        endedKeys = previous?.endedKeys ?? EndedKeys()
        pictures = previous?.pictures ?? QRPictures()
        self.accessLog = accessLog
        self.traces = traces
        self.logger = logger
    }
}

extension APIParts {
    /// The configured channels as buyers see them.
    package var channels: ChannelList { pay.channelList }

    /// The link to an order's checkout page.
    func checkoutURL(of number: OrderNumber, until deadline: Instant) -> String {
        "\(rules.publicURL())/checkout/\(checkoutToken(of: number, until: deadline))"
    }

    func checkoutToken(of number: OrderNumber, until deadline: Instant) -> String {
        checkouts.token(for: number, expiresAt: rules.checkoutTokenEnd(of: deadline))
    }

    /// The right to cache a page that is read after this call.
    package func cacheTicket(for number: OrderNumber) -> PageCache.Ticket? {
        cache.ticket(for: number, edition: cacheEdition)
    }

    package func ready(_ order: OrderSummary, _ served: ServedPage) -> ReadyPage {
        ReadyPage(
            order, served, checkoutToken: checkoutToken(of: order.number, until: order.deadline))
    }

    /// The response for an order. The merchant's includes the checkout link, which helps when the response to the pay
    /// call was lost.
    package func answer(_ order: Order, forMerchant: Bool, updatedAt: Instant? = nil, at now: Instant) -> OrderAnswer {
        OrderAnswer(
            order, forMerchant: forMerchant, updatedAt: updatedAt,
            checkoutURL: forMerchant ? checkoutURL(of: order.number, until: order.deadline) : nil,
            deadlines: rules.deadlines, at: now)
    }
}
