import Testing

@testable import PayCore

@Suite struct `A disputed payment` {
    static let odd: [Receipt] = [
        receipt(amount: 9_899), receipt(amount: 0), receipt(currency: "USD"), receipt(ours: false),
        receipt(amount: 1, currency: "usd", ours: false, returned: true),
    ]

    /// An order in each state with one disputed receipt of its first attempt.
    private func disputed(_ odd: Receipt, _ state: OrderState = .new, _ start: AttemptState = .open) throws -> Order {
        var order = order([attempt(first, start), attempt(second, .closed)], state: state, fence: 3)
        _ = try order.settle(odd, at: at(30))
        return order
    }

    @Test(arguments: odd)
    func `a disputed payment that is reported again with matching particulars counts as if it came then`(odd: Receipt)
        throws
    {
        for (state, standing) in zip(
            `Money that arrives`.orderStates, [ReceiptStanding.honest, .duplicate, .late, .late])
        {
            for news in [receipt(), receipt(returned: true)] {
                // Given
                var order = try disputed(odd, state)

                // When
                let action = try order.settle(news, at: at(90))

                // Then
                let now = news.isReturned ? .returned : standing
                #expect(action.word == (now == .honest ? "paid" : now.rawValue))
                #expect(order.receipts == [RecordedReceipt(receipt: news, standing: now, recordedAt: at(30))])
                #expect(order.attempts[0].state == .paid && order.attempts[0].askAt == nil)
                #expect(order.state == (now == .honest ? .paid(by: first, at: at(90)) : state))
                #expect(order.refunds.map(\.number) == (now == .duplicate || now == .late ? ["\(first)_r1"] : []))
                #expect(order.newEvents.count == 2 && order.newEvents[0].kind == .paymentDisputed)
            }
        }
    }

    @Test(arguments: odd) func `a disputed payment stays disputed while its particulars do not match`(odd: Receipt)
        throws
    {
        var order = try disputed(odd)
        let before = order
        for news in Self.odd {
            #expect(try order.settle(news, at: at(90)) == .alreadyRecorded)
            #expect(order == before)
        }
    }

    @Test func `a disputed payment is judged again only once`() throws {
        var order = try disputed(Self.odd[0])
        _ = try order.settle(receipt(), at: at(90))
        let before = order
        for news in Self.odd + [receipt(), receipt(returned: true)] {
            #expect(try order.settle(news, at: at(99)) == .alreadyRecorded)
        }
        #expect(order == before)
    }

    @Test func `a disputed payment is not judged again by the same payment for another trade`() throws {
        var order = try disputed(Self.odd[0])
        let before = order
        #expect(try order.settle(receipt(second), at: at(90)) == .alreadyRecorded)
        #expect(order == before)
    }

    @Test func `the refund of a disputed payment is numbered by its place among the trade's receipts`() throws {
        var order = try disputed(receipt(first, "tx-1", ours: false), .paid(by: second, at: at(1)))
        _ = try order.settle(receipt(first, "tx-2"), at: at(40))
        _ = try order.settle(receipt(first, "tx-1"), at: at(50))
        #expect(order.refunds.map(\.number) == ["\(first)_r2", "\(first)_r1"])
        #expect(order.refunds.map(\.transactionID.text) == ["tx-2", "tx-1"])
    }

    @Test func `the query of a switch that finds the disputed payment valid pays the order`() throws {
        var order = order([attempt(first, beingClosed)], fence: 3, lease: lease())
        _ = try order.settle(receipt(ours: false), at: at(2))
        let report = CloseReport(
            tradeNumber: first, close: .alreadyPaid, query: .paid(receipt()), queriedAt: at(5))
        #expect(try order.finishClosing(report, under: right(3), at: at(6)) == .settled(.paid))
        #expect(order.state == .paid(by: first, at: at(6)))
    }

    @Test func `a disputed payment that came after the last query is queried within the hour`() throws {
        for (start, again) in [(AttemptState.closed, Optional(at(13_600))), (.lapsed, nil), (.paid, nil)] {
            var order = order([attempt(first, start)], fence: 3)
            #expect(order.attempts[0].askAt == nil)
            _ = try order.settle(receipt(ours: false), at: at(10_000))
            #expect(order.attempts[0].askAt == again)
        }
    }

    @Test func `an order with a disputed payment under queries does not expire`() throws {
        var order = order([attempt(first, .closed)], fence: 3)
        _ = try order.settle(receipt(ours: false), at: at(10_000))
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(10_000)) == .nothing)
    }
}
