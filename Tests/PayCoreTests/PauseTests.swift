import Testing

@testable import PayCore

/// No call is made to a paused provider, and nothing is stored for such a call.
@Suite struct `While a provider is paused` {
    private static let pause = Duration.seconds(5)
    private static let refusal = OpeningStep.refuse(.providerUnavailable(retryAfter: pause))

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let attempts: [Attempt]
        let call: OpeningCall
        let second: Int

        init(_ what: String, _ attempts: [Attempt], _ call: OpeningCall, at second: Int = 5) {
            (testDescription, self.attempts, self.call, self.second) = (what, attempts, call, second)
        }
    }

    private static let live = page(until: at(300))

    private static func paused(
        _ channel: Channel = sandbox, _ terminal: Terminal = .pc, fresh: Bool = false, terms: ProviderTerms = terms(),
        rules: PayRules = rules()
    ) -> OpeningCall {
        call(
            channel, terminal, fresh: fresh, terms: terms, others: [sandbox: terms, wechat: terms], rules: rules,
            pause: pause)
    }

    private static let longUnknown = AttemptState.creating(Tries(count: 4, firstUnknownAt: at(0), recoverAt: at(10)))

    static let refused = [
        Row("a first number", [], paused()),
        Row("the next number after a refusal", [attempt(first, .failed)], paused()),
        Row("a create whose outcome is not known", [attempt(first, firstTry)], paused()),
        Row(
            "another number for one that stayed unknown", [attempt(first, longUnknown)], paused(), at: 100),
        Row(
            "another channel's unknown create that would give way", [attempt(first, firstTry, channel: wechat)],
            paused()),
        Row("a page whose time is over", [attempt(first, .open, pages: [live])], paused(), at: 300),
        Row("a fresh page", [attempt(first, .open, pages: [live])], paused(fresh: true)),
        Row("a page for another terminal", [attempt(first, .open, pages: [live])], paused(sandbox, .app)),
        Row("a switch from another channel", [attempt(first, .open, channel: wechat, pages: [live])], paused()),
        Row(
            "another number where one may not be asked twice", [attempt(first, .open, pages: [live])],
            paused(terms: terms(mayBeAskedAgain: false)), at: 300),
        Row(
            "the way back to an exposed attempt", [attempt(first, .exposed(closeUnansweredAt: nil), pages: [live])],
            paused(terms: alipayLike)),
        Row(
            "the way back from another channel",
            [
                attempt(first, .exposed(closeUnansweredAt: nil), pages: [live]),
                attempt(second, .open, channel: wechat, pages: [live]),
            ], paused(terms: alipayLike)),
        Row(
            "an old page that would be closed before another number",
            [attempt(first, .exposed(closeUnansweredAt: nil), pages: [live])], paused()),
    ]

    @Test(arguments: refused) func `a paused provider is not called, and nothing is stored`(_ row: Row) throws {
        var order = order(row.attempts, fence: 2)
        let before = order
        #expect(try order.beginOpening(row.call, at: at(row.second)) == Self.refusal)
        #expect(order == before)
    }

    @Test func `a paused provider's live page is still served`() throws {
        var order = order([attempt(first, .open, pages: [Self.live])], fence: 2)
        #expect(try order.beginOpening(Self.paused(), at: at(5)) == .serve(served(Self.live)))
    }

    @Test func `an order that is over or has no attempts left is refused for that, even if the provider is paused`()
        throws
    {
        var late = order([], fence: 2)
        #expect(try late.beginOpening(Self.paused(), at: at(1_740)) == .refuse(.tooLate))
        var worn = order((1...PayRules.mostAttempts).map { attempt(trade($0), .failed) }, fence: 2)
        #expect(try worn.beginOpening(Self.paused(), at: at(5)) == .refuse(.tooManyAttempts))
    }
}
