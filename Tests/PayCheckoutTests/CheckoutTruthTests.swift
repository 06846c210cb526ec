import PayCore
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// Nothing on the page is untrue: each text that a page shows is checked against the order.
@Suite struct CheckoutTruthTests {
    @Test func `each text has its claims`() {
        let names = ShownTexts.all(of: .english).map(\.name)
        for name in names where !name.contains(".") { #expect(Claim.ofTexts[name] != nil, "\(name)") }
        for name in Claim.ofTexts.keys { #expect(names.contains(name), "\(name)") }
    }

    /// The texts are recognized by their English words.
    @Test func `no two English texts with claims are the same`() {
        var seen: [String: Set<Claim>] = [:]
        for text in ShownTexts.all(of: .english) where !text.isName {
            let claims = Claim.of(text) ?? []
            #expect(seen[text.words] == nil || seen[text.words] == claims, "\(text.words)")
            seen[text.words] = claims
        }
    }

    @Test(arguments: CheckoutStateTests.cases) func `a page of a known state says nothing untrue`(
        given: CheckoutStateTests.Case
    ) {
        #expect(lies(of: ShownPage(given.visit)) == [])
    }

    @Test(arguments: Terminal.allCases.filter { $0 != .mini }) func `no page says anything untrue`(terminal: Terminal) {
        for attempts in Self.histories {
            for lease in [nil, S.lease(8), S.lease(8, unanswered: true)] {
                for news in [nil, .unknown, .busy] + (lease == nil ? Self.refusals : []) {
                    let order = S.order(.new, attempts, lease: lease)
                    // A refusal because of too many attempts, or of an unsafe switch, needs such an order.
                    if news == .tooMany, attempts.count < PayRules.mostAttempts { continue }
                    if news == .unsafe, !attempts.contains(where: { Self.mayTakeMoney.contains($0.state.name) }) {
                        continue
                    }
                    for costly in [[], news == .unknown ? ["alipay", "wechat"] : ["alipay"]] {
                        let visit = S.visit(
                            order, terminal, openID: terminal == .jsapi ? "o1" : "", costly: costly, news: news,
                            wished: news.map { _ in "wechat" }, wait: 4)
                        let told = "\(attempts.map(\.state.name)) \(lease as Any) \(news as Any) \(costly)"
                        #expect(lies(of: ShownPage(visit)) == [], "\(told)")
                    }
                }
            }
        }
    }

    @Test func `with a single channel, or none, a page says nothing untrue`() {
        for channels in [[], ["alipay"], ["wechat"]].map({ $0.compactMap(Channel.init) }) {
            for attempts in Self.histories {
                for terminal in [Terminal.pc, .h5, .jsapi] {
                    let visit = S.visit(S.order(.new, attempts), terminal, channels: channels)
                    #expect(lies(of: ShownPage(visit)) == [], "\(attempts.map(\.state.name)) \(channels) \(terminal)")
                }
            }
        }
    }

    @Test(arguments: RefundCause.allCases, RefundState.allCases)
    func `a page with refunds says nothing untrue`(cause: RefundCause, state: RefundState) {
        for order in [
            OrderState.paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now), .closed(at: S.now),
            .expired(at: S.now), .new,
        ] {
            for amount: Int64 in [9_900, 100] {
                let isPaid = order.name == .paid
                let shown = S.order(
                    order, [S.attempt(1, isPaid ? .paid : .closed)], receipts: isPaid ? [S.payment] : [],
                    refunds: [S.refund(state, cause, amount: amount)])
                #expect(lies(of: ShownPage(S.visit(shown))) == [], "\(order) \(amount)")
            }
        }
    }

    @Test func `after the cut-off, a page says nothing untrue`() {
        for attempts in Self.histories {
            #expect(lies(of: ShownPage(S.visit(S.order(.new, attempts, left: 0)))) == [])
        }
    }

    /// The check itself: each text with a claim is untrue somewhere.
    @Test func `a text in the wrong state is found`() {
        let visits = [
            S.visit(S.order()), S.visit(S.order(.paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now))),
            S.visit(S.order(.new, [S.attempt(1, .exposed(closeUnansweredAt: nil))])),
        ]
        for text in ShownTexts.all(of: .english) {
            let isRefund = RefundClaim(text) != nil
            guard isRefund || Claim.of(text)?.isEmpty == false else { continue }
            // Every sample has a way back. Its label is checked by an order without one.
            let shown = visits + [S.visit(S.order(returnURL: nil))]
            let words = text.words.replacing("{}", with: "Alipay")
            #expect(shown.contains { !lies(in: [words], of: ShownPage($0)).isEmpty }, "\(text.name)")
        }
    }

    // MARK: The check

    /// The names of the shown texts whose claims do not hold.
    private func lies(of page: ShownPage) -> [String] {
        lies(in: VisibleText.runs(of: CheckoutTemplate.html(page.view)), of: page)
    }

    private func lies(in runs: [String], of page: ShownPage) -> [String] {
        runs.compactMap(Self.text).filter { text in
            if let refund = RefundClaim(text) { return !refund.holds(for: page.visit.order) }
            return !(Claim.of(text) ?? []).allSatisfy { $0.holds(for: page) }
        }.map(\.name)
    }

    /// Each text with the words before and after its placeholder.
    private static let texts = ShownTexts.all(of: .english).filter { !$0.isName }.map { text in
        (text: text, parts: text.words.split(separator: "{}", omittingEmptySubsequences: false).map(String.init))
    }

    /// The text that these words are; of several the one with the longest pattern.
    private static func text(_ words: String) -> ShownText? {
        texts.filter { text, parts in
            guard parts.count == 2 else { return words == text.words }
            return words.utf8.count >= text.words.utf8.count - 2 && words.hasPrefix(parts[0])
                && words.hasSuffix(parts[1])
        }.max { $0.text.words.utf8.count < $1.text.words.utf8.count }?.text
    }

    // MARK: The samples

    private static let refusals: [CheckoutNews?] = [.refused, .unavailable, .tooOften, .tooMany, .unsafe]
    private static let mayTakeMoney: [AttemptStateName] = [.open, .closing, .exposed]
    private static let exposed = AttemptState.exposed(closeUnansweredAt: nil)

    private static func sdk(_ sequence: Int) -> Attempt {
        S.attempt(
            sequence, .open, [S.page(.sdk, .jsapi, content: "{}", openID: "o1")], channel: "wechat", terminal: .jsapi,
            openID: "o1")
    }

    private static let histories: [[Attempt]] = [
        [],
        [S.attempt(1, .failed)],
        [S.attempt(1, S.creating)],
        [S.attempt(1, S.creating, terminal: .h5)],
        [S.attempt(1, .open, [S.page()])],
        [S.attempt(1, .open, [S.page(left: 0)])],
        [S.attempt(1, .open, [S.page(.html, .h5)], terminal: .h5)],
        [S.attempt(1, .open, [S.page(.qr, .h5)], terminal: .h5)],
        [S.attempt(1, .open, [S.page(.sdk, .app, content: "a=b")], terminal: .app)],
        [sdk(1)],
        [S.attempt(1, S.closing, [S.page()])],
        [S.attempt(1, exposed, [S.page()])],
        [S.attempt(1, exposed, [S.page()]), S.attempt(2, S.creating)],
        [S.attempt(1, exposed, [S.page()]), S.attempt(2, .failed)],
        [S.attempt(1, exposed, [S.page()]), S.attempt(2, .open, [S.page()], channel: "wechat")],
        [S.attempt(1, .closed, [S.page()])],
        [S.attempt(1, .closed, [S.page()]), S.attempt(2, S.creating, channel: "wechat")],
        [S.attempt(1, .closed, [S.page()]), S.attempt(2, .failed, channel: "wechat")],
        (1...20).map { S.attempt($0, .failed) },
        (1...19).map { S.attempt($0, .failed) } + [S.attempt(20, exposed, [S.page()])],
        (1...19).map { S.attempt($0, .failed) } + [S.attempt(20, .open, [S.page(.html, .h5)], terminal: .h5)],
    ]
}
