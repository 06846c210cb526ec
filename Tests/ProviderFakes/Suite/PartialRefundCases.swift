import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Refunds in part, and the end of a refund.
extension ProviderSuite {
    static func partialRefundCases(for traits: ProviderTraits) -> [Case] {
        let cases = [
            Case("refunds in part add up to the payment, each with its own amount", parts),
            Case("a refund in part never takes more than is left", noLargerPart),
            Case("a known refund number with another amount is not another refund", otherAmount),
            Case("a refund in part leaves its trade paid", partlyPaid),
            Case("a refund has the provider's time", time),
            Case("a merchant's longest reason is accepted for a refund", longReason),
        ]
        return traits.refundsCanClose
            ? cases + [Case("a closed refund moved no money, and another number refunds it", closed)] : cases
    }

    @Sendable private static func parts(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let first = bench.refund(receipt, number: 1, amount: 4_000)
        let rest = bench.refund(receipt, number: 2, amount: receipt.amount - 4_000)
        #expect(await bench.provider.refund(first).withoutTime == bench.refundTaken)
        bench.pauseBetweenRefunds()
        #expect(await bench.provider.follow(rest) == .noSuchRefund)
        #expect(await bench.provider.refund(rest).withoutTime == bench.refundTaken)
        for refund in [rest, first] {
            #expect(await bench.provider.follow(refund).withoutTime == bench.refundTaken)
            try await bench.fake.finishRefund(refund.number)
            #expect(await bench.provider.follow(refund).withoutTime == .succeeded())
        }
        let known = try #require(await bench.fake.trade(trade.number))
        #expect(Set(known.refunds.map(\.amount)) == [4_000, receipt.amount - 4_000])
        #expect(known.kept == 0 && known.state == .refunded)
    }

    @Sendable private static func noLargerPart(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        #expect(await bench.provider.refund(bench.refund(receipt, number: 1, amount: 6_000)).isTaken)
        bench.pauseBetweenRefunds()
        let tooMuch = await bench.provider.refund(bench.refund(receipt, number: 2, amount: receipt.amount - 5_999))
        #expect(!tooMuch.isTaken, "\(tooMuch)")
        #expect(await bench.fake.trade(trade.number)?.refunded == 6_000)
        bench.pauseBetweenRefunds()
        #expect(await bench.provider.refund(bench.refund(receipt, number: 3, amount: receipt.amount - 6_000)).isTaken)
        #expect(await bench.fake.trade(trade.number)?.kept == 0)
    }

    @Sendable private static func otherAmount(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        #expect(await bench.provider.refund(bench.refund(receipt, amount: 1_000)).isTaken)
        bench.pauseBetweenRefunds()
        let other = bench.refund(receipt, amount: 2_000)
        let answer = await bench.provider.refund(other)
        #expect(!answer.isTaken, "\(answer)")
        #expect(await bench.fake.trade(trade.number)?.refunds.map(\.amount) == [1_000])
        try await bench.fake.finishRefund(other.number)
        if case .succeeded = await bench.provider.follow(other) { throw FakeProblem("another amount was refunded") }
    }

    @Sendable private static func partlyPaid(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt, amount: 4_000)
        #expect(await bench.provider.refund(refund).isTaken)
        try await bench.fake.finishRefund(refund.number)
        #expect(await bench.fake.trade(trade.number)?.state == .paid)
        guard case .paid(let told) = await bench.provider.query(trade.reference) else {
            throw FakeProblem("refunded in part, but the query does not report the payment")
        }
        #expect(told.transactionID == receipt.transactionID && told.amount == receipt.amount)
        #expect(told.isReturned == bench.traits.partLooksLikeAll)
    }

    @Sendable private static func time(_ bench: ProviderBench) async throws {
        let (_, receipt) = try await bench.paid()
        bench.clock.advance(by: .seconds(100))
        let requestedAt = bench.clock.now()
        let refund = bench.refund(receipt, amount: 4_000)
        #expect(await bench.provider.refund(refund).isTaken)
        bench.clock.advance(by: .seconds(100))
        try await bench.fake.finishRefund(refund.number)
        let doneAt = bench.clock.now()
        bench.clock.advance(by: .seconds(100))
        let isOfRequest = bench.traits.refundTimeIsOfRequest || !bench.traits.refundsTakeTime
        #expect(await bench.provider.follow(refund) == .succeeded(at: isOfRequest ? requestedAt : doneAt))
    }

    @Sendable private static func longReason(_ bench: ProviderBench) async throws {
        let (_, receipt) = try await bench.paid()
        let reasons = ["破損&退=款/一半 👨‍👩‍👧", String(repeating: "茶", count: RefundReason.longest)]
        for (index, reason) in reasons.enumerated() {
            let refund = bench.refund(receipt, number: index + 1, amount: 100, reason: reason)
            #expect(refund.reason != nil)
            #expect(await bench.provider.refund(refund).isTaken)
            bench.pauseBetweenRefunds()
        }
    }

    @Sendable private static func closed(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let refund = bench.refund(receipt, number: 1, amount: 4_000)
        #expect(await bench.provider.refund(refund).isTaken)
        try await bench.fake.closeRefund(refund.number)
        guard case .closed = await bench.provider.follow(refund) else {
            throw FakeProblem("the refund is closed, and the query does not tell it")
        }
        #expect(await bench.fake.trade(trade.number)?.refunded == 0)
        bench.pauseBetweenRefunds()
        let renewed = bench.refund(receipt, numbered: "\(refund.number)_2", amount: 4_000, cause: .merchant)
        #expect(await bench.provider.refund(renewed).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(renewed.number)
        #expect(await bench.provider.follow(renewed).withoutTime == .succeeded())
        #expect(await bench.fake.trade(trade.number)?.refunded == 4_000)
    }
}
