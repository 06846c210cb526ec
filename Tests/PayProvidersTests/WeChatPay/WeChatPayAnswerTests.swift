import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The adapter's reading of each answer, for each call.
@Suite struct WeChatPayAnswerTests {
    private typealias Fixture = WeChatPayFixture

    private static let page = ProviderPage(
        kind: .qr, content: "weixin://wxpay/bizpayurl?pr=1", serves: [.pc], usableFor: .seconds(7_170))
    private static let opened = #"{"code_url":"weixin://wxpay/bizpayurl?pr=1"}"#

    private static func trade(_ state: String, number: String = Fixture.number.text) -> String {
        #"{"out_trade_no":"\#(number)","trade_state":"\#(state)"}"#
    }

    private static func standing(_ status: String, number: String = Fixture.refund.number) -> String {
        #"{"refund_id":"50000","out_refund_no":"\#(number)","status":"\#(status)"}"#
    }

    private static func failure(_ code: String) -> String { #"{"code":"\#(code)","message":"a secret of yours"}"# }

    @Test(arguments: [
        (200, opened, CreateAnswer.made(page)),
        (201, opened, .unknown(.answered)),
        (204, "", .unknown(.answered)),
        (200, "", .unknown(.answered)),
        (200, "garbage", .unknown(.answered)),
        (200, failure("PARAM_ERROR"), .unknown(.answered)),
        (400, failure("PARAM_ERROR"), .refused(reason: "PARAM_ERROR")),
        (400, failure("INVALID_REQUEST"), .refused(reason: "INVALID_REQUEST")),
        (401, failure("SIGN_ERROR"), .refused(reason: "SIGN_ERROR")),
        (403, failure("NOAUTH"), .refused(reason: "NOAUTH")),
        (500, failure("OPENID_MISMATCH"), .refused(reason: "OPENID_MISMATCH")),
        (400, failure("ORDERPAID"), .alreadyPaid),
        (403, failure("OUT_TRADE_NO_USED"), .alreadyPaid),
        (400, failure("ORDER_CLOSED"), .alreadyClosed),
        (404, failure("ORDER_NOT_EXIST"), .unknown(.answered)),
        (403, failure("NOT_ENOUGH"), .unknown(.answered)),
        (429, failure("FREQUENCY_LIMITED"), .unknown(.answered)),
        (403, failure("RATELIMIT_EXCEEDED"), .unknown(.answered)),
        (500, failure("SYSTEM_ERROR"), .unknown(.answered)),
        (500, failure("BANK_ERROR"), .unknown(.answered)),
        (500, failure("PARAM_ERROR"), .unknown(.answered)),
        (400, failure("A_CODE_OF_TOMORROW"), .unknown(.answered)),
        (400, failure("签名错误"), .unknown(.answered)),
        (400, "", .unknown(.answered)), (401, "<html>", .unknown(.answered)), (404, "{}", .unknown(.answered)),
        (403, #"{"code":7}"#, .unknown(.answered)), (302, failure("PARAM_ERROR"), .unknown(.answered)),
    ])
    func `a WeChat create is decided only by a clear answer, never by a status alone`(
        _ status: Int, _ body: String, _ expected: CreateAnswer
    ) async {
        #expect(await Fixture.provider(answered: status, body).create(Fixture.create()).withoutReason == expected)
    }

    @Test(arguments: [
        (200, Fixture.paid(), QueryAnswer.paid(Fixture.receipt)),
        (200, Fixture.paid(state: "REFUND"), .paid(Fixture.receipt(isReturned: true))),
        (200, trade("SUCCESS"), .unknown(.answered)),
        (200, Fixture.paid(amount: "{}"), .unknown(.answered)),
        (200, Fixture.paid(amount: #"{"total":99.5}"#), .unknown(.answered)),
        (200, Fixture.paid(number: "20261122_0001_2"), .unknown(.answered)),
        (200, trade("NOTPAY"), .unpaid), (200, trade("USERPAYING"), .unpaid), (200, trade("PAYERROR"), .unpaid),
        (200, trade("ACCEPT"), .unpaid), (200, trade("CLOSED"), .closed), (200, trade("REVOKED"), .closed),
        (200, trade("MELTED"), .unknown(.answered)),
        (200, trade("CLOSED", number: "20261122_0001_2"), .unknown(.answered)),
        (200, trade("NOTPAY", number: "20261122_0001_1 "), .unknown(.answered)),
        (200, "{}", .unknown(.answered)), (204, "", .unknown(.answered)),
        (404, failure("ORDER_NOT_EXIST"), .noSuchTrade),
        (404, failure("ORDERNOTEXIST"), .noSuchTrade),
        (404, failure("RESOURCE_NOT_EXISTS"), .unknown(.answered)),
        (404, "", .unknown(.answered)),
        (500, failure("ORDER_NOT_EXIST"), .unknown(.answered)),
        (400, failure("PARAM_ERROR"), .unknown(.answered)),
        (401, failure("SIGN_ERROR"), .unknown(.answered)),
        (400, failure("ORDERPAID"), .unknown(.answered)),
        (400, failure("ORDER_CLOSED"), .unknown(.answered)),
        (500, failure("SYSTEM_ERROR"), .unknown(.answered)),
    ])
    func `a WeChat query is decided only by a clear answer`(_ status: Int, _ body: String, _ expected: QueryAnswer)
        async
    {
        #expect(await Fixture.provider(answered: status, body).query(Fixture.trade).withoutReason == expected)
    }

    @Test(arguments: [
        (204, "", CloseAnswer.accepted),
        (200, "", .unknown(.answered)), (200, "{}", .unknown(.answered)),
        (400, failure("ORDERPAID"), .alreadyPaid), (403, failure("ORDER_PAID"), .alreadyPaid),
        (404, failure("ORDER_NOT_EXIST"), .noSuchTrade),
        (400, failure("ORDER_CLOSED"), .refused(reason: "ORDER_CLOSED")),
        (400, failure("PARAM_ERROR"), .refused(reason: "PARAM_ERROR")),
        (403, failure("OUT_TRADE_NO_USED"), .unknown(.answered)),
        (400, failure("ORDER_TOO_YOUNG"), .unknown(.answered)),
        (404, "", .unknown(.answered)), (500, failure("SYSTEM_ERROR"), .unknown(.answered)),
        (429, failure("FREQUENCY_LIMITED"), .unknown(.answered)),
    ])
    func `a WeChat close is decided only by a clear answer`(_ status: Int, _ body: String, _ expected: CloseAnswer)
        async
    {
        #expect(await Fixture.provider(answered: status, body).close(Fixture.trade).withoutReason == expected)
    }

    @Test(arguments: [
        (200, standing("SUCCESS"), RefundAnswer.succeeded()), (200, standing("PROCESSING"), .submitted),
        (200, standing("CLOSED"), .closed(reason: "CLOSED")),
        (200, standing("ABNORMAL"), .held(ProviderError(code: "ABNORMAL", weight: .balance))),
        (200, standing("MELTED"), .unknown(.answered)),
        (200, standing("SUCCESS", number: "20261122_0001_1_r2"), .unknown(.answered)),
        (200, "{}", .unknown(.answered)), (204, "", .unknown(.answered)), (200, "garbage", .unknown(.answered)),
        (500, failure("SYSTEM_ERROR"), .unknown(.answered)), (404, "", .unknown(.answered)),
        (429, failure("FREQUENCY_LIMITED"), .unknown(.answered)),
    ])
    func `a WeChat refund or refund query is decided only by a clear answer`(
        _ status: Int, _ body: String, _ expected: RefundAnswer
    ) async {
        #expect(await Fixture.provider(answered: status, body).refund(Fixture.refund).withoutReason == expected)
        #expect(await Fixture.provider(answered: status, body).follow(Fixture.refund).withoutReason == expected)
    }

    @Test(arguments: [
        (400, "PARAM_ERROR", RefundAnswer.refused(reason: "PARAM_ERROR"), RefundAnswer.unknown(.answered)),
        (403, "TRADE_ERROR", .refused(reason: "TRADE_ERROR"), .unknown(.answered)),
        (403, "NO_AUTH", .refused(reason: "NO_AUTH"), .unknown(.answered)),
        (500, "INVALID_TRANSACTIONID", .refused(reason: "INVALID_TRANSACTIONID"), .unknown(.answered)),
        (403, "NOT_ENOUGH", .unknown(.answered), .unknown(.answered)),
        (404, "RESOURCE_NOT_EXISTS", .unknown(.answered), .noSuchRefund),
        (404, "ORDER_NOT_EXIST", .unknown(.answered), .unknown(.answered)),
    ])
    func `a WeChat error may refuse a refund, but in a refund query it only says that there is none`(
        _ status: Int, _ code: String, _ asked: RefundAnswer, _ followed: RefundAnswer
    ) async {
        let provider = Fixture.provider(answered: status, Self.failure(code))
        #expect(await provider.refund(Fixture.refund).withoutReason == asked)
        let following = Fixture.provider(answered: status, Self.failure(code))
        #expect(await following.follow(Fixture.refund).withoutReason == followed)
    }

    @Test(arguments: [
        (Fixture.paid(merchantID: "1900000000"), false, Fixture.appID as String?),
        (Fixture.paid().replacing("\"appid\"", with: "\"app\""), false, nil),
        (Fixture.paid(appID: "wx0000000000000000"), true, "wx0000000000000000"),
        (Fixture.paid(), true, Fixture.appID),
    ])
    func `a WeChat receipt tells whether the merchant is ours, and which app was paid`(
        _ body: String, _ isOurs: Bool, _ appID: String?
    ) async {
        let answer = await Fixture.provider(answered: 200, body).query(Fixture.trade)
        guard case .paid(let receipt) = answer else { return #expect(Bool(false), "not paid: \(answer)") }
        #expect(receipt.namesOurAccount == isOurs)
        #expect(receipt.appID == appID)
    }

    @Test func `a WeChat receipt has the total in fen, and defaults to CNY and to now`()
        async
    {
        let body = Fixture.paid(amount: #"{"total":1}"#, successTime: "yesterday")
        let answer = await Fixture.provider(answered: 200, body).query(Fixture.trade)
        guard case .paid(let receipt) = answer else { return #expect(Bool(false), "not paid: \(answer)") }
        #expect(receipt.amount == 1 && receipt.currencyCode == "CNY" && receipt.paidAt == Fixture.now)
        let dollars = Fixture.paid(amount: #"{"total":9900,"currency":"USD"}"#)
        guard case .paid(let other) = await Fixture.provider(answered: 200, dollars).query(Fixture.trade) else {
            return #expect(Bool(false), "not paid")
        }
        #expect(other.currencyCode == "USD")
    }

    @Test func `a WeChat request that never left is not sent and cannot arrive later`() async {
        let provider = Fixture.provider(
            over: SandboxScript { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) })
        #expect(await provider.create(Fixture.create()).withoutReason == .notSent(reason: "couldNotConnect"))
        #expect(await provider.query(Fixture.trade).withoutReason == .unknown(.answered))
        #expect(await provider.close(Fixture.trade).withoutReason == .unknown(.answered))
        #expect(await provider.refund(Fixture.refund).withoutReason == .unknown(.answered))
        #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.answered))
    }

    @Test func `a WeChat request that may have arrived is unanswered`() async {
        let provider = Fixture.provider(
            over: SandboxScript { _ throws(TransportError) in throw TransportError(.mayHaveArrived, .timedOut) })
        #expect(await provider.create(Fixture.create()).withoutReason == .unknown(.unanswered))
        #expect(await provider.query(Fixture.trade).withoutReason == .unknown(.unanswered))
        #expect(await provider.close(Fixture.trade).withoutReason == .unknown(.unanswered))
        #expect(await provider.refund(Fixture.refund).withoutReason == .unknown(.unanswered))
        #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.unanswered))
    }
}
