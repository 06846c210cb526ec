import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Bills by a script, real storage, and one order.
struct ReconcileTests {
    @Test func `a bill with the payments of the books has no difference`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(), .other(row: 2, type: "payout")])
            books.bills.set(tomorrow, [])
            #expect(try await books.load(today) == .loaded)
            #expect(try await books.load(tomorrow) == .loaded)
            let bill = try await books.bill()
            #expect(bill.figures.rows == 2 && bill.figures[.matched] == 1 && bill.figures[.other] == 1)
            #expect(bill.comparedAt != nil && bill.state == .loaded)
            #expect(try await books.differences() == [])
        }
    }

    // MARK: There and not here

    @Test func `money that no notice told of is settled once a query confirms it`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.world.sandbox.willQuery(.paid(receipt()))
            try await books.load(today)
            #expect(try await books.world.order().state.name == .paid)
            #expect(try await books.bill().figures[.matched] == 1)
            #expect(try await books.differences() == [])
            #expect(books.process.observer.observations.contains(.orderEntered(.paid, number)))
        }
    }

    @Test func `a line without a partner waits for the next bill and is a difference then`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willQuery(.unpaid, .unpaid)
            try await books.load(today)
            #expect(try await books.bill().figures[.waiting] == 1)
            #expect(try await books.open() == [])
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingHere])
            #expect(try await books.bill().figures[.difference] == 1)
            #expect(try await books.told() == 1)
            #expect(try await books.world.order().state.name == .new)
        }
    }

    @Test func `a difference closes by itself when its money arrives`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willQuery(.unpaid, .unpaid)
            try await books.load(today)
            try await books.load(tomorrow)
            await books.world.notify(receipt(), books.process)
            try await books.reconcile.compare(sandbox)
            let difference = try #require(try await books.differences().first)
            #expect(difference.state == .closed && difference.ending == .matched && difference.decision == nil)
            #expect(try await books.bill().figures[.matched] == 1)
            #expect(try await books.told() == 1)
        }
    }

    @Test func `an order that can't be queried does not stop the comparison of other lines`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine(), paymentLine(2, "f-2", of: "OTHER9")])
            books.bills.set(tomorrow, [])
            books.process.ledger.willFail(.order)
            try await books.load(today)
            let bill = try await books.bill()
            #expect(bill.comparedAt != nil && bill.figures[.waiting] == 1 && bill.figures[.foreign] == 1)
            #expect(
                books.process.observer.observations.contains(
                    .reconciliation(.lineNotQueried(sandbox, first, why: "the disk is full"))))
            // The next comparison queries the order.
            books.world.sandbox.willQuery(.paid(receipt()))
            try await books.load(tomorrow)
            #expect(try await books.bill().figures[.matched] == 1)
        }
    }

    @Test func `an unknown answer of the provider is no difference before a second bill`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [])
            books.world.sandbox.willQuery(.unknown(.unanswered), .unknown(.unanswered), .unknown(.unanswered))
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [])
            try await books.load(tomorrow.next)
            #expect(try await books.open() == [.missingHere])
        }
    }

    @Test func `a second payment of a paid trade is found by the bill and refunded`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(), paymentLine(2, "tx-2")])
            books.world.sandbox.willQuery(.paid(receipt(of: first, "tx-2")))
            try await books.load(today)
            #expect(try await books.bill().figures[.matched] == 2)
            #expect(try await books.world.order().receipts.map(\.standing) == [.honest, .duplicate])
            #expect(try await books.world.order().refunds.count == 1)
        }
    }

    @Test func `a payment that belongs to another trade is a difference, and pays nothing twice`() async throws {
        try await withPaidBooks { books in
            let other = OrderNumber("20261122_0002")!
            books.world.sandbox.willCreate(made())
            _ = try await books.process.pay(firstPay(other, at: books.world.clock.now())).answer()
            let trade = TradeNumber(order: other, sequence: 1)
            books.bills.set(today, [paymentLine(), paymentLine(2, "tx-9", of: "\(trade)")])
            books.bills.set(tomorrow, [])
            // The provider answers with the payment of the first trade.
            let wrong = receipt(of: trade, "tx-1")
            books.world.sandbox.willQuery(.paid(wrong), .paid(wrong))
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingHere])
            #expect(try await books.world.order(other).state.name == .new)
        }
    }

    // MARK: Here and not there

    @Test func `a payment that no bill has is a difference only when the next bill is loaded`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            #expect(try await books.open() == [])
            try await books.load(tomorrow)
            #expect(try await books.open() == [.missingThere])
            let difference = try #require(try await books.differences().first)
            #expect(difference.finding.day == today && difference.row == nil && difference.finding.order == number)
            #expect(try await books.told() == 1)
        }
    }

    @Test func `a payment at the day's edge may stand in the next bill`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [])
            books.bills.set(tomorrow, [paymentLine()])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.differences() == [])
            #expect(try await books.bill(tomorrow).figures[.matched] == 1)
        }
    }

    @Test func `a bill that was missed is loaded later, and its difference closes`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [])
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [paymentLine()])
            for day in [today, tomorrow, tomorrow.next] { try await books.load(day) }
            let difference = try #require(try await books.differences().first)
            #expect(difference.state == .closed && difference.ending == .matched)
            #expect(try await books.open() == [])
        }
    }

    @Test func `a gap in the bills makes no difference`() async throws {
        try await withPaidBooks { books in
            books.bills.set(tomorrow, [])
            books.bills.set(tomorrow.next, [])
            try await books.load(tomorrow)
            try await books.load(tomorrow.next)
            #expect(try await books.differences() == [])
            // The bill of the day itself arrives last.
            books.bills.set(today, [])
            try await books.load(today)
            #expect(try await books.open() == [.missingThere])
        }
    }

    @Test func `disputed money of another account is in no bill`() async throws {
        try await withBooks { books in
            await books.world.notify(receipt(ours: false), books.process)
            books.bills.set(today, [])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.differences() == [])
        }
    }

    // MARK: Amounts and foreign lines

    @Test func `another amount is a difference at once, and another one when the amount changes`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine(amount: 9_800)])
            try await books.load(today)
            #expect(try await books.open() == [.amount])
            books.bills.set(today, [paymentLine(amount: 9_700)], digest: "corrected")
            try await books.load(today)
            #expect(try await books.open() == [.amount])
            #expect(try await books.differences().map(\.ending) == [.replaced, nil])
            books.bills.set(today, [paymentLine()], digest: "right")
            try await books.load(today)
            #expect(try await books.open() == [])
            #expect(try await books.differences().map(\.ending) == [.replaced, .matched])
        }
    }

    @Test(arguments: ForeignLines.allCases)
    func `lines of other systems are counted, and lines that look like ours are reported`(
        foreign: ForeignLines
    ) async throws {
        try await withBooks(foreign: foreign) { books in
            books.bills.set(today, [paymentLine(1, "f-1", of: "OTHER9"), paymentLine(2, "f-2", of: "lost_order_1")])
            books.bills.set(tomorrow, [])
            try await books.load(today)
            try await books.load(tomorrow)
            #expect(try await books.bill().figures[.foreign] == (foreign == .report ? 1 : 2))
            #expect(try await books.open() == (foreign == .report ? [.missingHere] : []))
            // Without an order there is nobody to tell.
            #expect(try await books.told() == 0)
        }
    }

    @Test func `rows that can't be read are differences, a hundred of them, and all are counted`() async throws {
        try await withBooks { books in
            let rows = (1...120).map { BillRow.unreadable(row: $0, why: "column 订单金额") }
            books.bills.set(today, rows)
            try await books.load(today)
            #expect(try await books.bill().figures[.unreadable] == 120)
            #expect(try await books.open().count == 100)
            #expect(try await books.differences().allSatisfy { $0.finding.kind == .status && $0.row != nil })
            // The provider corrects its bill.
            books.bills.set(today, [], digest: "corrected")
            try await books.load(today)
            #expect(try await books.open() == [])
            #expect(try await books.differences().allSatisfy { $0.ending == .withdrawn })
        }
    }

    // MARK: People

    @Test func `an explained difference closes by itself, and is not asked about again`() async throws {
        try await withBooks { books in
            books.bills.set(today, [paymentLine()])
            books.bills.set(tomorrow, [])
            books.world.sandbox.willQuery(.unpaid, .unpaid)
            try await books.load(today)
            try await books.load(tomorrow)
            let id = try #require(try await books.differences().first).id
            _ = try await books.store.decide(
                DifferenceDecision(id, .explain, note: DifferenceNote("a test payment")!, by: PersonName("Li")!),
                at: books.world.clock.now())
            try await books.reconcile.compare(sandbox)
            #expect(try await books.differences().map(\.state) == [.explained])
            await books.world.notify(receipt(), books.process)
            try await books.reconcile.compare(sandbox)
            let difference = try #require(try await books.differences().first)
            #expect(difference.state == .closed && difference.ending == .matched)
            #expect(difference.decision?.note.text == "a test payment" && difference.decision?.by.text == "Li")
        }
    }

    @Test func `a difference that a person closed is never opened again`() async throws {
        try await withPaidBooks { books in
            for day in [today, tomorrow] {
                books.bills.set(day, [])
                try await books.load(day)
            }
            let id = try #require(try await books.differences().first).id
            _ = try await books.store.decide(
                DifferenceDecision(id, .close, note: DifferenceNote("settled by hand")!, by: PersonName("Li")!),
                at: books.world.clock.now())
            books.bills.set(tomorrow, [.other(row: 1, type: "fee")], digest: "again")
            try await books.load(tomorrow)
            #expect(try await books.differences().map(\.state) == [.closed])
            #expect(try await books.told() == 1)
        }
    }
}
