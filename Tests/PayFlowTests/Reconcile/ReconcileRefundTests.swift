import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Refunds in bills and books.
struct ReconcileRefundTests {
    private static let refundNumber = "\(first)_r2"

    /// A paid order with a second payment, whose refund has this answer.
    private func withRefund(
        _ answers: [RefundAnswer] = [.succeeded(at: nil)], _ body: (BooksWorld) async throws -> Void
    ) async throws {
        try await withPaidBooks { books in
            await books.world.notify(receipt(of: first, "tx-2"), books.process, id: "n-2")
            for answer in answers { books.world.sandbox.willRefund(answer) }
            _ = try await books.process.refunds.runOnce(at: books.world.clock.now())
            try await body(books)
        }
    }

    private func refundLine(
        _ row: Int = 3, _ status: BillLine.Status = .succeeded, _ number: String? = refundNumber,
        amount: Int64 = yuan.amount, transaction: String? = "tx-2", of trade: String = "\(first)", id: String = "re-9"
    ) -> BillRow {
        .line(
            BillLine(
                row: row, kind: .refund, status: status, tradeNumber: trade, transactionID: transaction,
                refundNumber: number, providerRefundID: id, amount: amount, currencyCode: "CNY", feeMicros: nil,
                at: HandMovedClock().now()))
    }

    private var payments: [BillRow] { [paymentLine(1, "tx-1"), paymentLine(2, "tx-2")] }

    private func state(_ books: BooksWorld) async throws -> RefundState? {
        try await books.world.order().refunds.first?.state
    }

    @Test func `a refund in the bill of its day is no difference`() async throws {
        try await withRefund { books in
            books.bills.set(today, payments + [refundLine()])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.bill().figures[.matched] == 3)
            #expect(try await books.differences() == [])
        }
    }

    @Test func `a refund that was accepted on one day and done on the next has one line`() async throws {
        try await withRefund([.submitted]) { books in
            books.bills.set(today, payments + [refundLine(3, .accepted)])
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [])
            try await books.load(today)
            #expect(try await books.bill().figures[.matched] == 3)
            books.world.sandbox.willRefund(.succeeded(at: nil))
            _ = try await books.process.refunds.runOnce(at: books.world.clock.now())
            #expect(try await state(books) == .succeeded)
            try await books.load(tomorrow)
            try await books.load(tomorrow.next)
            #expect(try await books.differences() == [])
        }
    }

    @Test func `a refund that no bill has is a difference once the next bill is loaded`() async throws {
        try await withRefund { books in
            books.bills.set(today, payments)
            books.bills.set(tomorrow, [])
            try await books.load(today)
            #expect(try await books.open() == [])
            try await books.load(tomorrow)
            #expect(try await books.open() == [.refundMissingThere])
            // The provider corrects its bill.
            books.bills.set(tomorrow, [refundLine(1)], digest: "corrected")
            try await books.load(tomorrow)
            #expect(try await books.differences().map(\.ending) == [.matched])
        }
    }

    @Test func `a refund of another amount is a difference`() async throws {
        try await withRefund { books in
            books.bills.set(today, payments + [refundLine(amount: 1)])
            try await books.load(today)
            #expect(try await books.open() == [.refundAmount])
        }
    }

    @Test func `a refund that the bill says succeeded is queried at once`() async throws {
        try await withRefund([.submitted]) { books in
            books.bills.set(today, payments + [refundLine()])
            books.world.sandbox.willRefund(.succeeded(at: nil))
            try await books.load(today)
            #expect(try await state(books) == .succeeded)
            #expect(try await books.bill().figures[.matched] == 3)
        }
    }

    @Test func `a refund that stays under way although the bill has it is a difference`() async throws {
        try await withRefund([.submitted]) { books in
            books.bills.set(today, payments + [refundLine()])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willRefund(.submitted, .submitted)
            try await books.load(today)
            #expect(try await books.bill().figures[.waiting] == 1)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.status])
        }
    }

    @Test func `a refund that the bank sent back is found by the bill, and a query confirms it`() async throws {
        try await withRefund { books in
            books.bills.set(today, payments + [refundLine(3), refundLine(4, .failed)])
            books.world.sandbox.willRefund(.closed(reason: "expired_card"))
            try await books.load(today)
            #expect(try await state(books) == .failed)
            try await books.reconcile.compare(sandbox)
            #expect(try await books.bill().figures[.matched] == 4)
            #expect(try await books.open() == [])
        }
    }

    @Test func `a failed refund whose money went back is put right by a query`() async throws {
        try await withRefund([.refused(reason: "NO"), .noSuchRefund]) { books in
            #expect(try await state(books) == .failed)
            books.bills.set(today, payments + [refundLine()])
            books.world.sandbox.willRefund(.succeeded(at: nil))
            try await books.load(today)
            #expect(try await state(books) == .succeeded)
            #expect(try await books.bill().figures[.matched] == 3)
        }
    }

    // MARK: Rows about the same refund, and refunds that the books change

    @Test(arguments: [yuan.amount, 1])
    func `a second refund under one number is a difference, whatever the amounts are`(amount: Int64) async throws {
        try await withRefund { books in
            books.bills.set(today, payments + [refundLine(3, amount: amount), refundLine(4, id: "re-10")])
            try await books.load(today)
            let kinds: [DifferenceKind] =
                amount == 1 ? [.refundAmount, .refundMissingHere] : [.refundMissingHere]
            #expect(try await books.open() == kinds)
            try await books.reconcile.compare(sandbox)
            #expect(try await books.open() == kinds)
            #expect(try await books.differences().count == kinds.count)
        }
    }

    @Test func `a refund with the same number in another trade is no proof of the refund`() async throws {
        try await withRefund { books in
            let other = refundLine(3, transaction: "tx-other", of: "OTHER")
            books.bills.set(today, payments + [other])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open().contains(.refundMissingThere))
        }
    }

    @Test func `a refund of an earlier day that succeeds late is compared with that day's bills`() async throws {
        try await withRefund([.submitted]) { books in
            books.bills.set(today, payments)
            for day in [tomorrow, tomorrow.next] { books.bills.set(day, []) }
            try await books.load(today)
            try await books.load(tomorrow)
            books.world.sandbox.willRefund(.succeeded(at: books.world.start))
            _ = try await books.process.refunds.runOnce(at: books.world.clock.now())
            #expect(try await state(books) == .succeeded)
            #expect(try await books.open() == [])
            try await books.load(tomorrow.next)
            #expect(try await books.open() == [.refundMissingThere])
        }
    }

    @Test func `a difference about a refund closes when the refund turns out to have failed`() async throws {
        try await withRefund { books in
            books.bills.set(today, payments)
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [refundLine(1, .failed)])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.refundMissingThere])
            books.world.sandbox.willRefund(.closed(reason: "expired_card"))
            try await books.load(tomorrow.next)
            #expect(try await state(books) == .failed)
            try await books.reconcile.compare(sandbox)
            #expect(try await books.differences().map(\.ending) == [.matched])
        }
    }

    @Test func `a query that changes nothing leaves no note in the history`() async throws {
        try await withRefund([.submitted]) { books in
            books.bills.set(today, payments + [refundLine()])
            let before = try await books.store.history(of: number).count
            books.world.sandbox.willRefund(.submitted)
            try await books.load(today)
            #expect(try await books.store.history(of: number).count == before)
        }
    }

    // MARK: Refunds in the provider's console

    private var consoleRefund: ForeignRefund {
        ForeignRefund(
            number: "console-1", tradeNumber: first, transactionID: TransactionID("tx-1")!,
            money: Money(amount: 100, currency: yuan.currency)!, refundedAt: HandMovedClock().now())!
    }

    private var consoleLine: BillRow { refundLine(3, .succeeded, "console-1", amount: 100, transaction: "tx-1") }

    @Test func `a refund in the provider's console is taken in once the provider confirms it`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(), consoleLine])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willFindRefund(.found(consoleRefund))
            try await books.load(today)
            try await books.load(tomorrow)
            let refund = try #require(try await books.world.order().refunds.first)
            #expect(refund.cause == .provider && refund.state == .succeeded && refund.money.amount == 100)
            #expect(try await books.bill().figures[.matched] == 2)
            #expect(try await books.differences() == [])
        }
    }

    @Test func `a refund that the provider does not confirm is a difference`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(), consoleLine])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willFindRefund(.noSuchRefund, .noSuchRefund)
            try await books.load(today)
            #expect(try await books.open() == [])
            try await books.load(tomorrow)
            #expect(try await books.open() == [.refundMissingHere])
            #expect(try await books.world.order().refunds == [])
        }
    }

    @Test func `an unknown answer about a console refund is no difference yet`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(), consoleLine])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willFindRefund(.unknown(.unanswered), .unknown(.unanswered))
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [])
            #expect(try await books.bill().figures[.waiting] == 1)
        }
    }

    @Test func `the payment of a console refund is settled first`() async throws {
        try await withBooks { books in
            // The refund's line stands in the bill, its payment in an earlier one that nobody loaded.
            books.bills.set(today, [consoleLine])
            books.world.sandbox.willQuery(.paid(receipt()))
            books.world.sandbox.willFindRefund(.found(consoleRefund))
            try await books.load(today)
            let order = try await books.world.order()
            #expect(order.state.name == .paid && order.refunds.map(\.cause) == [.provider])
            #expect(try await books.bill().figures[.matched] == 1)
        }
    }
}
