import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// Refunds in part, their times, and refunds that Paypage did not request.
@Suite struct AlipayRefundTests {
    private static let time = AlipayFixture.now - .seconds(3_600)

    private static func part(_ amount: Int64 = 4_000, reason: String? = nil, cause: RefundCause = .merchant)
        -> RefundRequest
    {
        RefundRequest(
            number: "20261122_0001_1_m1", tradeNumber: AlipayFixture.number,
            transactionID: TransactionID("2026112222001")!, money: Money(amount: amount, currency: Currency("CNY")!)!,
            total: AlipayFixture.stored().money, cause: cause, reason: reason.flatMap(RefundReason.init),
            createdAt: AlipayFixture.now)
    }

    @Test func `an Alipay refund in part ignores the accumulated refund_fee`() async {
        let node =
            #"{"code":"10000","fund_change":"Y","out_trade_no":"20261122_0001_1","refund_fee":"99.00","#
            + #""trade_no":"2026112222001","gmt_refund_pay":"2026-11-22 17:00:00"}"#
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refund))
        #expect(await provider.refund(Self.part()) == .succeeded(at: Self.time))
    }

    @Test(arguments: [nil, "", "soon", "2026-11-22T17:00:00"] as [String?])
    func `an Alipay refund with an unreadable time succeeded at an unknown time`(_ time: String?) async {
        let told = time.map { #","gmt_refund_pay":"\#($0)""# } ?? ""
        let node = #"{"code":"10000","fund_change":"Y","out_trade_no":"20261122_0001_1"\#(told)}"#
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refund))
        #expect(await provider.refund(Self.part()) == .succeeded(at: nil))
    }

    @Test(arguments: [
        ("40.00", RefundAnswer.succeeded(at: time)), ("99.00", .unknown(.answered)), ("40.01", .unknown(.answered)),
        ("much", .unknown(.answered)),
    ])
    func `an Alipay refund query's amount must be this refund's`(_ amount: String, _ answer: RefundAnswer) async {
        let node = Self.found(["refund_amount": amount, "out_request_no": "20261122_0001_1_m1"])
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refundQuery))
        #expect(await provider.follow(Self.part()).withoutReason == answer)
    }

    @Test func `an Alipay refund of a frozen trade is retried and reported at once`() async {
        let node = #"{"code":"40004","sub_code":"ACQ.REASON_TRADE_BEEN_FREEZEN","sub_msg":"frozen"}"#
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refund))
        let error = ProviderError(code: "ACQ.REASON_TRADE_BEEN_FREEZEN", message: "frozen", weight: .balance)
        #expect(await provider.refund(Self.part()) == .unknown(.answered(.code(error))))
    }

    @Test(
        arguments: [
            (RefundCause.duplicate, nil, "订单已支付或已关闭"), (.late, nil, "订单已支付或已关闭"), (.merchant, nil, "商家退款"),
            (.dispute, nil, "付款与订单不符"), (.merchant, "破损/退=款&一半", "破损／退＝款＆一半"),
        ] as [(RefundCause, String?, String)])
    func `an Alipay refund shows the merchant's reason, or one for its cause`(
        _ cause: RefundCause, _ reason: String?, _ shown: String
    ) async throws {
        let script = AlipayScript { _ in AlipayFixture.reply("") }
        _ = await AlipayFixture.provider(over: script).refund(Self.part(reason: reason, cause: cause))
        let content = AlipayReading.content(AlipayReading.parameters(of: try #require(script.requests.first)))
        #expect(content["refund_reason"] == shown)
        #expect(content["refund_amount"] == "40.00")
    }

    @Test func `Alipay's refunds of a trade are three seconds apart`() {
        #expect(AlipayFixture.configuration().terms.refunds == RefundTerms(pause: .seconds(3), mostPerTrade: nil))
    }

    /// The node of a refund of the console with some fields replaced; nil removes a field.
    private static func found(_ changes: [String: String?] = [:]) -> String {
        let fields = [
            "code": "10000", "msg": "Success", "out_trade_no": "20261122_0001_1", "trade_no": "2026112222001",
            "out_request_no": "console1", "refund_status": "REFUND_SUCCESS", "refund_amount": "40.00",
            "total_amount": "99.00", "gmt_refund_pay": "2026-11-22 17:00:00",
        ]
        return AlipayWire.encode(changes.reduce(into: fields) { $0[$1.key] = $1.value })
    }

    private static func foreign(at time: Instant = time) -> ForeignRefundAnswer {
        .found(
            ForeignRefund(
                number: "console1", tradeNumber: AlipayFixture.number, transactionID: TransactionID("2026112222001")!,
                money: Money(amount: 4_000, currency: Currency("CNY")!)!, refundedAt: time)!)
    }

    private static let answers: [(String, ForeignRefundAnswer)] = [
        (found(), foreign()), (found(["gmt_refund_pay": nil]), foreign(at: AlipayFixture.now)),
        (found(["out_request_no": "console2"]), .unknown(.answered(.otherTrade))),
        (found(["trade_no": "2026112222002"]), .unknown(.answered(.otherTrade))),
        (found(["out_trade_no": "20261122_0001_2"]), .unknown(.answered(.otherTrade))),
        (found(["out_request_no": nil]), .unknown(.answered(.unreadable))),
        (found(["trade_no": nil]), .unknown(.answered(.unreadable))),
        (found(["out_trade_no": nil]), .unknown(.answered(.unreadable))),
        (found(["refund_amount": nil]), .unknown(.answered(.unreadable))),
        (found(["refund_amount": "0.00"]), .unknown(.answered(.unreadable))),
        (found(["refund_status": "REFUND_PROCESSING"]), .unknown(.answered(.unreadable))),
        (found(["refund_status": nil]), .noSuchRefund), (#"{"code":"10000","msg":"Success"}"#, .noSuchRefund),
        (#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#, .noSuchRefund),
    ]

    @Test(arguments: answers)
    func `a refund in Alipay's console is found only by an answer about exactly that refund`(
        _ node: String, _ answer: ForeignRefundAnswer
    ) async {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refundQuery))
        #expect(await find(by: provider) == answer)
    }

    @Test func `an unsigned or refused answer finds no refund in Alipay's console`() async {
        let replies = [
            AlipayFixture.unsigned(Self.found(), to: .refundQuery),
            AlipayFixture.reply(Self.found(), to: .refundQuery, by: AlipayFixture.somebody),
            AlipayFixture.reply(#"{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER"}"#, to: .refundQuery),
        ]
        for reply in replies {
            guard case .unknown = await find(by: AlipayFixture.provider(answered: reply)) else {
                return #expect(Bool(false), "the answer was believed")
            }
        }
    }

    private func find(by provider: AlipayProvider) async -> ForeignRefundAnswer {
        await provider.findRefund(
            "console1", of: AlipayFixture.trade, payment: TransactionID("2026112222001")!)
    }
}
