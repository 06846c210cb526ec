import PayCore
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// The state of the page as a function of the order.
@Suite struct CheckoutStateTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let visit: CheckoutVisit
        let state: String
        var auto: String?
        var primary: String?
        var offered: [String] = []

        var testDescription: String { name }
    }

    private static let all = ["alipay", "wechat", "stripe"]
    private static let others = ["wechat", "stripe"]
    private static let qrOnPC = S.attempt(1, .open, [S.page()])
    private static let ranOut = S.attempt(1, .open, [S.page(left: 0)])
    private static let onPhone = S.attempt(1, .open, [S.page(.html, .h5)], terminal: .h5)
    private static let spent = (1...19).map { S.attempt($0, .failed) }
    private static let lastOnPhone = spent + [S.attempt(20, .open, [S.page(.html, .h5)], terminal: .h5)]
    private static let lastOnPC = spent + [S.attempt(20, .open, [S.page()])]
    private static let bound = S.attempt(
        1, .open, [S.page(.sdk, .jsapi, content: "{}", openID: "o1")], channel: "wechat", terminal: .jsapi,
        openID: "o1")

    static let cases: [Case] = [
        // A live page for this terminal is shown.
        Case(name: "live", visit: S.visit(S.order(.new, [qrOnPC])), state: "ready", offered: others),
        Case(
            name: "live for two terminals",
            visit: S.visit(S.order(.new, [S.attempt(1, .open, [S.page(.html, serves: [.h5])])]), .h5), state: "ready",
            offered: others),
        Case(
            name: "live, in the last second", visit: S.visit(S.order(.new, [qrOnPC], left: 1)), state: "ready",
            offered: others),
        Case(
            name: "live, whatever the news says", visit: S.visit(S.order(.new, [qrOnPC]), news: .refused),
            state: "ready", offered: others),
        Case(
            name: "live, for the payer that it is bound to", visit: S.visit(S.order(.new, [bound]), .jsapi),
            state: "ready"),
        // No live page.
        Case(name: "nothing yet", visit: S.visit(S.order()), state: "choose", offered: all),
        Case(
            name: "refused before", visit: S.visit(S.order(.new, [S.attempt(1, .failed)])), state: "choose",
            offered: all),
        Case(name: "in WeChat, nobody known", visit: S.visit(S.order(), .jsapi), state: "choose"),
        Case(
            name: "in Alipay, nothing yet", visit: S.inAlipay(S.order()), state: "choose", primary: "alipay",
            offered: ["stripe"]),
        Case(
            name: "in Alipay, another channel on a desktop",
            visit: S.inAlipay(S.order(.new, [S.attempt(1, .open, [S.page()], channel: "stripe")])), state: "choose",
            primary: "alipay", offered: ["stripe"]),
        Case(
            name: "in Alipay, Alipay on a desktop", visit: S.inAlipay(S.order(.new, [qrOnPC])), state: "choose",
            auto: "once", primary: "alipay", offered: ["stripe"]),
        Case(
            name: "in Alipay, a page of WeChat's",
            visit: S.inAlipay(
                S.order(.new, [S.attempt(1, .open, [S.page(.redirect, .h5)], channel: "wechat", terminal: .h5)])),
            state: "choose", primary: "alipay", offered: ["stripe"]),
        // Each screen offers what it can do, wherever the order was opened before.
        Case(
            name: "a phone looks at an order made inside WeChat", visit: S.visit(S.order(.new, [bound]), .h5),
            state: "moved", primary: "wechat", offered: ["alipay", "stripe"]),
        Case(
            name: "a desktop looks at an order made inside WeChat", visit: S.visit(S.order(.new, [bound])),
            state: "moved", primary: "wechat", offered: ["alipay", "stripe"]),
        Case(
            name: "a phone looks at an app's order",
            visit: S.visit(S.order(.new, [S.attempt(1, .open, [S.page(.sdk, .app)], terminal: .app)]), .h5),
            state: "moved", primary: "alipay", offered: others),
        Case(
            name: "in WeChat, somebody named", visit: S.visit(S.order(), .jsapi, openID: "o1"), state: "choose",
            offered: all),
        Case(name: "in WeChat, the ways for a browser", visit: S.waysForBrowser(S.order()), state: "choose"),
        Case(
            name: "in WeChat, the ways for a browser, with a card", visit: S.waysForBrowser(S.order(), stripe: true),
            state: "choose", offered: ["stripe"]),
        Case(
            name: "in WeChat, a browser's page of WeChat's",
            visit: S.waysForBrowser(
                S.order(.new, [S.attempt(1, .open, [S.page(.redirect, .h5)], channel: "wechat", terminal: .h5)])),
            state: "choose"),
        Case(name: "in a mini program", visit: S.visit(S.order(), .mini, openID: "o1"), state: "choose"),
        Case(
            name: "a mini program looks at a browser's", visit: S.visit(S.order(.new, [onPhone]), .mini),
            state: "moved"),
        // The handoff: a phone continues automatically, once.
        Case(
            name: "a phone looks at a desktop's", visit: S.visit(S.order(.new, [qrOnPC]), .h5), state: "choose",
            auto: "once", primary: "alipay", offered: others),
        Case(
            name: "a phone looks at a desktop's that ran out", visit: S.visit(S.order(.new, [ranOut]), .h5),
            state: "choose", auto: "once", primary: "alipay", offered: others),
        Case(
            name: "a phone was refused", visit: S.visit(S.order(.new, [qrOnPC]), .h5, news: .unsafe), state: "choose",
            primary: "alipay", offered: others),
        Case(
            name: "a phone that hasn't the channel",
            visit: S.visit(S.order(.new, [qrOnPC]), .h5, channels: [Channel("wechat")!]), state: "choose",
            offered: ["wechat"]),
        // No handoff from a phone to a desktop.
        Case(
            name: "a desktop looks at a phone's", visit: S.visit(S.order(.new, [onPhone])), state: "moved",
            primary: "alipay", offered: others),
        Case(
            name: "WeChat looks at a browser's", visit: S.visit(S.order(.new, [onPhone]), .jsapi), state: "moved"),
        Case(
            name: "a desktop looks at a phone's that ran out",
            visit: S.visit(S.order(.new, [S.attempt(1, .open, [S.page(.html, .h5, left: 0)], terminal: .h5)])),
            state: "choose", offered: all),
        // This terminal's page has expired.
        Case(
            name: "ran out", visit: S.visit(S.order(.new, [ranOut])), state: "renew", auto: "now", primary: "alipay",
            offered: others),
        Case(
            name: "ran out, refused", visit: S.visit(S.order(.new, [ranOut]), news: .refused), state: "renew",
            primary: "alipay", offered: others),
        Case(
            name: "ran out, not to be called",
            visit: S.visit(S.order(.new, [ranOut]), news: .unavailable, wished: "alipay", wait: 30),
            state: "renew", auto: "30", primary: "alipay", offered: others),
        // Only the last requested channel, or a channel without costs, is requested automatically.
        Case(
            name: "ran out, another channel not to be called",
            visit: S.visit(S.order(.new, [ranOut]), news: .unavailable, wished: "wechat", wait: 30),
            state: "renew", primary: "alipay", offered: others),
        Case(
            name: "ran out, and can't be had here",
            visit: S.visit(S.order(.new, [ranOut]), news: .unavailable, wished: "alipay"), state: "renew",
            primary: "alipay", offered: others),
        Case(
            name: "ran out, and another costs a number",
            visit: S.visit(S.order(.new, [ranOut]), costly: ["alipay"]), state: "renew", primary: "alipay",
            offered: others),
        Case(
            name: "an answer that says nothing, and asking again costs a number",
            visit: S.visit(S.order(.new, [S.attempt(1, S.creating)]), costly: ["alipay"]), state: "unknown",
            primary: "alipay", offered: others),
        Case(
            name: "a phone that a link told to be one",
            visit: S.visit(S.order(.new, [qrOnPC]), .h5, isSeen: false), state: "choose", primary: "alipay",
            offered: others),
        Case(
            name: "a phone asked for another channel too often",
            visit: S.visit(S.order(.new, [qrOnPC]), .h5, news: .tooOften, wished: "wechat", wait: 5),
            state: "choose", primary: "alipay", offered: others),
        // The last attempt is live on another screen. No further attempt is possible, and the buyer must not order
        // again.
        Case(
            name: "the last number is a phone's", visit: S.visit(S.order(.new, lastOnPhone), news: .tooMany),
            state: "moved"),
        Case(name: "the last number is a desktop's", visit: S.visit(S.order(.new, lastOnPC), .h5), state: "moved"),
        // A provider call is in progress.
        Case(
            name: "asking for a page",
            visit: S.visit(S.order(.new, [S.attempt(1, S.creating)], lease: S.lease(8))), state: "working", auto: "8",
            primary: "alipay"),
        Case(
            name: "asking for another screen's page",
            visit: S.visit(S.order(.new, [S.attempt(1, S.creating, terminal: .h5)], lease: S.lease(8))),
            state: "working"),
        Case(
            name: "closing an old page",
            visit: S.visit(S.order(.new, [S.attempt(1, S.closing, [S.page()])], lease: S.lease(8))), state: "working"),
        Case(
            name: "between closing and asking",
            visit: S.visit(S.order(.new, [S.attempt(1, .closed, [S.page()])], lease: S.lease(8))), state: "working"),
        // A provider's result is unknown.
        Case(
            name: "no answer came",
            visit: S.visit(S.order(.new, [S.attempt(1, S.creating)], lease: S.lease(8, unanswered: true))),
            state: "unknown", auto: "8", primary: "alipay", offered: others),
        Case(
            name: "an answer that says nothing", visit: S.visit(S.order(.new, [S.attempt(1, S.creating)])),
            state: "unknown", auto: "3", primary: "alipay", offered: others),
        Case(
            name: "half closed, by another", visit: S.visit(S.order(.new, [S.attempt(1, S.closing, [S.page()])])),
            state: "unknown"),
        Case(
            name: "half closed, by this page",
            visit: S.visit(
                S.order(.new, [S.attempt(1, S.closing, [S.page()])]), news: .unknown, wished: "wechat", wait: 10),
            state: "unknown", auto: "3", primary: "wechat"),
        Case(
            name: "unknown, with nothing live",
            visit: S.visit(
                S.order(.new, [S.attempt(1, .exposed(closeUnansweredAt: S.now))]), news: .unknown, wished: "alipay",
                wait: 10),
            state: "unknown", auto: "10", primary: "alipay"),
        Case(
            name: "another process is at it",
            visit: S.visit(S.order(.new, [S.attempt(1, .closed)]), news: .busy, wished: "wechat", wait: 4),
            state: "working", auto: "4", primary: "wechat"),
        // The order has ended.
        Case(name: "at the cut-off", visit: S.visit(S.order(.new, [qrOnPC], left: 0)), state: "timeup"),
        Case(
            name: "paid",
            visit: S.visit(S.order(.paid(by: qrOnPC.number, at: S.now)), news: .unknown, wished: "alipay"),
            state: "paid"),
        Case(name: "closed", visit: S.visit(S.order(.closed(at: S.now)), news: .refused), state: "closed"),
        Case(name: "expired", visit: S.visit(S.order(.expired(at: S.now))), state: "expired"),
    ]

    @Test(arguments: cases) func `each state of an order has its page state and its next step`(given: Case) {
        let view = S.view(given.visit)
        #expect(view.state == given.state)
        #expect(view.primary?.auto == given.auto)
        #expect(view.primary?.primaryChannel == given.primary)
        #expect(view.offered == given.offered)
    }

    @Test(arguments: cases, CheckoutLanguage.allCases)
    func `no checkout page is a dead end, in any language`(given: Case, language: CheckoutLanguage) {
        let view = S.view(given.visit, language)
        #expect(!view.headline.isEmpty)
        #expect(view.leads.allSatisfy { !$0.isEmpty })
        #expect(view.leads.isEmpty == (view.alarm != nil))
        let hasSomethingToDo =
            view.primary != nil || view.ways != nil || view.open != nil || view.code != nil || view.invoke != nil
            || view.inWeChat != nil || view.returnLink != nil || view.mayClose
        let saysWhatHappens = view.wakeIn != nil || view.again != nil
        #expect(hasSomethingToDo || saysWhatHappens)
        #expect(view.returnLink != nil || view.foot?.cancelLink != nil, "the shop is one click away, always")
    }

    @Test(arguments: cases) func `an automatic retry waits at least three seconds`(
        given: Case
    ) {
        guard let auto = S.view(given.visit).primary?.auto, let seconds = Int(auto) else { return }
        #expect(seconds >= 3)
    }

    @Test(arguments: cases) func `no other channel is offered while an old page may take money or after the cut-off`(
        given: Case
    ) {
        let isClosing = given.visit.order.liveAttempt?.state.name == .closing
        guard isClosing || ["timeup", "paid", "closed", "expired"].contains(given.state) else { return }
        #expect(given.offered.isEmpty)
    }

    @Test func `the page of an order with 20 attempts offers no other channel, and says so`() {
        let attempts = (1...PayRules.mostAttempts).map { S.attempt($0, .failed) }
        let view = S.view(S.visit(S.order(.new, attempts)))
        #expect(view.offered.isEmpty)
        #expect(view.notice?.word == "toomany")
    }
}
