import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Full refunds.
extension ProviderSuite {
    static func refundCases(for traits: ProviderTraits) -> [Case] {
        let cases = [
            Case("a refund is done at once, or accepted and done later", refunded),
            Case("a repeated refund number makes one refund", oneRefund),
            Case("never more is refunded than was paid", notMore),
            Case("an unpaid trade cannot be refunded", neverPaid),
            Case("a query of an unknown refund finds none", noRefund),
            Case("a refunded trade still shows its payment", stillPaid),
        ]
        return cases + partialRefundCases(for: traits) + foreignRefundCases()
    }

    @Sendable private static func refunded(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        #expect(await bench.provider.follow(refund).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(refund.number)
        #expect(await bench.provider.follow(refund).withoutTime == .succeeded())
        #expect(await bench.fake.trade(trade.number)?.kept == 0)
    }

    @Sendable private static func oneRefund(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        // A repeated refund may answer without its state. The query then reports it.
        for _ in 1...2 {
            let again = await bench.provider.refund(refund)
            #expect(again.isTaken, "\(again)")
        }
        try await bench.fake.finishRefund(refund.number)
        let again = await bench.provider.refund(refund)
        #expect(again.isTaken, "\(again)")
        #expect(await bench.provider.follow(refund).withoutTime == .succeeded())
        let known = await bench.fake.trade(trade.number)?.refunds
        #expect(known?.count == 1)
        #expect(known?.first?.amount == receipt.amount)
    }

    @Sendable private static func notMore(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        #expect(await bench.provider.refund(bench.refund(receipt)).withoutTime == bench.refundTaken)
        bench.pauseBetweenRefunds()
        let more = await bench.provider.refund(bench.refund(receipt, number: 2, amount: 1))
        #expect(!more.isTaken, "\(more)")
        #expect(await bench.fake.trade(trade.number)?.refunded == receipt.amount)
    }

    @Sendable private static func neverPaid(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        let receipt = Receipt(
            channel: bench.provider.channel, tradeNumber: trade.request.tradeNumber,
            transactionID: TransactionID("4200000000000000001")!, amount: bench.minorUnits,
            currencyCode: bench.traits.currency, paidAt: bench.clock.now(), namesOurAccount: true)
        let answer = await bench.provider.refund(bench.refund(receipt))
        #expect(!answer.isTaken, "\(answer)")
        #expect(await bench.fake.trade(trade.number)?.refunds == [])
    }

    @Sendable private static func noRefund(_ bench: ProviderBench) async throws {
        let (_, receipt) = try await bench.paid()
        #expect(await bench.provider.follow(bench.refund(receipt)) == .noSuchRefund)
    }

    @Sendable private static func stillPaid(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(refund.number)
        guard case .paid(let told) = await bench.provider.query(trade.reference) else {
            throw FakeProblem("refunded, but the query does not report the payment")
        }
        #expect(told.transactionID == receipt.transactionID && told.amount == receipt.amount)
        #expect(told.isReturned == bench.traits.queriesTellOfRefunds)
    }
}

extension RefundAnswer {
    /// Whether the provider accepted the refund.
    var isTaken: Bool {
        switch self {
        case .succeeded, .submitted: true
        case .held, .refused, .closed, .noSuchRefund, .unknown: false
        }
    }
}
