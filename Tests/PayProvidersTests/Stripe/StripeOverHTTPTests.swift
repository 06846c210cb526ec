import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Stripe's own rules, against its fake over real HTTP.
@Suite(.timeLimit(.minutes(1))) struct StripeOverHTTPTests {
    private typealias Fixture = StripeFixture

    @Test func `a Stripe session with a lost create is found by its key and closed without a second one`() async throws
    {
        try await withStripe { fake, provider, clock in
            fake.arm(.garbage, on: .create)
            #expect(await provider.create(Fixture.create()).withoutReason == .unknown(.answered))
            clock.advance(by: .seconds(600))
            #expect(await provider.query(Fixture.trade(named: nil)) == .unpaid)
            #expect(await provider.close(Fixture.trade(named: nil)) == .accepted)
            #expect(await provider.query(Fixture.trade(named: nil)) == .closed)
            #expect(fake.trades.map(\.state) == [.closed])
        }
    }

    @Test func `a Stripe create that never arrived is refused later, so there is no session`()
        async throws
    {
        try await withStripe { fake, provider, clock in
            clock.advance(by: .seconds(601))
            #expect(await provider.query(Fixture.trade(named: nil)) == .noSuchTrade)
            #expect(await provider.close(Fixture.trade(named: nil)) == .noSuchTrade)
            #expect(fake.trades.isEmpty)
        }
    }

    @Test func `a replayed Stripe 500 stays unknown until its session would have expired`() async throws {
        try await withStripe { fake, provider, clock in
            fake.willStoreError()
            for _ in 1...3 {
                #expect(await provider.create(Fixture.create()).withoutReason == .unknown(.answered))
                #expect(await provider.query(Fixture.trade(named: nil)).withoutReason == .unknown(.answered))
            }
            clock.advance(by: .seconds(41 * 60))
            #expect(await provider.query(Fixture.trade(named: nil)) == .noSuchTrade)
            #expect(fake.trades.isEmpty)
        }
    }

    @Test func `another page of an expired Stripe session is refused without a second session`() async throws {
        try await withStripe { fake, provider, _ in
            guard case .made(let page) = await provider.create(Fixture.create()) else {
                return #expect(Bool(false), "no page")
            }
            #expect(await provider.create(Fixture.create(named: page.reference)) == .made(page))
            let trade = Fixture.trade(named: page.reference)
            #expect(await provider.close(trade) == .accepted)
            #expect(await provider.create(Fixture.create(named: page.reference)) == .alreadyClosed)
            #expect(fake.trades.count == 1)
        }
    }

    @Test func `a delayed Stripe payment method is unpaid until its money arrives`() async throws {
        try await withStripe { fake, provider, clock in
            guard case .made(let page) = await provider.create(Fixture.create()) else {
                return #expect(Bool(false), "no page")
            }
            let trade = Fixture.trade(named: page.reference)
            try fake.payLater(Fixture.number.text)
            #expect(await provider.query(trade) == .unpaid)
            let early = try fake.notice(ofPayment: Fixture.number.text)
            guard case .other = try provider.verify(early.raw, at: clock.now()).content else {
                return #expect(Bool(false), "the completed session is not paid")
            }
            #expect(await provider.close(trade) == .refused(reason: "invalid_request_error"))
            #expect(await provider.create(Fixture.create(named: page.reference)).withoutReason == .unknown(.answered))
            try fake.moneyCame(Fixture.number.text)
            guard case .paid(let receipt) = await provider.query(trade) else {
                return #expect(Bool(false), "not paid")
            }
            #expect(receipt.amount == 1_999)
            let event = try fake.notice("checkout.session.async_payment_succeeded", of: Fixture.number.text)
            guard case .payment(let told) = try provider.verify(event.raw, at: clock.now()).content else {
                return #expect(Bool(false), "no payment")
            }
            #expect(told.transactionID == receipt.transactionID)
        }
    }

    @Test func `a Stripe refund that fails is closed under its number, and another number refunds it`() async throws {
        try await withStripe { fake, provider, _ in
            fake.takeTimeOverRefunds()
            guard case .made = await provider.create(Fixture.create()) else { return #expect(Bool(false), "no page") }
            let payment = try #require(TransactionID(try await fake.pay(Fixture.number.text)))
            let refund = RefundRequest(
                number: "20261122_0001_1_r1", tradeNumber: Fixture.number, transactionID: payment,
                money: Fixture.stored().money, total: Fixture.stored().money, cause: .duplicate, reason: nil,
                createdAt: Fixture.now)
            #expect(await provider.refund(refund) == .submitted)
            try fake.failRefund(refund.number)
            #expect(await provider.follow(refund) == .closed(reason: "failed"))
            #expect(await provider.refund(refund) == .submitted, "Stripe plays its first answer back for a day")
            let renewed = RefundRequest(
                number: "20261122_0001_1_r1_2", tradeNumber: Fixture.number, transactionID: payment,
                money: refund.money, total: refund.total, cause: .duplicate, reason: nil, createdAt: Fixture.now)
            #expect(await provider.refund(renewed) == .submitted)
            let played: any ProviderFake = fake
            try await played.finishRefund(renewed.number)
            let followed = await provider.follow(renewed)
            #expect(followed.withoutTime == .succeeded())
            #expect(await provider.follow(refund) == .closed(reason: "failed"))
        }
    }

    @Test func `a Stripe refund that fails after it succeeded is told by a notice and by its query`() async throws {
        try await withStripe { fake, provider, clock in
            guard case .made = await provider.create(Fixture.create()) else { return #expect(Bool(false), "no page") }
            let payment = try #require(TransactionID(try await fake.pay(Fixture.number.text)))
            let refund = RefundRequest(
                number: "20261122_0001_1_m1", tradeNumber: Fixture.number, transactionID: payment,
                money: Money(amount: 500, currency: Currency("USD")!)!, total: Fixture.stored().money,
                cause: .merchant, reason: nil, createdAt: Fixture.now)
            #expect(await provider.refund(refund) == .succeeded(at: Fixture.now))
            try fake.failRefund(refund.number)
            for type in ["refund.failed", "refund.updated", "charge.refund.updated"] {
                let notice = try fake.notice(type, ofRefund: refund.number)
                guard case .refund(refund.number, .closed) = try provider.verify(notice.raw, at: clock.now()).content
                else { return #expect(Bool(false), "\(type) does not tell of the failure") }
            }
            #expect(await provider.follow(refund) == .closed(reason: "failed"))
            #expect(fake.trade(Fixture.number.text)?.refunded == 0)
        }
    }

    @Test func `a wrong Stripe key refuses a create and leaves other calls unknown`() async throws {
        try await withStripe(key: "sk_test_wrong") { fake, provider, _ in
            #expect(await provider.create(Fixture.create()) == .refused(reason: "invalid_request_error"))
            #expect(await provider.query(Fixture.trade()).withoutReason == .unknown(.answered))
            #expect(await provider.query(Fixture.trade(named: nil)).withoutReason == .unknown(.answered))
            #expect(await provider.close(Fixture.trade()).withoutReason == .unknown(.answered))
            #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.answered))
            #expect(fake.trades.isEmpty)
        }
    }

    @Test(arguments: [Int64(1), 60_000, 2_399_999, 2_400_000, 3_600_000, 86_099_999, 86_100_000])
    func `Stripe accepts every life that its terms allow`(_ milliseconds: Int64) async throws {
        try await withStripe { fake, provider, clock in
            // Ten minutes late, like a create that was repeated after a crash.
            clock.advance(by: .seconds(600))
            let deadline = Fixture.now + .milliseconds(milliseconds)
            guard case .made(let page) = await provider.create(Fixture.create(Fixture.stored(deadline: deadline)))
            else {
                return #expect(Bool(false), "no page")
            }
            let endsAt = try #require(page.sessionEndsAt)
            #expect(endsAt + .seconds(1) > deadline)
            #expect(fake.trades.count == 1)
        }
    }

    private func withStripe(
        key: String? = nil, _ body: (FakeStripe, StripeProvider, HandMovedClock) async throws -> Void
    ) async throws {
        let clock = HandMovedClock()
        let fake = FakeStripe(clock: clock)
        try await fake.whileRunning {
            try await withTransport { transport in
                let configuration = StripeConfiguration(
                    secretKey: Secret(key ?? fake.secretKey), webhookSecret: Secret(fake.webhookSecret),
                    baseURL: fake.baseURL)
                let guarded = GuardedTransport(transport, clock: clock)
                try await body(fake, StripeProvider(configuration, transport: guarded, clock: clock), clock)
            }
        }
    }
}
