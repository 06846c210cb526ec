import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Notices of refunds in part, of the console, and of refunds that moved no money.
extension ProviderSuite {
    static func refundNoticeCases(for traits: ProviderTraits) -> [Case] {
        let cases = [
            Case("a notice of a refund in part names the refund", part),
            Case("a notice of a refund of the console names the refund and its payment", console),
        ]
        return traits.refundsCanClose && traits.noticesTellOfRefunds
            ? cases + [Case("a notice of a closed refund reports it as closed", closed)] : cases
    }

    @Sendable private static func part(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt, amount: 4_000)
        #expect(await bench.provider.refund(refund).isTaken)
        try await bench.fake.finishRefund(refund.number)
        let read = try await bench.read(noticeOfRefund: refund.number)
        #expect(read.tradeNumber == trade.number)
        try bench.expect(read, names: refund.number, of: receipt)
    }

    @Sendable private static func console(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let number = try await bench.fake.refundInConsole(trade.number, amount: 4_000)
        try await bench.fake.finishRefund(number)
        let read = try await bench.read(noticeOfRefund: number)
        #expect(read.tradeNumber == trade.number || read.about?.text == receipt.transactionID.text)
        try bench.expect(read, names: number, of: receipt)
    }

    @Sendable private static func closed(_ bench: ProviderBench) async throws {
        let (_, receipt) = try await bench.paid()
        let refund = bench.refund(receipt, amount: 4_000)
        #expect(await bench.provider.refund(refund).isTaken)
        try await bench.fake.finishRefund(refund.number)
        try await bench.fake.closeRefund(refund.number)
        let read = try await bench.read(noticeOfRefund: refund.number)
        guard case .refund(refund.number, .closed) = read.content else {
            throw FakeProblem("not a closed refund: \(read.content)")
        }
    }
}

extension ProviderBench {
    fileprivate func read(noticeOfRefund number: String) async throws -> ProviderNotice {
        let notice = try #require(try await fake.notice(ofRefund: number))
        return try provider.verify(notice.raw, at: clock.now())
    }

    /// Throws unless the notice reports that refund as complete, or reports its payment together with it.
    fileprivate func expect(_ notice: ProviderNotice, names number: String, of receipt: Receipt) throws {
        switch notice.content {
        case .refund(number, .succeeded) where !traits.paymentNoticesTellOfRefunds: break
        case .refundedPayment(let told, refund: number) where traits.paymentNoticesTellOfRefunds:
            #expect(told == receipt)
        default: throw FakeProblem("not that refund: \(notice.content)")
        }
    }
}
