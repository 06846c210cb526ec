import PayCore
import PayFlow
import ServiceTestSupport

@testable import PayCheckout

/// Sample orders in every state that the hosted page shows, at one instant.
enum CheckoutSample {
    static let now = Instant(milliseconds: 1_795_341_600_000)
    static let deadlines = Deadlines(policy: .reserve, margin: .seconds(60))
    static let number = OrderNumber(Sample.number)!
    static let channels = ["alipay", "wechat", "stripe"].map { Channel($0)! }

    static func order(
        _ state: OrderState = .new, _ attempts: [Attempt] = [], lease: Lease? = nil,
        subject: String = "Tea for two", returnURL: String? = "https://shop.example/orders/1", left: Int = 1_740,
        receipts: [RecordedReceipt] = [], refunds: [Refund] = []
    ) -> Order {
        Order(
            number: number, userID: UserID("user_1")!, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
            subject: Subject(subject)!, returnURL: returnURL, createdAt: now - .seconds(60),
            deadline: now + .seconds(left + 60), state: state, lease: lease, attempts: attempts, receipts: receipts,
            refunds: refunds)
    }

    static func attempt(
        _ sequence: Int, _ state: AttemptState, _ pages: [Page] = [], channel: String = "alipay",
        terminal: Terminal = .pc, openID: String = ""
    ) -> Attempt {
        Attempt(
            number: TradeNumber(order: number, sequence: sequence), channel: Channel(channel)!,
            request: StoredRequest(
                terminal: terminal, payer: Payer(openID: openID),
                money: Money(amount: 9_900, currency: Currency("CNY")!)!, subject: Subject("Tea for two")!,
                providerDeadline: now + .seconds(1_800), notifyURL: "https://pay.example/notices", returnURL: nil),
            createdAt: now - .seconds(60), state: state, stateSince: now - .seconds(30), pages: pages,
            lastWordAt: now + .seconds(1_860))
    }

    static func page(
        _ kind: PageKind = .qr, _ terminal: Terminal = .pc, content: String = "https://qr.example/1",
        serves: Set<Terminal> = [], openID: String = "", left: Int = 600
    ) -> Page {
        Page(
            kind: kind, content: content, terminal: terminal, openID: openID, serves: serves,
            mintedAt: now - .seconds(30), expiresAt: now + .seconds(left))
    }

    static let creating = AttemptState.creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: now))
    static let closing = AttemptState.closing(Closing(recoverAt: now, closeUnansweredAt: nil))

    /// A lease with this number of seconds left. Its call is in progress, or has an unknown result.
    static func lease(_ seconds: Int, unanswered: Bool = false) -> Lease {
        Lease(owner: WorkerID("somebody"), endsAt: now + .seconds(seconds), isUnanswered: unanswered)
    }

    /// The merchant and the provider return the payment that counts. Other causes return money that came besides it.
    static func refund(_ state: RefundState, _ cause: RefundCause = .duplicate, amount: Int64 = 9_900) -> Refund {
        let isOfPayment = cause == .merchant || cause == .provider
        return Refund(
            number: "\(Sample.number)_1_r1", tradeNumber: TradeNumber(order: number, sequence: 1),
            transactionID: TransactionID(isOfPayment ? "t1" : "t2")!,
            money: Money(amount: amount, currency: Currency("CNY")!)!,
            cause: cause, state: state, createdAt: now, askAt: nil)
    }

    /// The payment of an order by its first attempt.
    static let payment = RecordedReceipt(
        receipt: Receipt(
            channel: channels[0], tradeNumber: TradeNumber(order: number, sequence: 1),
            transactionID: TransactionID("t1")!, amount: 9_900, currencyCode: "CNY", paidAt: now,
            namesOurAccount: true),
        standing: .honest, recordedAt: now)

    static func visit(
        _ order: Order, _ terminal: Terminal = .pc, isSeen: Bool = true, openID: String = "",
        channels: [Channel] = channels, costly: [String] = [], news: CheckoutNews? = nil, wished: String? = nil,
        wait: Int = 0, underWay: String? = nil
    ) -> CheckoutVisit {
        var visit = CheckoutVisit(
            order: order, now: now, deadlines: deadlines, terminal: terminal, isTerminalSeen: isSeen,
            givenOpenID: openID, channels: channels, costly: costly.compactMap { Channel($0) },
            longestLease: .seconds(10),
            pressed: news.map {
                CheckoutPress(
                    news: $0, channel: wished.flatMap { Channel($0) }, wait: .seconds(wait), revision: nil)
            },
            underWay: underWay.flatMap { Channel($0) })
        visit.knownOpenID = { channel in
            order.attempts.last { $0.channel == channel && $0.request.terminal == terminal }?.request.payer.openID ?? ""
        }
        return visit
    }

    /// The page inside Alipay, which can't open WeChat's.
    static func inAlipay(_ order: Order) -> CheckoutVisit {
        var visit = visit(order, .h5, channels: [channels[0], channels[2]])
        visit.ownChannel = channels[0]
        visit.isForeign = { $0 == channels[1] }
        return visit
    }

    /// The ways for a browser, shown inside WeChat. It opens neither Alipay's page nor its own `h5` page.
    static func waysForBrowser(_ order: Order, stripe: Bool = false) -> CheckoutVisit {
        var visit = visit(order, .h5, isSeen: false, channels: stripe ? [channels[2]] : [])
        visit.isForeign = { $0 != channels[2] }
        visit.isInWeChatApp = true
        return visit
    }

    /// The page inside WeChat, which can learn the buyer's openid.
    static func inWeChat(_ order: Order, news: CheckoutNews? = nil, wished: String? = nil) -> CheckoutVisit {
        var visit = visit(order, .jsapi, channels: [channels[1]], news: news, wished: wished)
        visit.identifying = [channels[1]]
        return visit
    }

    static let list = ChannelList(
        zip(channels, [ProviderKind.alipay, .wechat, .stripe]).map { ChannelList.Entry($0, $1) })

    static func place(
        _ language: CheckoutLanguage = .english, shop: String? = "Blue Teapot", channels: ChannelList = list,
        assets: CheckoutAssets = .standard
    ) -> CheckoutPlace {
        CheckoutPlace(
            language: language, shop: shop, publicURL: "https://pay.example/checkouts", token: "c1.token",
            carried: [], channels: channels, assets: assets)
    }

    static func view(_ visit: CheckoutVisit, _ language: CheckoutLanguage = .english) -> CheckoutView {
        CheckoutView(visit, in: place(language), revision: "r1")
    }
}

extension CheckoutView {
    /// The channels offered beside the main action.
    var offered: [String] { ways?.choices.map(\.choice) ?? [] }
}
