import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// Refunds in part, their times and states, and refunds that Paypage did not request.
@Suite struct WeChatPayRefundTests {
    private typealias Fixture = WeChatPayFixture

    private static let time = Fixture.now + .seconds(1)

    private static func part(reason: String? = nil, cause: RefundCause = .merchant) -> RefundRequest {
        RefundRequest(
            number: "20261122_0001_1_m1", tradeNumber: Fixture.number, transactionID: TransactionID("4200000001")!,
            money: Money(amount: 4_000, currency: Currency("CNY")!)!, total: Fixture.stored().money, cause: cause,
            reason: reason.flatMap(RefundReason.init), createdAt: Fixture.now)
    }

    /// A refund in WeChat's JSON.
    private static func refund(
        _ status: String = "SUCCESS", number: String = "20261122_0001_1_m1", trade: String = "20261122_0001_1",
        payment: String = "4200000001", amount: String = #"{"refund":4000,"total":9900,"currency":"CNY"}"#,
        time: String = #""2026-11-22T18:00:01+08:00""#
    ) -> String {
        #"{"amount":\#(amount),"out_refund_no":"\#(number)","out_trade_no":"\#(trade)","refund_id":"50000","#
            + #""status":"\#(status)","success_time":\#(time),"transaction_id":"\#(payment)"}"#
    }

    @Test func `a WeChat refund in part names the whole payment as its total`() {
        let call = WeChatPayCall.refund(Self.part(), Fixture.configuration())
        let body = String(decoding: call.body, as: UTF8.self)
        #expect(body.contains(#""amount":{"currency":"CNY","refund":4000,"total":9900}"#))
        #expect(body.contains(#""reason":"商家退款""#))
    }

    @Test(
        arguments: [
            (RefundCause.duplicate, nil, "订单已支付或已关闭"), (.late, nil, "订单已支付或已关闭"), (.dispute, nil, "付款与订单不符"),
            (.merchant, "破损", "破损"), (.merchant, String(repeating: "茶", count: 80), String(repeating: "茶", count: 80)),
            (.merchant, String(repeating: "🍵", count: 80), String(repeating: "🍵", count: 40)),
        ] as [(RefundCause, String?, String)])
    func `a WeChat refund shows the merchant's reason in at most 80 units, or one for its cause`(
        _ cause: RefundCause, _ reason: String?, _ shown: String
    ) {
        let call = WeChatPayCall.refund(Self.part(reason: reason, cause: cause), Fixture.configuration())
        #expect(String(decoding: call.body, as: UTF8.self).contains(#""reason":"\#(shown)""#))
    }

    @Test(arguments: [
        (refund(), RefundAnswer.succeeded(at: time)), (refund(time: "null"), .succeeded(at: nil)),
        (refund(time: #""soon""#), .succeeded(at: nil)), (refund("PROCESSING", time: "null"), .submitted),
        (refund(payment: "4200000002"), .unknown(.answered(.otherTrade))),
        (refund(trade: "20261122_0001_2"), .unknown(.answered(.otherTrade))),
        (refund(number: "20261122_0001_1_m2"), .unknown(.answered(.otherTrade))),
        (refund(amount: #"{"refund":4001,"total":9900,"currency":"CNY"}"#), .unknown(.answered(.otherTrade))),
        (refund(amount: #"{"refund":4000,"total":9900,"currency":"USD"}"#), .unknown(.answered(.otherTrade))),
    ])
    func `a WeChat refund's answer must be about that refund, payment and amount`(
        _ body: String, _ answer: RefundAnswer
    ) async {
        #expect(await Fixture.provider(answered: 200, body).refund(Self.part()) == answer)
        #expect(await Fixture.provider(answered: 200, body).follow(Self.part()) == answer)
    }

    @Test func `WeChat takes 50 refunds of a trade, a minute apart`() {
        #expect(Fixture.listener.terms.refunds == RefundTerms(pause: .seconds(60), mostPerTrade: 50))
    }

    private static let number = "console|1@wx"

    private static func foreign(at time: Instant?) -> ForeignRefundAnswer {
        .found(
            ForeignRefund(
                number: number, tradeNumber: Fixture.number, transactionID: TransactionID("4200000001")!,
                money: Money(amount: 4_000, currency: Currency("CNY")!)!, refundedAt: time)!)
    }

    private static let answers: [(Int, String, ForeignRefundAnswer)] = [
        (200, refund(number: number), foreign(at: time)),
        (200, refund(number: number, time: "null"), foreign(at: Fixture.now)),
        (200, refund("PROCESSING", number: number, time: "null"), foreign(at: nil)),
        (200, refund("ABNORMAL", number: number, time: "null"), foreign(at: nil)),
        (200, refund("CLOSED", number: number, time: "null"), .noSuchRefund),
        (200, refund("MELTED", number: number), .unknown(.answered(.unreadable))),
        (200, refund(), .unknown(.answered(.otherTrade))),
        (200, refund(number: number, trade: "20261122_0001_2"), .unknown(.answered(.otherTrade))),
        (200, refund(number: number, payment: "4200000002"), .unknown(.answered(.otherTrade))),
        (200, refund(number: number, amount: "{}"), .unknown(.answered(.unreadable))),
        (200, refund(number: number, amount: #"{"refund":0,"currency":"CNY"}"#), .unknown(.answered(.unreadable))),
        (200, refund(number: number, amount: #"{"refund":4000}"#), .unknown(.answered(.unreadable))),
        (200, refund(number: number, amount: #"{"refund":4000,"currency":"USD"}"#), .unknown(.answered(.unreadable))),
        (200, #"{"out_refund_no":"console|1@wx","status":"SUCCESS"}"#, .unknown(.answered(.otherTrade))),
        (200, "{}", .unknown(.answered(.unreadable))),
        (404, #"{"code":"RESOURCE_NOT_EXISTS","message":""}"#, .noSuchRefund),
    ]

    @Test(arguments: answers)
    func `a refund in WeChat's console is found only by an answer about exactly that refund`(
        _ status: Int, _ body: String, _ answer: ForeignRefundAnswer
    ) async {
        #expect(await find(by: Fixture.provider(answered: status, body)) == answer)
    }

    @Test func `the number of a refund in WeChat's console is percent-encoded, and its answer must be signed`() async {
        let genuine = WeChatPayTestMessage(Self.refund(number: Self.number))
        let reply = genuine.with { $0.key = WeChatPayFixture.strangerKey }
        let script = SandboxScript { _ in reply.reply(200) }
        guard case .unknown = await find(by: Fixture.provider(over: script)) else {
            return #expect(Bool(false), "an answer by a stranger was believed")
        }
        #expect(
            script.requests.map(\.url) == [
                "http://127.0.0.1:9000/v3/refund/domestic/refunds/console%7C1%40wx"
            ])
    }

    private func find(by provider: WeChatPayProvider) async -> ForeignRefundAnswer {
        await provider.findRefund(Self.number, of: Fixture.trade, payment: TransactionID("4200000001")!)
    }
}
