import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Refunds that Paypage did not request.
extension ProviderSuite {
    static func foreignRefundCases() -> [Case] {
        [
            Case("a refund of the console is found with its amount and time, and followed", found),
            Case("a refund of ours is found by its number", ours),
            Case("an unknown refund, and one of another payment, is not found", notFound),
        ]
    }

    @Sendable private static func found(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        bench.clock.advance(by: .seconds(100))
        let madeAt = bench.clock.now()
        let number = try await bench.fake.refundInConsole(trade.number, amount: 3_000)
        bench.clock.advance(by: .seconds(100))
        let seen = await bench.findRefund(number, of: trade, receipt)
        let isDone = !bench.traits.refundsTakeTime
        #expect(
            seen == .found(bench.foreign(number, of: receipt, amount: 3_000, refundedAt: isDone ? madeAt : nil)))
        let request = bench.refund(receipt, numbered: number, amount: 3_000, cause: .provider)
        #expect(await bench.provider.follow(request).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(number)
        #expect(await bench.provider.follow(request).withoutTime == .succeeded())
        guard case .found(let done) = await bench.findRefund(number, of: trade, receipt) else {
            throw FakeProblem("the refund of the console was not found")
        }
        #expect(done.refundedAt != nil && done.money.amount == 3_000)
        // The merchant refunds the rest.
        #expect(await bench.provider.refund(bench.refund(receipt, amount: receipt.amount - 3_000)).isTaken)
        #expect(await bench.fake.trade(trade.number)?.kept == 0)
    }

    @Sendable private static func ours(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt, amount: 3_000)
        #expect(await bench.provider.refund(refund).isTaken)
        try await bench.fake.finishRefund(refund.number)
        guard case .found(let found) = await bench.findRefund(refund.number, of: trade, receipt) else {
            throw FakeProblem("the refund was not found")
        }
        #expect(found.money == refund.money && found.number == refund.number && found.refundedAt != nil)
    }

    @Sendable private static func notFound(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let (otherTrade, otherReceipt) = try await bench.paid(order: 2)
        #expect(await bench.findRefund("re_none", of: trade, receipt) == .noSuchRefund)
        let number = try await bench.fake.refundInConsole(trade.number, amount: 3_000)
        try await bench.fake.finishRefund(number)
        for (trade, receipt) in [(otherTrade, otherReceipt), (trade, otherReceipt)] {
            if case .found(let found) = await bench.findRefund(number, of: trade, receipt) {
                throw FakeProblem("a refund of another payment was found: \(found)")
            }
        }
        if bench.traits.refundsCanClose {
            try await bench.fake.closeRefund(number)
            #expect(await bench.findRefund(number, of: trade, receipt) == .noSuchRefund)
        }
    }
}

extension ProviderBench {
    func findRefund(_ number: String, of trade: BenchTrade, _ receipt: Receipt) async -> ForeignRefundAnswer {
        await provider.findRefund(number, of: trade.reference, payment: receipt.transactionID)
    }
}
