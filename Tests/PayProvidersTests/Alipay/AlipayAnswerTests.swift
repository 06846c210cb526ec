import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

private let code =
    #"{"code":"10000","msg":"Success","out_trade_no":"20261122_0001_1","qr_code":"https:\/\/qr.alipay.com\/bax0"}"#

/// The adapter's reading of each signed answer.
@Suite struct AlipayAnswerTests {
    private static let precreate = AlipayFixture.configuration(pcMethod: .precreate)

    @Test func `an Alipay precreate gives a QR page for two hours less half a minute`() async {
        let made = await create(code)
        let page = ProviderPage(
            kind: .qr, content: "https://qr.alipay.com/bax0", serves: [.pc], usableFor: .seconds(7_170))
        #expect(made == .made(page))
    }

    @Test(arguments: [
        #"{"code":"10000","out_trade_no":"20261122_0001_2","qr_code":"x"}"#, #"{"code":"10000","qr_code":"x"}"#,
        #"{"code":"10000","out_trade_no":"20261122_0001_1"}"#,
        #"{"code":"10000","out_trade_no":"20261122_0001_1","qr_code":""}"#, #"{"msg":"Success"}"#, "{}",
    ])
    func `an Alipay precreate's answer about another trade or without a code decides nothing`(_ node: String) async {
        #expect(await create(node).withoutReason == .unknown(.answered))
    }

    @Test(arguments: [
        ("ACQ.TRADE_HAS_SUCCESS", CreateAnswer.alreadyPaid), ("ACQ.TRADE_HAS_CLOSE", .alreadyClosed),
        ("ACQ.CONTEXT_INCONSISTENT", .refused(reason: "ACQ.CONTEXT_INCONSISTENT")),
        ("ACQ.APPLY_PC_MERCHANT_CODE_ERROR", .refused(reason: "ACQ.APPLY_PC_MERCHANT_CODE_ERROR")),
        ("ACQ.SYSTEM_ERROR", .unknown(.answered)), ("ACQ.TRADE_NOT_EXIST", .unknown(.answered)),
        ("ACQ.TRADE_STATUS_ERROR", .unknown(.answered)), ("ACQ.SOMETHING_NEW", .unknown(.answered)),
    ])
    func `an Alipay precreate is refused by final codes and otherwise unknown`(
        _ subCode: String, _ answer: CreateAnswer
    ) async {
        #expect(await create(refusal(subCode)).withoutReason == answer)
    }

    /// The node of a paid trade with some fields replaced; nil removes a field.
    static func trade(_ status: String, _ changes: [String: String?] = [:]) -> String {
        let fields = [
            "code": "10000", "msg": "Success", "out_trade_no": "20261122_0001_1", "trade_no": "2026112222001",
            "trade_status": status, "total_amount": "99.00", "send_pay_date": "2026-11-22 18:00:00",
        ]
        let changed = changes.reduce(into: fields) { $0[$1.key] = $1.value }
        return AlipayWire.encode(changed)
    }

    static let unpaid: [String: String?] = ["send_pay_date": nil]

    private static let returned = AlipayFixture.receipt(isReturned: true)

    static let queries: [(String, QueryAnswer)] = [
        (trade("TRADE_SUCCESS"), .paid(AlipayFixture.receipt)),
        (trade("TRADE_FINISHED"), .paid(AlipayFixture.receipt)),
        (trade("WAIT_BUYER_PAY", unpaid), .unpaid),
        (trade("TRADE_CLOSED", unpaid), .closed),
        (trade("TRADE_CLOSED", ["send_pay_date": "", "buyer_pay_amount": "0.00", "receipt_amount": "0.00"]), .closed),
        // Paid and refunded in full.
        (trade("TRADE_CLOSED"), .paid(returned)),
        (trade("TRADE_CLOSED", ["send_pay_date": nil, "buyer_pay_amount": "99.00"]), .paid(returned)),
        (trade("TRADE_CLOSED", ["send_pay_date": nil, "receipt_amount": "0.01"]), .paid(returned)),
        (trade("TRADE_CLOSED", ["send_pay_date": nil, "refund_fee": "99.00"]), .paid(returned)),
        (trade("TRADE_CLOSED", ["refund_fee": "0.00"]), .paid(returned)),
        (trade("TRADE_SUCCESS", ["refund_fee": "99.00"]), .paid(returned)),
        // Refunded in part.
        (trade("TRADE_CLOSED", ["refund_fee": "98.99"]), .paid(AlipayFixture.receipt)),
        (trade("TRADE_SUCCESS", ["refund_fee": "98.99"]), .paid(AlipayFixture.receipt)),
        (trade("TRADE_SUCCESS", ["refund_fee": "0.00"]), .paid(AlipayFixture.receipt)),
        (trade("TRADE_FINISHED", ["refund_fee": "much"]), .paid(AlipayFixture.receipt)),
        (trade("TRADE_CLOSED", ["send_pay_date": nil, "refund_amount": "99.00"]), .paid(returned)),
        (
            trade("TRADE_CLOSED", ["send_pay_date": nil, "gmt_refund": "2026-11-22 18:00:00.123"]),
            .paid(returned)
        ),
        (trade("TRADE_CLOSED", ["send_pay_date": nil, "buyer_pay_amount": "much"]), .unknown(.answered)),
        (trade("TRADE_CLOSED", ["total_amount": nil]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["total_amount": nil]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["total_amount": "9.9e1"]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["trade_no": nil]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["trade_no": ""]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["out_trade_no": "20261122_0001_2"]), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["out_trade_no": nil]), .unknown(.answered)),
        (trade("WAIT_BUYER_PAY", ["out_trade_no": "20261122_0001_10"]), .unknown(.answered)),
        (trade("TRADE_PENDING"), .unknown(.answered)),
        (trade("trade_success"), .unknown(.answered)),
        (trade("TRADE_SUCCESS", ["trade_status": nil]), .unknown(.answered)),
        (refusal("ACQ.TRADE_NOT_EXIST"), .noSuchTrade),
        (#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST","out_trade_no":"20261122_0001_2"}"#, .unknown(.answered)),
        (refusal("aop.ACQ.TRADE_NOT_EXIST"), .noSuchTrade),
        (refusal("ACQ.SYSTEM_ERROR"), .unknown(.answered)),
        (refusal("ACQ.INVALID_PARAMETER"), .unknown(.answered)),
        (refusal("ACQ.TRADE_HAS_CLOSE"), .unknown(.answered)),
        (refusal("ACQ.TRADE_HAS_SUCCESS"), .unknown(.answered)),
        (refusal("x", code: "20000"), .unknown(.answered)),
        (refusal("isv.invalid-signature", code: "40002"), .unknown(.answered)),
    ]

    @Test(arguments: queries)
    func `an Alipay query is decided by the trade's state and money`(_ node: String, _ answer: QueryAnswer) async {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .query))
        #expect(await provider.query(AlipayFixture.trade).withoutReason == answer)
    }

    @Test(arguments: [nil, "", "soon", "2026-02-30 00:00:00"] as [String?])
    func `an Alipay payment with an unreadable time counts as made now`(_ date: String?) async {
        let node = Self.trade("TRADE_SUCCESS", ["send_pay_date": date])
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .query))
        #expect(await provider.query(AlipayFixture.trade) == .paid(AlipayFixture.receipt(paidAt: AlipayFixture.now)))
    }

    @Test func `an Alipay receipt has the answer's time and amount, not the requested ones`() async {
        let node = Self.trade("TRADE_SUCCESS", ["send_pay_date": "2026-11-22 17:59:58", "total_amount": "0.01"])
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .query))
        guard case .paid(let receipt) = await provider.query(AlipayFixture.trade) else {
            return #expect(Bool(false), "not paid")
        }
        #expect(receipt.paidAt == AlipayFixture.now - .seconds(2))
        #expect(receipt.amount == 1)
    }

    @Test(
        arguments: [
            (nil, "2088000000000002", true), (nil, nil, true), (AlipayFixture.sellerID, AlipayFixture.sellerID, true),
            (AlipayFixture.sellerID, nil, true), (AlipayFixture.sellerID, "2088000000000002", false),
        ] as [(String?, String?, Bool)])
    func `an Alipay receipt from a query names our account unless the seller differs`(
        _ ours: String?, _ theirs: String?, _ isOurs: Bool
    ) async {
        let node = Self.trade("TRADE_SUCCESS", ["seller_id": theirs])
        let provider = AlipayFixture.provider(
            AlipayFixture.configuration(sellerID: ours), answered: AlipayFixture.reply(node, to: .query))
        #expect(await provider.query(AlipayFixture.trade) == .paid(AlipayFixture.receipt(namesOurAccount: isOurs)))
    }

    @Test(arguments: [
        (#"{"code":"10000","out_trade_no":"20261122_0001_1","trade_no":"1"}"#, CloseAnswer.accepted),
        (#"{"code":"10000"}"#, .accepted),
        (#"{"code":"10000","out_trade_no":"20261122_0001_2"}"#, .unknown(.answered)),
        (refusal("ACQ.TRADE_NOT_EXIST"), .noSuchTrade), (refusal("ACQ.TRADE_HAS_SUCCESS"), .alreadyPaid),
        (#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST","out_trade_no":"20261122_0001_2"}"#, .unknown(.answered)),
        (refusal("ACQ.TRADE_HAS_CLOSE"), .accepted),
        (refusal("ACQ.TRADE_STATUS_ERROR"), .refused(reason: "ACQ.TRADE_STATUS_ERROR")),
        (refusal("ACQ.REASON_TRADE_STATUS_INVALID"), .refused(reason: "ACQ.REASON_TRADE_STATUS_INVALID")),
        (refusal("ACQ.REASON_ILLEGAL_STATUS"), .refused(reason: "ACQ.REASON_ILLEGAL_STATUS")),
        (refusal("ACQ.INVALID_PARAMETER"), .refused(reason: "ACQ.INVALID_PARAMETER")),
        (refusal("ACQ.SYSTEM_ERROR"), .unknown(.answered)), (refusal("x", code: "20000"), .unknown(.answered)),
        (refusal("ACQ.SOMETHING_NEW"), .unknown(.answered)), ("[]", .unknown(.answered)),
    ])
    func `an Alipay close is decided only by a clear answer`(_ node: String, _ answer: CloseAnswer) async {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .close))
        #expect(await provider.close(AlipayFixture.trade).withoutReason == answer)
    }

    @Test(arguments: [
        (#"{"code":"10000","fund_change":"Y","out_trade_no":"20261122_0001_1"}"#, RefundAnswer.succeeded()),
        (#"{"code":"10000","fund_change":"Y","trade_no":"2026112222001","refund_fee":"99.00"}"#, .succeeded()),
        // An answer without numbers is followed by a query.
        (#"{"code":"10000","fund_change":"Y","refund_fee":"99.00"}"#, .submitted),
        (#"{"code":"10000","fund_change":"Y","trade_no":"2026112222002"}"#, .unknown(.answered)),
        (#"{"code":"10000","fund_change":"Y","out_trade_no":"20261122_0001_2"}"#, .unknown(.answered)),
        (#"{"code":"10000","fund_change":"N","out_trade_no":"20261122_0001_1"}"#, .submitted),
        (#"{"code":"10000","fund_change":"y","out_trade_no":"20261122_0001_1"}"#, .submitted),
        (#"{"code":"10000"}"#, .submitted),
        (refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH"), .unknown(.answered)),
        (refusal("ACQ.SYSTEM_ERROR"), .unknown(.answered)), (refusal("x", code: "20000"), .unknown(.answered)),
        (refusal("ACQ.SOMETHING_NEW"), .unknown(.answered)),
        (refusal("ACQ.DISCORDANT_REPEAT_REQUEST"), .refused(reason: "ACQ.DISCORDANT_REPEAT_REQUEST")),
        (refusal("ACQ.TRADE_HAS_FINISHED"), .refused(reason: "ACQ.TRADE_HAS_FINISHED")),
        (refusal("ACQ.TRADE_STATUS_ERROR"), .refused(reason: "ACQ.TRADE_STATUS_ERROR")),
        (refusal("ACQ.TRADE_NOT_EXIST"), .refused(reason: "ACQ.TRADE_NOT_EXIST")),
    ])
    func `an Alipay refund is done only when fund_change says so`(
        _ node: String, _ answer: RefundAnswer
    ) async {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refund))
        #expect(await provider.refund(AlipayFixture.refund).withoutReason == answer)
    }

    @Test(arguments: [
        (#"{"code":"10000","refund_status":"REFUND_SUCCESS","trade_no":"2026112222001"}"#, RefundAnswer.succeeded()),
        (#"{"code":"10000","refund_status":"REFUND_SUCCESS"}"#, .unknown(.answered)),
        (#"{"code":"10000","out_request_no":"20261122_0001_1_r2"}"#, .unknown(.answered)),
        (
            #"{"code":"10000","refund_status":"REFUND_SUCCESS","out_request_no":"20261122_0001_1_r1","refund_amount":"99.00"}"#,
            .succeeded()
        ),
        (
            #"{"code":"10000","refund_status":"REFUND_SUCCESS","out_request_no":"20261122_0001_1_r2"}"#,
            .unknown(.answered)
        ),
        (#"{"code":"10000","refund_status":"REFUND_SUCCESS","refund_amount":"9.90"}"#, .unknown(.answered)),
        (#"{"code":"10000","refund_status":"REFUND_SUCCESS","out_trade_no":"x"}"#, .unknown(.answered)),
        (#"{"code":"10000","refund_status":"REFUND_PROCESSING"}"#, .unknown(.answered)),
        (#"{"code":"10000","msg":"Success"}"#, .noSuchRefund), (#"{"code":"10000","refund_status":""}"#, .noSuchRefund),
        (refusal("ACQ.TRADE_NOT_EXIST"), .noSuchRefund), (refusal("ACQ.SYSTEM_ERROR"), .unknown(.answered)),
        // A refused query says nothing about the refund.
        (refusal("ACQ.INVALID_PARAMETER"), .unknown(.answered)),
    ])
    func `an Alipay refund query answers done, unknown number, or undecided`(_ node: String, _ answer: RefundAnswer)
        async
    {
        let provider = AlipayFixture.provider(answered: AlipayFixture.reply(node, to: .refundQuery))
        #expect(await provider.follow(AlipayFixture.refund).withoutReason == answer)
    }

    private func create(_ node: String) async -> CreateAnswer {
        await AlipayFixture.provider(Self.precreate, answered: AlipayFixture.reply(node, to: .precreate))
            .create(AlipayFixture.create())
    }
}

private func refusal(_ subCode: String, code: String = "40004") -> String {
    #"{"code":"\#(code)","msg":"Business Failed","sub_code":"\#(subCode)","sub_msg":"…"}"#
}
