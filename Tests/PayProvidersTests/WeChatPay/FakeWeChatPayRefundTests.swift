import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// The fake is as strict about refunds as WeChat.
@Suite(.timeLimit(.minutes(1))) struct FakeWeChatPayRefundTests {
    private typealias Fixture = WeChatPayFixture
    private typealias Send = (_ number: String, _ amount: Int64, _ total: Int64) async throws -> ProviderReply

    @Test func `the fake WeChat makes one refund per number and never refunds more than was paid`() async throws {
        try await withPayment { fake, clock, refund in
            #expect(try await refund("r1", 9_900, 9_900).status == 200)
            #expect(try await refund("r1", 9_900, 9_900).status == 200)
            clock.advance(by: .seconds(60))
            #expect(try await code(refund("r2", 1, 9_900)) == "INVALID_REQUEST")
            #expect(try await code(refund("r1", 1, 9_900)) == "INVALID_REQUEST")
            #expect(fake.trade(Fixture.number.text)?.refunds.count == 1)
            await #expect(throws: FakeProblem.self) { try await fake.notice(ofRefund: "r1") }
            try await fake.finishRefund("r1")
            #expect(fake.trade(Fixture.number.text)?.state == .refunded)
            #expect(try await fake.notice(ofRefund: "r1") != nil)
        }
    }

    @Test func `the fake WeChat requires the payment's total, and a minute between two refunds`() async throws {
        try await withPayment { fake, clock, refund in
            #expect(try await code(refund("r1", 4_000, 4_000)) == "PARAM_ERROR")
            #expect(try await refund("r1", 4_000, 9_900).status == 200)
            clock.advance(by: .seconds(59))
            let early = try await refund("r2", 1_000, 9_900)
            #expect(early.status == 429 && code(early) == "FREQUENCY_LIMITED")
            // A repeat is no other refund.
            #expect(try await refund("r1", 4_000, 9_900).status == 200)
            clock.advance(by: .seconds(1))
            #expect(try await refund("r2", 1_000, 9_900).status == 200)
            #expect(fake.trade(Fixture.number.text)?.refunded == 5_000)
        }
    }

    @Test func `the fake WeChat makes 50 refunds of a trade at most`() async throws {
        try await withPayment { fake, clock, refund in
            for index in 1...50 {
                #expect(try await refund("r\(index)", 10, 9_900).status == 200)
                clock.advance(by: .seconds(60))
            }
            let last = try await refund("r51", 10, 9_900)
            #expect(code(last) == "INVALID_REQUEST")
            #expect(fake.trade(Fixture.number.text)?.refunds.count == 50)
        }
    }

    @Test func `the fake WeChat keeps the number of a closed refund, and the money of an abnormal one`() async throws {
        try await withPayment { fake, clock, refund in
            _ = try await refund("r1", 4_000, 9_900)
            try await fake.closeRefund("r1")
            #expect(fake.trade(Fixture.number.text)?.refunded == 0)
            let again = try await refund("r1", 4_000, 9_900)
            #expect(String(decoding: again.body, as: UTF8.self).contains("CLOSED"))
            clock.advance(by: .seconds(60))
            _ = try await refund("r2", 4_000, 9_900)
            try fake.strandRefund("r2")
            #expect(fake.trade(Fixture.number.text)?.refunded == 4_000)
        }
    }

    private func withPayment(_ body: (FakeWeChatPay, HandMovedClock, Send) async throws -> Void) async throws {
        let clock = HandMovedClock()
        let fake = FakeWeChatPay(clock: clock)
        try await fake.whileRunning {
            try await withTransport { transport in
                let configuration = WeChatPayConfiguration.fake(at: fake.baseURL)
                let signer = WeChatPaySigner(configuration, nonce: WeChatPayNonce.random)
                let send = { (call: WeChatPayCall) in
                    try await transport.send(call.request(to: configuration, signedBy: signer, at: clock.now()))
                }
                #expect(try await send(.create(Fixture.create(), configuration)).status == 200)
                let payment = try #require(TransactionID(try await fake.pay(Fixture.number.text)))
                try await body(fake, clock) { number, amount, total in
                    let yuan = Currency("CNY")!
                    let refund = RefundRequest(
                        number: number, tradeNumber: Fixture.number, transactionID: payment,
                        money: Money(amount: amount, currency: yuan)!, total: Money(amount: total, currency: yuan)!,
                        cause: .merchant, reason: nil, createdAt: clock.now())
                    return try await send(.refund(refund, configuration))
                }
            }
        }
    }

    private func code(_ reply: ProviderReply) -> String? {
        WeChatPayWire.decode(WeChatPayWire.Failure.self, from: reply.body)?.code
    }
}
