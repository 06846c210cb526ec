import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// Refunds in part, and refunds that Paypage did not request.
@Suite struct SandboxRefundTests {
    private typealias Fixture = SandboxFixture

    private static let time = Fixture.now - .seconds(60)

    private static func answer(
        number: String = "20261122_0001_1_r1", trade: String = "20261122_0001_1", payment: String = "sbx_1",
        amount: Int64 = 9_900, currency: String = "CNY"
    ) -> String {
        let refund = SandboxWire.MadeRefund(
            tradeNumber: trade, transactionID: payment, refundNumber: number, amount: amount, currency: currency,
            refundedAtMS: time.milliseconds)
        return String(decoding: SandboxWire.encode(SandboxWire.Answer(code: .success, refund: refund)), as: UTF8.self)
    }

    @Test(arguments: [
        (answer(), RefundAnswer.succeeded(at: time)),
        (answer(number: "20261122_0001_1_r2"), .unknown(.answered(.otherTrade))),
        (answer(trade: "20261122_0001_2"), .unknown(.answered(.otherTrade))),
        (answer(payment: "sbx_2"), .unknown(.answered(.otherTrade))),
        (answer(amount: 9_899), .unknown(.answered(.otherTrade))),
        (answer(currency: "USD"), .unknown(.answered(.otherTrade))),
    ])
    func `a sandbox answer about a refund must be about that refund and amount`(
        _ body: String, _ expected: RefundAnswer
    ) async {
        #expect(await Fixture.provider(answered: 200, body).refund(Fixture.refund) == expected)
        #expect(await Fixture.provider(answered: 200, body).follow(Fixture.refund) == expected)
    }

    private static let found = ForeignRefundAnswer.found(
        ForeignRefund(
            number: "20261122_0001_1_sbx1", tradeNumber: Fixture.number, transactionID: TransactionID("sbx_1")!,
            money: Money(amount: 4_000, currency: Currency("CNY")!)!, refundedAt: time)!)

    @Test(arguments: [
        (200, answer(number: "20261122_0001_1_sbx1", amount: 4_000), found),
        (200, answer(amount: 4_000), .unknown(.answered(.otherTrade))),
        (200, answer(number: "20261122_0001_1_sbx1", trade: "x_1"), .unknown(.answered(.otherTrade))),
        (200, answer(number: "20261122_0001_1_sbx1", payment: "sbx_2"), .unknown(.answered(.otherTrade))),
        (200, answer(number: "20261122_0001_1_sbx1", currency: "USD"), .unknown(.answered(.unreadable))),
        (200, answer(number: "20261122_0001_1_sbx1", amount: 0), .unknown(.answered(.unreadable))),
        (200, #"{"code":"SUCCESS"}"#, .unknown(.answered(.unreadable))),
        (404, #"{"code":"NO_SUCH_REFUND"}"#, .noSuchRefund),
    ])
    func `a refund in the sandbox's console is found only by an answer about exactly that refund`(
        _ status: Int, _ body: String, _ expected: ForeignRefundAnswer
    ) async {
        let answer = await Fixture.provider(answered: status, body)
            .findRefund("20261122_0001_1_sbx1", of: Fixture.trade, payment: TransactionID("sbx_1")!)
        #expect(answer == expected)
    }
}
