import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The adapter's reading of each answer, for each call.
@Suite struct StripeAnswerTests {
    private typealias Fixture = StripeFixture

    @Test(arguments: [
        (StripeSample(), CreateAnswer.made(StripeFixture.page)),
        (StripeSample { $0.url = "http://127.0.0.1:5/c" }, .made(page(at: "http://127.0.0.1:5/c"))),
        (StripeSample { $0.url = "http://localhost/c" }, .made(page(at: "http://localhost/c"))),
        (StripeSample { $0.url = nil }, .unknown(.answered)),
        (StripeSample { $0.url = "http://checkout.stripe.com/c" }, .unknown(.answered)),
        (StripeSample { $0.url = "http://127.0.0.1:80@evil.example/" }, .unknown(.answered)),
        (StripeSample { $0.url = "http://127.0.0.1.evil.example/" }, .unknown(.answered)),
        (StripeSample { $0.url = "javascript:alert(1)" }, .unknown(.answered)),
        (StripeSample { $0.url = "https://checkout.stripe.com/a b" }, .unknown(.answered)),
        (StripeSample { $0.clientReference = "20261122_0001_2" }, .unknown(.answered)),
        (StripeSample { $0.clientReference = nil }, .unknown(.answered)),
        (StripeSample { $0.amount = 2_000 }, .unknown(.answered)),
        (StripeSample { $0.amount = nil }, .unknown(.answered)),
        (StripeSample { $0.currency = "eur" }, .unknown(.answered)),
        (StripeSample { $0.livemode = true }, .unknown(.answered)),
        (StripeSample { $0.object = "payment_intent" }, .unknown(.answered)),
        (StripeSample { $0.id = "" }, .unknown(.answered)),
        (StripeSample { $0.expiresAt = nil }, .unknown(.answered)),
        (StripeSample { $0.expiresAt = .max }, .unknown(.answered)),
        (StripeSample { $0.status = "locked" }, .unknown(.answered)),
        (StripeSample.expired(), .unknown(.answered)),
        (StripeSample.paid(), .unknown(.answered)),
    ])
    func `a Stripe create gives a page only for an open session that matches the request`(
        _ sample: StripeSample, _ expected: CreateAnswer
    ) async {
        #expect(await Fixture.provider(answered: 200, sample.json).create(Fixture.create()).withoutReason == expected)
    }

    @Test(arguments: [
        (StripeSample(), CreateAnswer.made(StripeFixture.page)),
        (StripeSample.expired(), .alreadyClosed),
        (StripeSample.paid(), .alreadyPaid),
        (StripeSample.paid { $0.paymentStatus = "unpaid" }, .unknown(.answered)),
        (StripeSample { $0.id = "cs_test_b2" }, .unknown(.answered)),
        (StripeSample.paid { $0.id = "cs_test_b2" }, .unknown(.answered)),
        (StripeSample.expired { $0.clientReference = "20261122_0001_2" }, .unknown(.answered)),
        (StripeSample.expired { $0.livemode = true }, .unknown(.answered)),
    ])
    func `another page of a known Stripe session is queried, never created`(
        _ sample: StripeSample, _ expected: CreateAnswer
    ) async {
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(sample.json.utf8)) }
        let answer = await Fixture.provider(over: script).create(Fixture.create(named: Fixture.reference))
        #expect(answer.withoutReason == expected)
        #expect(script.requests.map(\.method) == [.get])
        #expect(script.requests.first?.url == "http://127.0.0.1:9000/v1/checkout/sessions/cs_test_a1")
    }

    @Test(arguments: [
        (StripeSample(), QueryAnswer.unpaid),
        (StripeSample.paid(), .paid(StripeFixture.receipt())),
        (StripeSample.paid { $0.paymentStatus = "no_payment_required" }, .paid(StripeFixture.receipt())),
        (StripeSample.paid { $0.paymentIntent = #"{"id":"pi_1","object":"payment_intent"}"# }, .paid(receipt)),
        (StripeSample.paid { $0.paymentStatus = "unpaid" }, .unpaid),
        (StripeSample.paid { $0.paymentStatus = "of_tomorrow" }, .unknown(.answered)),
        (StripeSample.paid { $0.paymentIntent = "null" }, .unknown(.answered)),
        (StripeSample.paid { $0.paymentIntent = #""""# }, .unknown(.answered)),
        (StripeSample.paid { $0.amount = nil }, .unknown(.answered)),
        (StripeSample.paid { $0.id = "cs_test_b2" }, .unknown(.answered)),
        (StripeSample.paid { $0.clientReference = "20261122_0001_2" }, .unknown(.answered)),
        (StripeSample.paid { $0.livemode = true }, .unknown(.answered)),
        (StripeSample.expired(), .closed),
        (StripeSample.expired { $0.id = "cs_test_b2" }, .unknown(.answered)),
        (StripeSample { $0.status = "melted" }, .unknown(.answered)),
        (StripeSample { $0.status = nil }, .unknown(.answered)),
    ])
    func `a Stripe query reads unpaid, paid and closed from the session`(
        _ sample: StripeSample, _ expected: QueryAnswer
    ) async {
        #expect(await Fixture.provider(answered: 200, sample.json).query(Fixture.trade()).withoutReason == expected)
    }

    @Test func `a Stripe receipt has the received amount, even if another was requested`() async throws {
        let sample = StripeSample.paid {
            $0.amount = 5
            $0.currency = "eur"
        }
        let answer = await Fixture.provider(answered: 200, sample.json).query(Fixture.trade())
        guard case .paid(let receipt) = answer else { return #expect(Bool(false), "not paid") }
        #expect(receipt.amount == 5)
        #expect(receipt.currencyCode == "EUR")
    }

    @Test(arguments: [
        (StripeSample.expired(), CloseAnswer.accepted),
        (StripeSample(), .unknown(.answered)),
        (StripeSample.paid(), .unknown(.answered)),
        (StripeSample.expired { $0.id = "cs_test_b2" }, .unknown(.answered)),
        (StripeSample.expired { $0.clientReference = nil }, .unknown(.answered)),
    ])
    func `a Stripe close is accepted if the session is expired`(
        _ sample: StripeSample, _ expected: CloseAnswer
    ) async {
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(sample.json.utf8)) }
        #expect(await Fixture.provider(over: script).close(Fixture.trade()).withoutReason == expected)
        #expect(script.requests.map(\.url) == ["http://127.0.0.1:9000/v1/checkout/sessions/cs_test_a1/expire"])
        #expect(script.requests.map(\.method) == [.post])
    }

    @Test(arguments: [
        (StripeRefundSample(), RefundAnswer.succeeded()),
        (StripeRefundSample { $0.status = "pending" }, .submitted),
        (StripeRefundSample { $0.status = "requires_action" }, .submitted),
        (StripeRefundSample { $0.status = "failed" }, .closed(reason: "failed")),
        (StripeRefundSample { $0.status = "canceled" }, .closed(reason: "canceled")),
        (StripeRefundSample { $0.status = "of_tomorrow" }, .unknown(.answered)),
        (StripeRefundSample { $0.number = "20261122_0001_1_r2" }, .unknown(.answered)),
        (StripeRefundSample { $0.number = nil }, .unknown(.answered)),
        (StripeRefundSample { $0.paymentIntent = "pi_2" }, .unknown(.answered)),
        (StripeRefundSample { $0.amount = 1 }, .unknown(.answered)),
        (StripeRefundSample { $0.currency = "eur" }, .unknown(.answered)),
        (StripeRefundSample { $0.object = "charge" }, .unknown(.answered)),
    ])
    func `a Stripe refund's status decides whether it is done, pending or refused`(
        _ sample: StripeRefundSample, _ expected: RefundAnswer
    ) async {
        #expect(await Fixture.provider(answered: 200, sample.json).refund(Fixture.refund).withoutReason == expected)
    }

    @Test(arguments: ["", "{}", "[]", "nonsense", #"{"id":"cs_test_a1"}"#, #"{"object":"list"}"#, "<html></html>"])
    func `an unreadable Stripe 200 decides nothing`(_ body: String) async {
        let provider = Fixture.provider(answered: 200, body)
        #expect(await provider.create(Fixture.create()).withoutReason == .unknown(.answered))
        #expect(await provider.create(Fixture.create(named: Fixture.reference)).withoutReason == .unknown(.answered))
        #expect(await provider.query(Fixture.trade()).withoutReason == .unknown(.answered))
        #expect(await provider.close(Fixture.trade()).withoutReason == .unknown(.answered))
        #expect(await provider.refund(Fixture.refund).withoutReason == .unknown(.answered))
        #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.answered))
    }

    private static let receipt = StripeFixture.receipt()

    private static func page(at url: String) -> ProviderPage {
        let page = StripeFixture.page
        return ProviderPage(
            kind: page.kind, content: url, serves: page.serves, usableFor: nil, sessionEndsAt: page.sessionEndsAt,
            reference: page.reference)
    }
}
