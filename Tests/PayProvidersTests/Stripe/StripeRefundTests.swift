import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The refunds of a payment in pages, their times, and refunds of the dashboard.
@Suite struct StripeRefundTests {
    private typealias Fixture = StripeFixture

    private static let list = "http://127.0.0.1:9000/v1/refunds?payment_intent=pi_1&limit=100"
    private static let created = Fixture.now - .seconds(60)

    @Test(arguments: [
        ([], false, RefundAnswer.noSuchRefund),
        ([], true, .unknown(.answered)),
        ([StripeRefundSample { $0.number = nil }], false, .noSuchRefund),
        ([StripeRefundSample { $0.number = "20261122_0001_1_r2" }, StripeRefundSample()], false, .succeeded()),
        ([StripeRefundSample { $0.status = "pending" }], false, .submitted),
        ([StripeRefundSample { $0.status = "failed" }], false, .closed(reason: "failed")),
        ([StripeRefundSample { $0.status = "failed" }, StripeRefundSample()], false, .succeeded()),
        (
            [StripeRefundSample { $0.status = "pending" }, StripeRefundSample { $0.status = "failed" }], false,
            .submitted
        ),
        (
            [StripeRefundSample { $0.status = "failed" }, StripeRefundSample { $0.status = "of_tomorrow" }], false,
            .unknown(.answered)
        ),
        ([StripeRefundSample { $0.amount = 1 }], false, .unknown(.answered)),
        ([StripeRefundSample { $0.paymentIntent = "pi_2" }], false, .unknown(.answered)),
    ])
    func `a Stripe refund is found by its number among the payment's refunds`(
        _ refunds: [StripeRefundSample], _ hasMore: Bool, _ expected: RefundAnswer
    ) async {
        let body = StripeRefundSample.list(refunds, hasMore: hasMore)
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(body.utf8)) }
        #expect(await Fixture.provider(over: script).follow(Fixture.refund).withoutReason == expected)
        #expect(script.requests.map(\.url) == [Self.list])
        #expect(script.requests.map(\.method) == [.get])
    }

    @Test func `a Stripe refund is found on any page of the payment's refunds`() async {
        let script = StripeScript { request in
            let isFirst = request.url == Self.list
            let other = StripeRefundSample {
                $0.id = "re_9"
                $0.number = "20261122_0001_1_m9"
            }
            let body = StripeRefundSample.list([isFirst ? other : StripeRefundSample()], hasMore: isFirst)
            return ProviderReply(status: 200, body: Array(body.utf8))
        }
        #expect(await Fixture.provider(over: script).follow(Fixture.refund) == .succeeded())
        #expect(script.requests.map(\.url) == [Self.list, "\(Self.list)&starting_after=re_9"])
    }

    @Test func `endless pages of Stripe's refunds prove nothing, and end`() async {
        let body = StripeRefundSample.list([StripeRefundSample { $0.number = nil }], hasMore: true)
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(body.utf8)) }
        #expect(await Fixture.provider(over: script).follow(Fixture.refund) == .unknown(.answered(.otherTrade)))
        #expect(script.requests.count == StripeProvider.mostPages)
    }

    @Test(arguments: [(created.milliseconds / 1_000, created), (nil, nil), (.max, nil)] as [(Int64?, Instant?)])
    func `a Stripe refund's time is when it was created`(_ seconds: Int64?, _ time: Instant?) async {
        let sample = StripeRefundSample { $0.created = seconds }
        #expect(await Fixture.provider(answered: 200, sample.json).refund(Fixture.refund) == .succeeded(at: time))
    }

    @Test func `a merchant's reason for a Stripe refund is in the metadata, never in reason`() async throws {
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let refund = RefundRequest(
            number: "20261122_0001_1_m1_2", tradeNumber: Fixture.number, transactionID: TransactionID("pi_1")!,
            money: Money(amount: 500, currency: Currency("USD")!)!, total: Fixture.stored().money, cause: .merchant,
            reason: RefundReason("fraudulent & broken"), createdAt: Fixture.now)
        _ = await Fixture.provider(over: script).refund(refund)
        let request = try #require(script.requests.first)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "payment_intent=pi_1&amount=500&metadata%5Brefund_no%5D=20261122_0001_1_m1_2"
                + "&metadata%5Brefund_reason%5D=fraudulent%20%26%20broken")
        let key = request.headers.first { $0.name == "Idempotency-Key" }?.value
        #expect(key == "paypage_20261122_0001_1_m1_2_\(Fixture.now.milliseconds)")
    }

    private static func foreign(_ number: String = "re_1", at time: Instant?) -> ForeignRefundAnswer {
        .found(
            ForeignRefund(
                number: number, tradeNumber: Fixture.number, transactionID: TransactionID("pi_1")!,
                money: Fixture.stored().money, refundedAt: time)!)
    }

    private static func sample(_ change: (inout StripeRefundSample) -> Void = { _ in }) -> StripeRefundSample {
        StripeRefundSample {
            $0.number = nil
            $0.created = created.milliseconds / 1_000
            change(&$0)
        }
    }

    private static let answers: [(StripeRefundSample, ForeignRefundAnswer)] = [
        (sample(), foreign(at: created)), (sample { $0.created = nil }, foreign(at: Fixture.now)),
        (sample { $0.status = "pending" }, foreign(at: nil)), (sample { $0.status = "failed" }, .noSuchRefund),
        (sample { $0.status = "canceled" }, .noSuchRefund),
        (sample { $0.status = "of_tomorrow" }, .unknown(.answered(.unreadable))),
        (sample { $0.id = "re_2" }, .unknown(.answered(.otherTrade))),
        (sample { $0.paymentIntent = "pi_2" }, .unknown(.answered(.otherTrade))),
        (sample { $0.currency = "eur" }, .unknown(.answered(.unreadable))),
        (sample { $0.amount = 0 }, .unknown(.answered(.unreadable))),
        (sample { $0.object = "charge" }, .unknown(.answered(.unreadable))),
    ]

    @Test(arguments: answers)
    func `a refund of Stripe's dashboard is found only by an answer about exactly that refund`(
        _ sample: StripeRefundSample, _ answer: ForeignRefundAnswer
    ) async {
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(sample.json.utf8)) }
        #expect(await find("re_1", by: Fixture.provider(over: script)) == answer)
        #expect(script.requests.map(\.url) == ["http://127.0.0.1:9000/v1/refunds/re_1"])
    }

    @Test func `an unknown refund of Stripe's dashboard is none, and an error proves nothing`() async {
        let missing = StripeFixture.error("invalid_request_error", code: "resource_missing")
        #expect(await find("re_1", by: Fixture.provider(answered: 404, missing)) == .noSuchRefund)
        for status in [401, 429, 500] {
            guard case .unknown = await find("re_1", by: Fixture.provider(answered: status, "")) else {
                return #expect(Bool(false), "\(status) was believed")
            }
        }
    }

    @Test func `a Stripe refund of ours is found by its number in the metadata`() async {
        let number = Fixture.refund.number
        let body = StripeRefundSample.list([Self.sample { $0.number = number }, Self.sample { $0.id = "re_2" }])
        let script = StripeScript { _ in ProviderReply(status: 200, body: Array(body.utf8)) }
        #expect(await find(number, by: Fixture.provider(over: script)) == Self.foreign(number, at: Self.created))
        #expect(await find("20261122_0001_1_m7", by: Fixture.provider(over: script)) == .noSuchRefund)
        #expect(script.requests.map(\.url) == [Self.list, Self.list])
    }

    @Test func `a refund of Stripe's dashboard is followed by its id`() async {
        let request = RefundRequest(
            number: "re_1", tradeNumber: Fixture.number, transactionID: TransactionID("pi_1")!,
            money: Fixture.stored().money, total: Fixture.stored().money, cause: .provider, reason: nil,
            createdAt: Fixture.now)
        let sample = Self.sample { $0.status = "failed" }
        #expect(await Fixture.provider(answered: 200, sample.json).follow(request) == .closed(reason: "failed"))
        let other = Self.sample { $0.id = "re_2" }
        #expect(
            await Fixture.provider(answered: 200, other.json).follow(request) == .unknown(.answered(.otherTrade)))
    }

    private func find(_ number: String, by provider: StripeProvider) async -> ForeignRefundAnswer {
        await provider.findRefund(number, of: Fixture.trade(), payment: TransactionID("pi_1")!)
    }
}
