import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

/// The provider's bills.
extension ProviderSuite {
    static func billCases() -> [Case] {
        [
            Case("the bill of a day has a row for each payment and each refund", bill),
            Case("the bill of a day ends at midnight in China", dayEnds),
            Case("a day that is not over has no bill yet", tooEarly),
            Case("a day without money has no rows", emptyDay),
            Case("an error of the receiver ends a bill", receiverFails),
        ]
    }

    @Sendable private static func bill(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let day = BillDay(containing: bench.clock.now())
        let (other, _) = try await bench.paid(order: 2)
        bench.clock.advance(by: .seconds(60))
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(refund.number)
        let taken = bench.clock.now()
        let (answer, rows) = try await bench.bill(of: day)
        guard case .bill(let file) = answer else { throw FakeProblem("no bill: \(answer)") }
        #expect(file.rows == rows.count)
        #expect(file.digest.utf8.count == 64)
        #expect(rows.map(\.row) == Array(1..<(rows.count + 1)))
        let lines = rows.compactMap { row -> BillLine? in
            if case .line(let line) = row { line } else { nil }
        }
        #expect(lines.count == 3 && rows.count == 3, "\(rows)")
        let payments = lines.filter { $0.kind == .payment }
        #expect(Set(payments.map(\.tradeNumber)) == [trade.number, other.number])
        for payment in payments {
            #expect(payment.amount == bench.minorUnits && payment.currencyCode == bench.traits.currency)
            #expect(payment.status == .succeeded && payment.refundNumber == nil && payment.providerRefundID == nil)
            #expect(day.contains(payment.at) && payment.at < taken)
        }
        let paid = payments.first { $0.tradeNumber == trade.number }
        #expect(paid?.transactionID == receipt.transactionID.text)
        let back = try #require(lines.first { $0.kind == .refund })
        #expect(back.tradeNumber == trade.number && back.transactionID == receipt.transactionID.text)
        #expect(back.refundNumber == refund.number && back.amount == receipt.amount)
        #expect(back.currencyCode == bench.traits.currency && back.status == bench.traits.billedRefund)
        #expect((back.providerRefundID != nil) == bench.traits.billsNameRefunds)
        #expect(back.at == taken)
        #expect(try await bench.bill(of: day).answer == answer, "the second bill differs")
    }

    @Sendable private static func dayEnds(_ bench: ProviderBench) async throws {
        let day = BillDay(containing: bench.clock.now())
        let trade = try await bench.open()
        _ = try await bench.fake.pay(trade.number)
        guard case .paid(let receipt) = await bench.provider.query(trade.reference) else {
            throw FakeProblem("paid, but the query does not report it")
        }
        bench.clock.advance(by: day.end - bench.clock.now())
        bench.catchBreath()
        let refund = bench.refund(receipt)
        #expect(await bench.provider.refund(refund).withoutTime == bench.refundTaken)
        try await bench.fake.finishRefund(refund.number)
        #expect(try await bench.bill(of: day).rows.count == 1)
        #expect(try await bench.bill(of: day.next).rows.count == 1)
    }

    @Sendable private static func tooEarly(_ bench: ProviderBench) async throws {
        _ = try await bench.paid()
        let day = BillDay(containing: bench.clock.now())
        bench.clock.advance(by: day.end - bench.clock.now() - .seconds(1))
        let (answer, rows) = try await bench.bill(of: day, moving: false)
        guard case .notReady = answer else { throw FakeProblem("a bill of a day that is not over: \(answer)") }
        #expect(rows == [])
    }

    @Sendable private static func emptyDay(_ bench: ProviderBench) async throws {
        let day = BillDay(containing: bench.clock.now())
        let (answer, rows) = try await bench.bill(of: day)
        #expect(rows == [])
        if bench.traits.emptyDayHasBill {
            guard case .bill(let file) = answer else { throw FakeProblem("no bill: \(answer)") }
            #expect(file.rows == 0)
        } else {
            #expect(answer == .noneThatDay)
        }
    }

    private struct FullDisk: Error {}

    @Sendable private static func receiverFails(_ bench: ProviderBench) async throws {
        _ = try await bench.paid()
        let day = BillDay(containing: bench.clock.now())
        bench.clock.advance(by: .seconds(2 * 86_400))
        let bills = try #require(bench.provider.bills)
        await #expect(throws: FullDisk.self) {
            _ = try await bills.bill(of: day) { _ in throw FullDisk() }
        }
    }
}

extension ProviderBench {
    /// Asks for a bill at noon of the day after the next, when every provider has made it.
    fileprivate func bill(
        of day: BillDay, moving: Bool = true
    ) async throws -> (answer: BillAnswer, rows: [BillRow]) {
        let noon = day.next.next.start + .seconds(12 * 3_600)
        if moving, clock.now() < noon { clock.advance(by: noon - clock.now()) }
        let bills = try #require(provider.bills)
        let taken = Mutex<[BillRow]>([])
        let answer = try await bills.bill(of: day) { batch in taken.withLock { $0 += batch } }
        return (answer, taken.withLock { $0 })
    }
}
