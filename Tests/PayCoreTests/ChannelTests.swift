import Testing

@testable import PayCore

/// A channel that is paused, or no longer configured.
@Suite struct `A channel that is out of service` {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let attempts: [Attempt]
        let call: OpeningCall
        let second: Int
        let step: String

        init(_ what: String, _ attempts: [Attempt], _ call: OpeningCall, at second: Int = 5, _ step: String = "") {
            (testDescription, self.attempts, self.call, self.second) = (what, attempts, call, second)
            self.step = step
        }
    }

    private static let live = page(until: at(300))
    private static let exposed = AttemptState.exposed(closeUnansweredAt: nil)
    private static let longUnknown = AttemptState.creating(Tries(count: 4, firstUnknownAt: at(0), recoverAt: at(10)))

    private static func paused(
        _ terminal: Terminal = .pc, fresh: Bool = false, terms: ProviderTerms = terms()
    ) -> OpeningCall {
        call(sandbox, terminal, fresh: fresh, terms: terms, acceptsNewAttempts: false)
    }

    static let pausedRefusals = [
        Row("a first number", [], paused()),
        Row("the next number after a refusal", [attempt(first, .failed)], paused()),
        Row("a switch from another channel", [attempt(first, .open, channel: wechat, pages: [live])], paused()),
        Row(
            "another channel's unknown create that would give way", [attempt(first, firstTry, channel: wechat)],
            paused()),
        Row("another number for one that stayed unknown", [attempt(first, longUnknown)], paused(), at: 100),
        Row("another channel's half closed attempt", [attempt(first, beingClosed, channel: wechat)], paused(), at: 20),
        Row(
            "a terminal that the open trade can't serve", [attempt(first, .open, pages: [live])],
            paused(.app, terms: wechatLike)),
        Row(
            "another number where one may not be asked twice", [attempt(first, .open, pages: [live])],
            paused(terms: terms(mayBeAskedAgain: false)), at: 300),
        Row(
            "an old page that would be closed before another number", [attempt(first, exposed, pages: [live])],
            paused()),
    ]

    @Test(arguments: pausedRefusals) func `a paused channel refuses a new attempt before anything changes`(row: Row)
        throws
    {
        var order = order(row.attempts, fence: 2)
        let before = order
        #expect(try order.beginOpening(row.call, at: at(row.second)) == .refuse(.channelUnavailable))
        #expect(order == before)
    }

    static let pausedSteps = [
        Row("its live page", [attempt(first, .open, pages: [live])], paused(), "serve"),
        Row("a page whose time is over", [attempt(first, .open, pages: [live])], paused(), at: 300, "create"),
        Row("a fresh page", [attempt(first, .open, pages: [live])], paused(fresh: true), "create"),
        Row("a page for another terminal", [attempt(first, .open, pages: [live])], paused(.app), "create"),
        Row("a create whose outcome is not known", [attempt(first, firstTry)], paused(), at: 20, "create"),
        Row(
            "the way back to an exposed attempt", [attempt(first, exposed, pages: [live])],
            paused(terms: alipayLike), "revive"),
        Row(
            "the way back from another channel",
            [attempt(first, exposed, pages: [live]), attempt(second, .open, channel: wechat, pages: [live])],
            paused(terms: alipayLike), "close"),
    ]

    @Test(arguments: pausedSteps) func `a paused channel finishes the attempts that it has`(row: Row) throws {
        var order = order(row.attempts, fence: 2)
        #expect(try word(order.beginOpening(row.call, at: at(row.second))) == row.step)
    }

    static let missingRefusals = [
        Row(
            "a switch from its live page", [attempt(first, .open, channel: wechat, pages: [live])],
            call(missing: [wechat])),
        Row(
            "its half closed attempt", [attempt(first, beingClosed, channel: wechat, pages: [live])],
            call(missing: [wechat]), at: 20),
        Row(
            "a create that is sent again beside an old page of it",
            [attempt(first, exposed, channel: wechat, pages: [live]), attempt(second, firstTry)],
            call(missing: [wechat]), at: 20),
        Row(
            "the next number beside an old page of it", [attempt(first, exposed, channel: wechat, pages: [live])],
            call(missing: [wechat])),
        Row(
            "a way back beside an old page of it",
            [attempt(first, exposed, channel: wechat, pages: [live]), attempt(second, exposed, pages: [live])],
            call(terms: alipayLike, missing: [wechat])),
        Row(
            "a number that would follow another's beside an old page of it",
            [
                attempt(first, exposed, channel: wechat, pages: [live]),
                attempt(second, .open, pages: [live]),
            ], call(sandbox, .app, terms: wechatLike, missing: [wechat])),
    ]

    @Test(arguments: missingRefusals)
    func `no page is created beside an attempt of a missing channel that may take money`(row: Row) throws {
        for policy in SwitchPolicy.allCases {
            var order = order(row.attempts, fence: 2)
            let before = order
            let call = row.call.under(rules(switching: policy))
            #expect(try order.beginOpening(call, at: at(row.second)) == .refuse(.switchUnsafe))
            #expect(order == before)
        }
    }

    @Test(arguments: [firstTry, beingClosed])
    func `an attempt of a missing channel without a page does not block a pay call`(state: AttemptState) throws {
        var order = order([attempt(first, state, channel: wechat)], fence: 2)
        #expect(try word(order.beginOpening(call(missing: [wechat]), at: at(20))) == "beginAgain")
        #expect(try word(order.beginOpening(call(missing: [wechat]), at: at(40))) == "create")
    }

    @Test(arguments: [firstTry, .open, beingClosed, exposed])
    func `an attempt of a missing channel keeps the merchant from closing the order`(state: AttemptState) throws {
        var order = order([attempt(first, state, channel: wechat, pages: [Self.live])], fence: 2)
        let before = order
        func close() throws -> MerchantCloseStep {
            try order.beginMerchantClose(
                by: worker, holding: nil, asked: [], rules: rules(), at: at(20), isConfigured: { $0 != wechat })
        }
        #expect(try close() == .refuse(.switchUnsafe))
        #expect(order == before)
    }

    private func word(_ step: OpeningStep) -> String {
        switch step {
        case .refuse(let refusal): "\(refusal)"
        case .serve: "serve"
        case .wait: "wait"
        case .create: "create"
        case .close: "close"
        case .closeAgain: "closeAgain"
        case .queryToRevive: "revive"
        case .beginAgain: "beginAgain"
        }
    }
}

extension OpeningCall {
    fileprivate func under(_ rules: PayRules) -> OpeningCall {
        OpeningCall(
            wish: wish, clientIP: clientIP, takesStoredPage: takesStoredPage, notifyURL: notifyURL, channels: channels,
            rules: rules, worker: worker, asked: asked, pause: pause, acceptsNewAttempts: acceptsNewAttempts)
    }
}
