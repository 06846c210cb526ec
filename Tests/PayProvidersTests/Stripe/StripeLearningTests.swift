import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// Learning the id of a session that was not stored.
@Suite struct StripeLearningTests {
    private typealias Fixture = StripeFixture

    @Test func `a query of a Stripe trade without a session id repeats the create to learn it`() async {
        let script = answering(create: (200, StripeSample().json), then: (200, StripeSample.expired().json))
        #expect(await Fixture.provider(over: script).query(Fixture.trade(named: nil)) == .closed)
        #expect(
            script.requests.map { "\($0.method.rawValue) \($0.url.dropFirst("http://127.0.0.1:9000".count))" } == [
                "POST /v1/checkout/sessions", "GET /v1/checkout/sessions/cs_test_a1",
            ])
    }

    @Test func `a close of a Stripe trade without a session id repeats the create to learn it`() async {
        let script = answering(create: (200, StripeSample().json), then: (200, StripeSample.expired().json))
        #expect(await Fixture.provider(over: script).close(Fixture.trade(named: nil)) == .accepted)
        #expect(script.requests.last?.url == "http://127.0.0.1:9000/v1/checkout/sessions/cs_test_a1/expire")
    }

    @Test(arguments: [
        (400, StripeFixture.error("invalid_request_error", code: "parameter_invalid"), QueryAnswer.noSuchTrade),
        (402, StripeFixture.error("card_error", code: "card_declined"), .noSuchTrade),
        (400, StripeFixture.error("idempotency_error"), .unknown(.answered)),
        (401, StripeFixture.error("invalid_request_error"), .unknown(.answered)),
        (404, StripeFixture.error("invalid_request_error", code: "resource_missing"), .unknown(.answered)),
        (409, StripeFixture.error("idempotency_error"), .unknown(.answered)),
        (429, StripeFixture.error("invalid_request_error", code: "rate_limit"), .unknown(.answered)),
        (500, StripeFixture.error("api_error"), .unknown(.answered)),
        (400, "", .unknown(.answered)),
        (200, "", .unknown(.answered)),
        (200, StripeSample { $0.clientReference = "20261122_0001_2" }.json, .unknown(.answered)),
        (200, StripeSample { $0.livemode = true }.json, .unknown(.answered)),
    ])
    func `only a refused repeat of a Stripe create proves that there is no session`(
        _ status: Int, _ body: String, _ expected: QueryAnswer
    ) async {
        for asksToClose in [false, true] {
            let script = answering(create: (status, body), then: (500, ""))
            let provider = Fixture.provider(over: script)
            if asksToClose {
                let close = await provider.close(Fixture.trade(named: nil))
                #expect(close.withoutReason == (expected == .noSuchTrade ? .noSuchTrade : .unknown(.answered)))
            } else {
                #expect(await provider.query(Fixture.trade(named: nil)).withoutReason == expected)
            }
            #expect(script.requests.count == 1)
        }
    }

    @Test(arguments: [
        (Duration.seconds(1_800), Duration.seconds(2_460)), (.seconds(86_100), .seconds(23 * 3_600)),
    ]) func `no Stripe create is repeated once its session has expired or its key may be forgotten`(
        life: Duration, end: Duration
    ) async {
        let clock = HandMovedClock()
        let script = answering(create: (200, StripeSample().json), then: (200, StripeSample().json))
        let provider = Fixture.provider(over: script, clock: clock)
        let stored = Fixture.stored(deadline: Fixture.now + life)
        clock.advance(by: end - .milliseconds(1))
        #expect(await provider.query(Fixture.trade(named: nil, stored)) == .unpaid)
        #expect(script.requests.count == 2)
        clock.advance(by: .milliseconds(1))
        #expect(await provider.query(Fixture.trade(named: nil, stored)) == .noSuchTrade)
        #expect(await provider.close(Fixture.trade(named: nil, stored)) == .noSuchTrade)
        #expect(script.requests.count == 2)
        #expect(await provider.query(Fixture.trade()) == .unpaid)
    }

    @Test(arguments: [(1_500, true), (1_501, false)])
    func `no second Stripe call follows a slow one, so that both end within a lease`(
        _ milliseconds: Int, _ follows: Bool
    ) async {
        let clock = HandMovedClock()
        let script = StripeScript { request in
            if request.method == .post { clock.advance(by: .milliseconds(milliseconds)) }
            return ProviderReply(status: 200, body: Array(StripeSample().json.utf8))
        }
        let answer = await Fixture.provider(over: script, clock: clock).query(Fixture.trade(named: nil))
        #expect(answer.withoutReason == (follows ? .unpaid : .unknown(.answered)))
        #expect(script.requests.count == (follows ? 2 : 1))
    }

    @Test func `a second Stripe call has the time that the first one left`() async {
        for asksToClose in [false, true] {
            let clock = HandMovedClock()
            let script = StripeScript { request in
                if request.method == .post { clock.advance(by: .milliseconds(1_500)) }
                return ProviderReply(status: 200, body: Array(StripeSample().json.utf8))
            }
            let provider = Fixture.provider(over: script, clock: clock)
            if asksToClose {
                _ = await provider.close(Fixture.trade(named: nil))
            } else {
                _ = await provider.query(Fixture.trade(named: nil))
            }
            #expect(script.requests.map(\.timeLimit) == [nil, .milliseconds(6_500)])
        }
    }

    @Test func `a Stripe trade with a stored session id is never created again`() async {
        let script = answering(create: (500, ""), then: (200, StripeSample().json))
        #expect(await Fixture.provider(over: script).query(Fixture.trade()) == .unpaid)
        #expect(script.requests.map(\.method) == [.get])
    }

    private func answering(create: (Int, String), then: (Int, String)) -> StripeScript {
        StripeScript { request in
            let (status, body) = request.url.hasSuffix("/v1/checkout/sessions") ? create : then
            return ProviderReply(status: status, body: Array(body.utf8))
        }
    }
}
