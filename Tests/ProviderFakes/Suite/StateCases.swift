import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The states of a trade.
extension ProviderSuite {
    static func stateCases(for traits: ProviderTraits) -> [Case] {
        let common = [
            Case("a query of an unknown trade finds none", none), Case("an open trade is unpaid", unpaid),
            Case("a paid trade is reported with its receipt", paid),
            Case("a repeated close keeps a trade closed, and it takes no money", closed),
            Case("a close of a paid trade has no effect", closePaid),
            Case("an expired trade takes no money", expired),
        ]
        return traits.lateBuyersFinish
            ? common + [Case("a buyer at the password prompt can finish", atThePrompt)] : common
    }

    @Sendable private static func none(_ bench: ProviderBench) async throws {
        let reference = bench.reference(to: bench.request())
        #expect(await bench.provider.query(reference) == bench.traits.queryOfNone)
        #expect(await bench.provider.close(reference) == bench.traits.closeOfNone)
        if !bench.traits.tradeBeginsWithPage {
            let trade = try await bench.make(bench.request())
            #expect(await bench.provider.query(trade.reference) == .noSuchTrade, "the page was not opened")
        }
    }

    @Sendable private static func unpaid(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        #expect(await bench.provider.query(trade.reference) == .unpaid)
        #expect(await bench.fake.trade(trade.number)?.state == .unpaid)
        #expect(await bench.fake.trade(trade.number)?.amount == bench.minorUnits)
    }

    @Sendable private static func paid(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        bench.clock.advance(by: .seconds(90))
        let paidAt = bench.clock.now()
        let transaction = try await bench.fake.pay(trade.number)
        bench.clock.advance(by: .seconds(90))
        let receipt = Receipt(
            channel: bench.provider.channel, tradeNumber: trade.request.tradeNumber,
            transactionID: try #require(TransactionID(transaction)), amount: bench.minorUnits,
            currencyCode: bench.traits.currency, paidAt: paidAt, namesOurAccount: true)
        guard case .paid(let told) = await bench.provider.query(trade.reference) else {
            throw FakeProblem("paid, but the query does not report it")
        }
        #expect(told.tradeNumber == receipt.tradeNumber)
        #expect(told.transactionID == receipt.transactionID)
        #expect(told.amount == receipt.amount && told.currencyCode == receipt.currencyCode)
        #expect(told.namesOurAccount)
        #expect((trade.request.createdAt...bench.clock.now()).contains(told.paidAt))
    }

    @Sendable private static func closed(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        #expect(await bench.provider.close(trade.reference) == .accepted)
        #expect(await bench.provider.query(trade.reference) == .closed)
        let again = await bench.provider.close(trade.reference)
        #expect(again != .alreadyPaid && again != .noSuchTrade, "\(again)")
        #expect(await bench.provider.query(trade.reference) == .closed)
        await #expect(throws: (any Error).self) { try await bench.fake.pay(trade.number) }
        #expect(await bench.fake.trade(trade.number)?.state == .closed)
    }

    @Sendable private static func closePaid(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let answer = await bench.provider.close(trade.reference)
        #expect(answer != .accepted && answer != .noSuchTrade, "\(answer)")
        #expect(await bench.provider.query(trade.reference) == .paid(receipt))
        #expect(await bench.fake.trade(trade.number)?.state == .paid)
    }

    @Sendable private static func expired(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        let end = max(trade.page.sessionEndsAt ?? trade.request.stored.providerDeadline, bench.clock.now())
        bench.clock.advance(by: end - bench.clock.now() + .seconds(1))
        await #expect(throws: (any Error).self) { try await bench.fake.pay(trade.number) }
        let answer = await bench.provider.query(trade.reference)
        #expect(answer == .closed || answer == .unpaid, "\(answer)")
    }

    @Sendable private static func atThePrompt(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        #expect(await bench.provider.close(trade.reference) == .accepted)
        let transaction = try await bench.fake.payAtThePrompt(trade.number)
        guard case .paid(let receipt) = await bench.provider.query(trade.reference) else {
            throw FakeProblem("paid late, but the query does not report it")
        }
        #expect(receipt.transactionID.text == transaction)
    }
}
