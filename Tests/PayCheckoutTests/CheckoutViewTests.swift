import PayCore
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// The content of the page in each state.
@Suite struct CheckoutViewTests {
    private func ready(_ page: Page, _ terminal: Terminal = .pc, channel: String = "alipay") -> CheckoutView {
        S.view(S.visit(S.order(.new, [S.attempt(1, .open, [page], channel: channel, terminal: terminal)]), terminal))
    }

    @Test func `a QR code is drawn and can be renewed`() {
        let view = ready(S.page(.qr))
        #expect(view.code?.svg.hasPrefix("<svg ") == true)
        #expect(view.fresh == "alipay")
        #expect(view.headline == "Scan with Alipay")
        #expect(view.open == nil && view.invoke == nil && view.appParameters == nil)
    }

    @Test func `a phone that would have to scan its own screen is offered other channels`() {
        let view = ready(S.page(.qr, .h5), .h5)
        #expect(view.leads == [CheckoutTexts.english.cannotScanHere])
        #expect(view.offered == ["wechat", "stripe"])
    }

    @Test(arguments: [(Terminal.pc, true), (.h5, false)])
    func `a provider's page opens in a new tab on a desktop, and in the same tab on a phone`(
        terminal: Terminal, newTab: Bool
    ) {
        let view = ready(S.page(.html, terminal, content: "<p>"), terminal)
        #expect(
            view.open?.href
                == "/checkouts/checkout/c1.token/page?channel=alipay&terminal=\(terminal.rawValue)")
        #expect(view.open?.newTab == newTab)
        #expect(ready(S.page(.redirect, terminal, content: "https://p.example/1"), terminal).open?.newTab == newTab)
    }

    @Test(arguments: [
        ("https://pay.example/1?a=b&c=d", true), ("http://127.0.0.1:8080/pay", true), ("http://localhost/pay", true),
        ("http://pay.example/1", false), ("javascript:alert(1)", false), ("JaVaScRiPt:alert(1)//https://x", false),
        ("data:text/html,<script>", false), ("//evil.example/", false), ("/checkout/x", false),
        ("https://user@evil.example/", false), (" https://pay.example/1", false), ("https:///pay", false), ("", false),
    ])
    func `a redirect to anything but an https address is not linked`(url: String, isLink: Bool) {
        let view = ready(S.page(.redirect, content: url))
        #expect(view.state == (isLink ? "ready" : "choose"))
        #expect(view.open?.href == (isLink ? url : nil))
        #expect(view.primary == nil)
        #expect(view.offered == (isLink ? ["wechat", "stripe"] : ["alipay", "wechat", "stripe"]))
    }

    @Test func `a QR payload that can't be drawn is not shown as a page`() {
        #expect(ready(S.page(.qr, content: String(repeating: "a", count: 3_000))).state == "choose")
    }

    @Test func `payment parameters go to WeChat by a button, and to an app unchanged`() {
        let inWeChat = S.view(
            S.visit(
                S.order(
                    .new,
                    [
                        S.attempt(
                            1, .open, [S.page(.sdk, .jsapi, content: "{}", openID: "o1")], channel: "wechat",
                            terminal: .jsapi, openID: "o1")
                    ]), .jsapi))
        #expect(inWeChat.invoke?.parameters == "{}")
        #expect(inWeChat.appParameters == nil)
        #expect(inWeChat.inWeChat?.browserHref == "/checkouts/checkout/c1.token?terminal=h5")
        let inApp = ready(S.page(.sdk, .app, content: "a=b"), .app)
        #expect(inApp.appParameters == "a=b")
        #expect(inApp.invoke == nil)
    }

    @Test func `a mini program's payment is told of, and no page can make it`() {
        let page = S.page(.sdk, .mini, content: "{}", openID: "o1")
        let attempt = S.attempt(1, .open, [page], channel: "wechat", terminal: .mini, openID: "o1")
        let order = S.order(.new, [attempt])
        for terminal in [Terminal.pc, .h5, .jsapi, .mini] {
            let view = S.view(S.visit(order, terminal))
            #expect(view.invoke == nil && view.appParameters == nil, "\(terminal)")
            #expect(view.state == (terminal == .mini ? "ready" : "moved"), "\(terminal)")
        }
        for shown in [order, S.order()] {
            let within = S.view(S.visit(shown, .mini))
            #expect(within.headline == CheckoutTexts.english.miniTitle)
            #expect(within.ways == nil)
            #expect(within.inWeChat == nil, "its web view has no menu that opens a browser")
        }
    }

    @Test func `the ways for a browser don't deny that the order can be paid inside WeChat`() {
        var visit = S.waysForBrowser(S.order())
        visit.jsapiMayPay = true
        let view = S.view(visit)
        #expect(view.headline == CheckoutTexts.english.openInBrowserTitle && view.leads.isEmpty)
        #expect(view.inWeChat?.hint == CheckoutTexts.english.inWeChat)
    }

    @Test func `inside WeChat, the ways for a browser lead to a browser`() {
        let texts = CheckoutTexts.english
        let view = S.view(S.waysForBrowser(S.order()))
        #expect(view.headline == texts.openInBrowserTitle)
        #expect(view.leads == [texts.notInWeChat])
        #expect(view.inWeChat?.hint == texts.inWeChat)
        #expect(view.inWeChat?.browserHref == nil, "the page does not lead to itself")
        #expect(S.view(S.waysForBrowser(S.order(), stripe: true)).inWeChat?.hint == texts.inWeChat)
    }

    @Test(arguments: [(Terminal.pc, true), (.h5, false), (.app, false), (.jsapi, false), (.mini, false)])
    func `only a desktop page offers a handoff to a phone`(terminal: Terminal, isOffered: Bool) {
        #expect((S.view(S.visit(S.order(), terminal)).handoff != nil) == isOffered)
    }

    @Test func `the countdown runs to the cut-off, and the page is redrawn at every expiry`() {
        let view = ready(S.page(left: 600))
        #expect(view.summary?.timer?.secondsLeft == 1_740)
        #expect(view.summary?.timer?.clockLeft == "29:00")
        #expect(view.summary?.timer?.until == "2026-11-22T10:29:00Z")
        #expect(view.wakeIn == 600)
        #expect(ready(S.page(left: 3_600)).wakeIn == 1_740)
        #expect(view.summary?.timer?.isNear == false, "the page shows the time instead")
        #expect(S.view(S.visit(S.order(left: 601))).summary?.timer?.isNear == false)
        #expect(S.view(S.visit(S.order(left: 600))).summary?.timer?.isNear == true)
        let over = S.view(S.visit(S.order(.paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now))))
        #expect(over.summary?.timer == nil)
        #expect(over.wakeIn == nil)
        #expect(over.summary?.paidTime?.instant == "2026-11-22T10:00:00Z")
    }

    @Test(arguments: [(0, "00:00"), (59, "00:59"), (3_599, "59:59"), (3_600, "1:00:00"), (1_296_000, "360:00:00")])
    func `the remaining time is written as a clock`(seconds: Int64, text: String) {
        #expect(ClockText.text(seconds) == text)
    }

    @Test(arguments: CheckoutNews.allCases)
    func `beside a live page, only news of an unfulfilled request is shown`(news: CheckoutNews) {
        let view = S.view(S.visit(S.order(.new, [S.attempt(1, .open, [S.page()])]), news: news, wished: "wechat"))
        #expect(view.state == "ready")
        let isTold = [CheckoutNews.unavailable, .tooOften, .tooMany, .unsafe].contains(news)
        #expect(view.notice?.word == (isTold ? news.rawValue : nil))
    }

    @Test(arguments: CheckoutNews.allCases)
    func `news without a channel promises no automatic retry`(news: CheckoutNews) {
        let view = S.view(S.visit(S.order(), news: news))
        #expect(view.state == "choose")
        #expect(view.notice?.word == ([.unknown, .busy].contains(news) ? nil : news.rawValue))
    }

    @Test func `a call of another window is shown and waited for`() {
        let view = S.view(S.visit(S.order(), news: .busy, wished: "wechat", wait: 4))
        #expect(view.state == "working")
        #expect(view.notice?.word == "busy")
        #expect(view.primary?.auto == "4")
    }

    @Test(arguments: CheckoutNews.allCases, ["paid", "closed", "expired", "timeup"])
    func `the order's state overrides the news`(news: CheckoutNews, over: String) {
        let states: [String: OrderState] = [
            "paid": .paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now), "closed": .closed(at: S.now),
            "expired": .expired(at: S.now),
        ]
        let order = S.order(states[over] ?? .new, left: over == "timeup" ? 0 : 60)
        let view = S.view(S.visit(order, news: news, wished: "wechat", wait: 5))
        #expect(view.state == over)
        #expect(view.notice == nil && view.alarm == nil && view.primary == nil)
    }

    @Test func `without a return_url, the page of an ended order says that the window can be closed`() {
        let closed = S.view(S.visit(S.order(.closed(at: S.now), returnURL: nil)))
        #expect(closed.returnLink == nil)
        #expect(closed.mayClose)
        #expect(!S.view(S.visit(S.order(returnURL: nil))).mayClose)
    }

    @Test func `progress shows two steps only if an old page has to be closed`() {
        func steps(_ attempts: [Attempt]) -> [String] {
            S.view(S.visit(S.order(.new, attempts, lease: S.lease(8)))).stepList?.steps.map(\.progress) ?? []
        }
        #expect(steps([S.attempt(1, S.closing, [S.page()])]) == ["now", "next"])
        #expect(steps([S.attempt(1, .closed), S.attempt(2, S.creating)]) == ["done", "now"])
        #expect(steps([S.attempt(1, .exposed(closeUnansweredAt: nil))]) == ["next", "now"], "it was not closed")
        #expect(steps([S.attempt(1, S.creating)]) == [])
        #expect(steps([S.attempt(1, .failed), S.attempt(2, S.creating)]) == [])
    }

    @Test func `progress names the channel of the new page, never that of the old one`() {
        let closing = S.order(.new, [S.attempt(1, S.closing, [S.page()], channel: "wechat")], lease: S.lease(8))
        let closed = S.order(.new, [S.attempt(1, .closed, channel: "wechat")], lease: S.lease(8))
        func step(_ order: Order, underWay: String? = nil, wished: String? = nil) -> String? {
            let news: CheckoutNews? = wished == nil ? nil : .busy
            return S.view(S.visit(order, news: news, wished: wished, underWay: underWay)).stepList?.steps.last?.label
        }
        for order in [closing, closed] {
            #expect(step(order, underWay: "alipay") == "Asking Alipay for a new payment page")
            #expect(step(order, wished: "alipay") == "Asking Alipay for a new payment page")
            #expect(step(order) == "Opening the new payment page")
        }
        let opening = S.order(
            .new, [S.attempt(1, .closed, channel: "wechat"), S.attempt(2, S.creating)], lease: S.lease(8))
        #expect(step(opening) == "Asking Alipay for a new payment page")
    }

    @Test func `an outstanding answer is expected from the provider that was asked`() {
        let closing = S.order(
            .new, [S.attempt(1, S.closing, [S.page()], channel: "wechat")], lease: S.lease(8, unanswered: true))
        let view = S.view(S.visit(closing, news: .unknown, wished: "alipay"))
        #expect(view.headline == "Waiting for WeChat Pay")
        #expect(view.alarm?.alarmLead.hasPrefix("WeChat Pay hasn’t") == true)
        #expect(view.primary?.primaryChannel == "alipay", "the press is repeated for the new channel")
        let opening = S.order(
            .new, [S.attempt(1, .closed, channel: "wechat"), S.attempt(2, S.creating)],
            lease: S.lease(8, unanswered: true))
        #expect(S.view(S.visit(opening)).headline == "Waiting for Alipay")
    }

    @Test(arguments: CheckoutNews.allCases)
    func `the channel that was refused is marked among the others`(news: CheckoutNews) {
        let view = S.view(S.visit(S.order(.new, [S.attempt(1, .failed)]), news: news, wished: "wechat"))
        let marked = view.ways?.choices.filter { $0.choiceFlaw != nil }.map(\.choice)
        #expect(marked == ([.unknown, .busy].contains(news) ? nil : news.isOfChannel ? ["wechat"] : []))
    }

    @Test func `a paid order goes back to the shop after five seconds, unless there is more to read`() {
        let paid = OrderState.paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now)
        #expect(S.view(S.visit(S.order(paid))).returnLink?.leaveAfter == 5)
        #expect(S.view(S.visit(S.order(paid, refunds: [S.refund(.pending)]))).returnLink?.leaveAfter == nil)
        #expect(S.view(S.visit(S.order(paid, returnURL: nil))).returnLink == nil)
        for other in [OrderState.closed(at: S.now), .expired(at: S.now)] {
            #expect(S.view(S.visit(S.order(other))).returnLink != nil)
            #expect(S.view(S.visit(S.order(other))).returnLink?.leaveAfter == nil)
        }
        let open = S.view(S.visit(S.order()))
        #expect(open.returnLink == nil && open.foot?.cancelLink?.cancelTo == "https://shop.example/orders/1")
    }

    @Test func `with the last attempt live elsewhere, the buyer is not told to order again`() {
        let attempts = (1...19).map { S.attempt($0, .failed) }
        let order = S.order(.new, attempts + [S.attempt(20, .open, [S.page(.html, .h5)], terminal: .h5)])
        #expect(S.view(S.visit(order, news: .tooMany)).notice == nil)
        #expect(S.view(S.visit(order)).notice == nil)
    }

    @Test func `without a script, a page with automatic retries reloads itself without its news`() {
        let view = S.view(S.visit(S.order(), news: .busy, wished: "wechat", wait: 4))
        #expect(view.again?.isForScriptless == true)
        #expect(view.reload?.reloadFrom == view.action)
        #expect(!view.action.contains("news"))
    }

    @Test func `a refund is announced to screen readers`() {
        let order = S.order(
            .paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now), [S.attempt(1, .paid)],
            refunds: [S.refund(.pending)])
        let view = S.view(S.visit(order))
        #expect(view.announcement.contains("A second payment of CN¥99.00 arrived. It is being returned to you."))
    }
}

extension CheckoutNews {
    /// Whether another channel may work.
    fileprivate var isOfChannel: Bool { self == .refused || self == .unavailable }
}
