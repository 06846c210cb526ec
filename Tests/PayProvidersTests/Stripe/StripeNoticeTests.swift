import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The adapter's reading of signed events.
@Suite struct StripeNoticeTests {
    private typealias Fixture = StripeFixture

    private let provider = StripeFixture.provider()

    @Test(arguments: ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
    func `a paid Stripe session becomes a receipt with the event's time`(_ type: String) throws {
        let read = try verify(Fixture.event(type, StripeSample.paid().json))
        #expect(read.id == "evt_1")
        #expect(read.tradeNumber == Fixture.number.text)
        guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
        #expect(receipt == Fixture.receipt(paidAt: Fixture.now - .seconds(5)))
        #expect(read.about == Fixture.reference)
    }

    @Test(arguments: [
        ("checkout.session.completed", StripeSample.paid { $0.paymentStatus = "unpaid" }.json),
        ("checkout.session.async_payment_failed", StripeSample.paid { $0.paymentStatus = "unpaid" }.json),
        ("checkout.session.expired", StripeSample.expired().json),
    ])
    func `a Stripe notice of an unpaid or ended session names its trade for a query`(
        _ type: String, _ object: String
    ) throws {
        let read = try verify(Fixture.event(type, object))
        guard case .other = read.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
        #expect(read.tradeNumber == Fixture.number.text && read.about == Fixture.reference)
        let otherMode = try verify(Fixture.event(type, object, livemode: true))
        #expect(otherMode.tradeNumber.isEmpty)
    }

    @Test(arguments: [Int64.min, -1, 253_402_300_800, .max])
    func `a Stripe payment with an out-of-range time still counts`(_ created: Int64) throws {
        let body = Fixture.event("checkout.session.completed", StripeSample.paid().json)
            .replacing("\(Fixture.nowSeconds - 5)", with: "\(created)")
        guard case .payment(let receipt) = try verify(body).content else { return #expect(Bool(false), "no payment") }
        #expect(receipt == Fixture.receipt(paidAt: Instant(clampingSeconds: created)))
    }

    @Test(arguments: [
        ("checkout.session.completed", StripeSample.paid { $0.metadata = "{}" }.json),
        ("checkout.session.completed", StripeSample.paid { $0.metadata = "null" }.json),
        ("checkout.session.completed", StripeSample.paid { $0.metadata = #"{"order":"7"}"# }.json),
        ("checkout.session.async_payment_failed", "7"), ("checkout.session.expired", "{}"),
        ("checkout.session.expired", StripeSample.expired { $0.metadata = "{}" }.json),
        ("charge.refunded", #"{"id":"ch_1","object":"charge"}"#),
        ("customer.created", #"{"id":"cus_1","object":"customer"}"#),
        ("an.event.of.tomorrow", "7"),
        (
            "refund.updated",
            StripeRefundSample {
                $0.id = ""; $0.number = nil
            }.json
        ),
        ("refund.updated", #"{"id":"re_1","object":"refund","payment_intent":null,"status":"succeeded"}"#),
    ])
    func `a Stripe notice without money, of another shop or of another type changes nothing`(
        _ type: String, _ object: String
    ) throws {
        let read = try verify(Fixture.event(type, object))
        #expect(read.tradeNumber.isEmpty)
        guard case .other = read.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
    }

    @Test(arguments: ["abc", "20261122_0001_0", "20261122_0001_01", "x_1"])
    func `a Stripe payment with our metadata for an invalid number is a foreign payment`(_ number: String) throws {
        let sample = StripeSample.paid { $0.metadata = #"{"trade_no":"\#(number)"}"# }
        let read = try verify(Fixture.event("checkout.session.completed", sample.json))
        guard case .foreignPayment = read.content else { return #expect(Bool(false), "not foreign") }
        #expect(read.tradeNumber == number)
    }

    @Test(arguments: [(true, false), (false, true), (true, true)])
    func `a Stripe payment in another mode than the key's does not name our account`(_ event: Bool, _ session: Bool)
        throws
    {
        let sample = StripeSample.paid { $0.livemode = session }
        let read = try verify(Fixture.event("checkout.session.completed", sample.json, livemode: event))
        guard case .payment(let receipt) = read.content else { return #expect(Bool(false), "no payment") }
        #expect(!receipt.namesOurAccount)
    }

    @Test(arguments: ["sk_live_1", "rk_live_1", "sk_org_1", ""])
    func `test money does not count for a live Stripe key`(_ key: String) throws {
        let body = Fixture.event("checkout.session.completed", StripeSample.paid().json)
        let strict = Fixture.provider(
            over: StripeScript { _ in ProviderReply(status: 500) }, Fixture.configuration(key: key))
        guard case .payment(let receipt) = try strict.verify(Fixture.notice(body), at: Fixture.now).content else {
            return #expect(Bool(false), "no payment")
        }
        #expect(!receipt.namesOurAccount)
    }

    @Test(arguments: [
        ("succeeded", RefundAnswer.succeeded()), ("pending", .submitted), ("requires_action", .submitted),
        ("failed", .closed(reason: "failed")), ("canceled", .closed(reason: "canceled")),
        ("of_tomorrow", .unknown(.answered)),
    ])
    func `a Stripe refund notice names the refund and its state`(_ status: String, _ expected: RefundAnswer) throws {
        for type in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
            let read = try verify(Fixture.event(type, StripeRefundSample { $0.status = status }.json))
            #expect(read.tradeNumber == Fixture.number.text)
            #expect(read.about == ProviderReference("pi_1"))
            guard case .refund("20261122_0001_1_r1", expected) = read.content else {
                return #expect(Bool(false), "no refund")
            }
        }
    }

    @Test(arguments: [nil, "of another shop", "20261122_0001_1"] as [String?])
    func `a Stripe refund of the dashboard is named by its id, and its order by the payment`(_ number: String?) throws {
        let read = try verify(Fixture.event("refund.created", StripeRefundSample { $0.number = number }.json))
        #expect(read.tradeNumber.isEmpty)
        #expect(read.about == ProviderReference("pi_1"))
        guard case .refund("re_1", .succeeded) = read.content else { return #expect(Bool(false), "no refund") }
    }

    @Test func `a Stripe refund in another mode than the key's changes nothing`() throws {
        let read = try verify(Fixture.event("refund.updated", StripeRefundSample().json, livemode: true))
        guard case .other = read.content else { return #expect(Bool(false), "expected a notice that changes nothing") }
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense", #"{"id":"evt_test","object":"event"}"#,
        StripeFixture.event("checkout.session.completed", StripeSample.paid { $0.paymentIntent = "null" }.json),
        StripeFixture.event("checkout.session.completed", StripeSample.paid { $0.amount = nil }.json),
        StripeFixture.event("checkout.session.completed", StripeSample.paid { $0.object = "charge" }.json),
        StripeFixture.event("checkout.session.completed", "{}"),
        StripeFixture.event("refund.updated", "{}"),
        StripeFixture.event("customer.created", "{}").replacing("evt_1", with: ""),
        StripeFixture.event("customer.created", "{}").replacing(#""object":"event""#, with: #""object":"x""#),
    ])
    func `a signed but invalid Stripe notice is unreadable and will be sent again`(
        _ body: String
    ) {
        #expect(throws: NoticeRefusal.unreadable) { try verify(body) }
    }

    @Test func `an unsigned Stripe notice is refused before it is read`() {
        let body = Fixture.event("checkout.session.completed", StripeSample.paid().json)
        for header in [
            "", "t=\(Fixture.nowSeconds)", "t=\(Fixture.nowSeconds),v1=\(String(repeating: "0", count: 64))",
        ] {
            #expect(throws: NoticeRefusal.badSignature) {
                try provider.verify(Fixture.notice(body, signedBy: header), at: Fixture.now)
            }
        }
        #expect(throws: NoticeRefusal.badSignature) {
            try provider.verify(Fixture.notice("nonsense", signedBy: "nonsense"), at: Fixture.now)
        }
    }

    @Test func `Stripe gets a 2xx only if its notice was stored`() {
        #expect(
            provider.reply(to: .stored)
                == NoticeReply(status: 200, contentType: "application/json", body: #"{"received":true}"#))
        for refusal in [NoticeRefusal.badSignature, .tooOld, .unreadable] {
            #expect(provider.reply(to: .refused(refusal)).status == 400)
        }
        #expect(provider.reply(to: .notStored).status == 500)
    }

    private func verify(_ body: String) throws -> ProviderNotice {
        try provider.verify(Fixture.notice(body), at: Fixture.now)
    }
}
