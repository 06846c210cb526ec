import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The adapter's reading of each answer, for each call.
@Suite struct SandboxAnswerTests {
    private static let paid =
        #"{"code":"SUCCESS","trade":{"trade_no":"20261122_0001_1","state":"STATE","payment":{"merchant_id":"paypage","#
        + #""transaction_id":"sbx_1","amount":9900,"currency":"CNY","paid_at_ms":1795341600000}}}"#

    private static func trade(_ state: String, number: String = "20261122_0001_1") -> String {
        #"{"code":"SUCCESS","trade":{"trade_no":"\#(number)","state":"\#(state)"}}"#
    }

    private static let page = ProviderPage(
        kind: .html, content: "<html>", serves: [.pc, .h5], usableFor: .seconds(7_200))

    @Test(arguments: [
        (200, #"{"code":"SUCCESS","page":{"kind":"html","content":"<html>"}}"#, CreateAnswer.made(page)),
        (200, #"{"code":"SUCCESS","page":{"kind":"qr","content":"<html>"}}"#, .unknown(.answered)),
        (200, #"{"code":"SUCCESS"}"#, .unknown(.answered)),
        (400, #"{"code":"SUCCESS","page":{"kind":"html","content":"<html>"}}"#, .unknown(.answered)),
        (409, #"{"code":"ALREADY_PAID"}"#, .alreadyPaid),
        (409, #"{"code":"ORDER_CLOSED"}"#, .alreadyClosed),
        (409, #"{"code":"PARAMETER_CHANGED"}"#, .refused(reason: "PARAMETER_CHANGED")),
        (400, #"{"code":"A_CODE_OF_TOMORROW"}"#, .refused(reason: "A_CODE_OF_TOMORROW")),
        (400, #"{"code":"a line\nthat forges a log"}"#, .unknown(.answered)),
        (200, #"{"code":"REFUSED"}"#, .unknown(.answered)),
        (302, #"{"code":"REFUSED"}"#, .unknown(.answered)),
        (500, #"{"code":"REFUSED"}"#, .unknown(.answered)),
        (503, #"{"code":"SUCCESS","page":{"kind":"html","content":"<html>"}}"#, .unknown(.answered)),
        (400, "", .unknown(.answered)),
        (200, #"{"code":"SUCC"#, .unknown(.answered)),
    ])
    func `a sandbox create is decided only by a clear answer`(_ status: Int, _ body: String, _ expected: CreateAnswer)
        async
    {
        let answer = await SandboxFixture.provider(answered: status, body).create(SandboxFixture.create())
        #expect(answer.withoutReason == expected)
    }

    @Test(arguments: [
        (200, paid.replacing("STATE", with: "paid"), QueryAnswer.paid(SandboxFixture.receipt)),
        (200, paid.replacing("STATE", with: "refunded"), .paid(SandboxFixture.receipt(isReturned: true))),
        (200, trade("unpaid"), .unpaid),
        (200, trade("closed"), .closed),
        (200, trade("paid"), .unknown(.answered)),
        (200, trade("melted"), .unknown(.answered)),
        (200, trade("closed", number: "20261122_0001_2"), .unknown(.answered)),
        (200, #"{"code":"SUCCESS"}"#, .unknown(.answered)),
        (404, #"{"code":"NO_SUCH_TRADE"}"#, .noSuchTrade),
        (400, #"{"code":"REFUSED"}"#, .unknown(.answered)),
        (500, #"{"code":"NO_SUCH_TRADE"}"#, .unknown(.answered)),
        (200, "garbage", .unknown(.answered)),
    ])
    func `a sandbox query is decided only by a clear answer`(_ status: Int, _ body: String, _ expected: QueryAnswer)
        async
    {
        let answer = await SandboxFixture.provider(answered: status, body).query(SandboxFixture.trade)
        #expect(answer.withoutReason == expected)
    }

    @Test(arguments: [
        (200, #"{"code":"SUCCESS"}"#, CloseAnswer.accepted),
        (409, #"{"code":"ALREADY_PAID"}"#, .alreadyPaid),
        (404, #"{"code":"NO_SUCH_TRADE"}"#, .noSuchTrade),
        (409, #"{"code":"CLOSE_TOO_EARLY"}"#, .tooEarly),
        (400, #"{"code":"REFUSED"}"#, .refused(reason: "REFUSED")),
        (500, #"{"code":"SUCCESS"}"#, .unknown(.answered)),
        (200, "garbage", .unknown(.answered)),
    ])
    func `a sandbox close is decided only by a clear answer`(_ status: Int, _ body: String, _ expected: CloseAnswer)
        async
    {
        let answer = await SandboxFixture.provider(answered: status, body).close(SandboxFixture.trade)
        #expect(answer.withoutReason == expected)
    }

    @Test(arguments: [
        // A success without the refund tells nothing of it.
        (200, #"{"code":"SUCCESS"}"#, RefundAnswer.unknown(.answered)),
        (404, #"{"code":"NO_SUCH_REFUND"}"#, .noSuchRefund),
        (409, #"{"code":"REFUND_TOO_LARGE"}"#, .refused(reason: "REFUND_TOO_LARGE")),
        (500, #"{"code":"SUCCESS"}"#, .unknown(.answered)),
        (200, "garbage", .unknown(.answered)),
    ])
    func `a sandbox refund or refund query is decided only by a clear answer`(
        _ status: Int, _ body: String, _ expected: RefundAnswer
    ) async {
        let provider = SandboxFixture.provider(answered: status, body)
        #expect(await provider.refund(SandboxFixture.refund).withoutReason == expected)
        // A refused query does not refuse the refund.
        var followed = expected
        if case .refused = expected { followed = .unknown(.answered) }
        #expect(await provider.follow(SandboxFixture.refund).withoutReason == followed)
    }

    @Test func `a sandbox request that never left is not sent and cannot arrive later`() async {
        let provider = SandboxFixture.provider(
            over: SandboxScript { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) })
        #expect(await provider.create(SandboxFixture.create()).withoutReason == .notSent(reason: "couldNotConnect"))
        #expect(await provider.query(SandboxFixture.trade).withoutReason == .unknown(.answered))
        #expect(await provider.close(SandboxFixture.trade).withoutReason == .unknown(.answered))
        #expect(await provider.refund(SandboxFixture.refund).withoutReason == .unknown(.answered))
        #expect(await provider.follow(SandboxFixture.refund).withoutReason == .unknown(.answered))
    }

    @Test func `a sandbox request that may have arrived is unanswered`() async {
        let provider = SandboxFixture.provider(
            over: SandboxScript { _ throws(TransportError) in throw TransportError(.mayHaveArrived, .timedOut) })
        #expect(await provider.create(SandboxFixture.create()).withoutReason == .unknown(.unanswered))
        #expect(await provider.query(SandboxFixture.trade).withoutReason == .unknown(.unanswered))
        #expect(await provider.close(SandboxFixture.trade).withoutReason == .unknown(.unanswered))
        #expect(await provider.refund(SandboxFixture.refund).withoutReason == .unknown(.unanswered))
        #expect(await provider.follow(SandboxFixture.refund).withoutReason == .unknown(.unanswered))
    }
}
