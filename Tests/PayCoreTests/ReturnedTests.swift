import Testing

@testable import PayCore

@Suite struct `Money that has gone back before we learned of it` {
    typealias Start = `Attempts move by the table`.Start

    private let returned = receipt(returned: true)

    /// A new order whose only attempt was paid, and whose money has gone back.
    private func goneBack() throws -> Order {
        var order = order([attempt(first, .open, pages: [page()])], fence: 3)
        _ = try order.settle(returned, at: at(30))
        order.newEvents = []
        return order
    }

    @Test(arguments: `Money that arrives`.orderStates, Start.allCases)
    func `is written down, pays nothing, and is not given back again`(state: OrderState, start: Start) throws {
        // Given
        var order = order([attempt(first, start.state)], state: state, fence: 3, lease: lease())

        // When
        let action = try order.settle(returned, at: at(30))

        // Then
        #expect(action == (start == .lapsed ? .afterLastWord(.returned) : .returned))
        #expect(order.state == state && order.fence == Fence(3) && order.lease == lease())
        #expect(order.attempts[0].state == .paid)
        #expect(order.receipts == [RecordedReceipt(receipt: returned, standing: .returned, recordedAt: at(30))])
        #expect(order.refunds.isEmpty)
        #expect(order.newEvents.map(\.kind) == [.paymentReturned])
        #expect(order.newEvents.map(\.transactionID) == [returned.transactionID])
    }

    @Test(arguments: `Money that arrives`.orderStates)
    func `stays what it was counted as, in whichever order we learn of it`(state: OrderState) throws {
        for (earlier, later) in [(receipt(), returned), (returned, receipt())] {
            var order = order([attempt(first, .open)], state: state, fence: 3)
            _ = try order.settle(earlier, at: at(30))
            let before = order
            #expect(try order.settle(later, at: at(60)) == .alreadyRecorded)
            #expect(order == before)
        }
    }

    @Test func `of another amount or account is disputed`() throws {
        for odd in [receipt(amount: 1, returned: true), receipt(ours: false, returned: true)] {
            var order = order([attempt(first, .open)], fence: 3)
            #expect(try order.settle(odd, at: at(30)) == .disputed)
            #expect(order.newEvents.isEmpty)
        }
    }

    @Test func `leaves no page to serve, and the next pay call opens the next number`() throws {
        var order = try goneBack()
        #expect(order.livePage(for: call().wish, at: at(40)) == nil)
        guard case .create(_, let create, _) = try order.beginOpening(call(), at: at(40)) else {
            return #expect(Bool(false), "no number was opened")
        }
        #expect(create.tradeNumber == second)
        #expect(order.attempts.map(\.state.name) == [.paid, .creating])
    }

    @Test func `does not hold back a strict switch`() throws {
        var order = try goneBack()
        let step = try order.beginOpening(call(wechat, rules: rules(switching: .strict)), at: at(40))
        guard case .create = step else { return #expect(Bool(false), "\(step)") }
    }

    @Test func `does not keep the order from expiring`() throws {
        var order = try goneBack()
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800)) == .expired)
        #expect(order.newEvents.map(\.kind) == [.orderExpired])
    }

    @Test func `does not keep the merchant from closing the order`() throws {
        var order = try goneBack()
        let step = try order.beginMerchantClose(by: worker, holding: nil, asked: [], rules: rules(), at: at(40))
        #expect(step == .done(isNews: true))
    }

    @Test func `a second payment after it pays the order`() throws {
        var order = try goneBack()
        order.attempts.append(attempt(second, .open, channel: wechat))
        #expect(try order.settle(receipt(second, "w-1", channel: wechat), at: at(50)) == .paid)
        #expect(order.receipts.map(\.standing) == [.returned, .honest])
    }

    // MARK: Work that is under way under a lease

    @Test func `ends the close of its attempt, and the work goes on under its right`() throws {
        for (query, action) in [
            (QueryAnswer.paid(returned), SettleAction.returned), (.paid(receipt()), .alreadyRecorded),
            (.closed, .alreadyRecorded), (.unknown(.unanswered), .alreadyRecorded),
        ] {
            var order = order([attempt(first, beingClosed, pages: [page()])], fence: 3, lease: lease())
            // Where the query does not tell of it, a notice did, before the answer was stored.
            if action == .alreadyRecorded { _ = try order.settle(returned, at: at(4)) }
            let report = CloseReport(tradeNumber: first, close: .alreadyPaid, query: query, queriedAt: at(5))
            #expect(try order.finishClosing(report, under: right(3), at: at(6)) == .returned(action))
            #expect(order.attempts[0].state == .paid && order.lease == lease())
        }
    }

    @Test func `a query after a create that was told of a payment goes on under its right`() throws {
        var order = order([attempt(first, firstTry)], fence: 3, lease: lease())
        let finished = try order.finishQuery(.paid(returned), of: first, under: right(3), rules: rules(), at: at(6))
        #expect(finished == .returned(.returned) && order.lease == lease())
        let again = try order.finishQuery(.unpaid, of: first, under: right(3), rules: rules(), at: at(7))
        #expect(again == .beginAgain)
    }

    @Test func `a query for the way back goes on under its right`() throws {
        var order = order(
            [attempt(first, .exposed(closeUnansweredAt: nil), pages: [page()])], fence: 3, lease: lease())
        let finished = try order.finishRevival(
            .paid(returned), of: first, under: right(3), queriedAt: at(5), rules: rules(), at: at(6))
        #expect(finished == .returned(.returned) && order.lease == lease())
    }

    @Test func `a page that is made meanwhile is not stored`() throws {
        for state in [firstTry, .open] {
            var order = order([attempt(first, state)], fence: 3, lease: lease())
            let inFlight = report(made(), of: order.attempts[0])
            _ = try order.settle(returned, at: at(5))
            #expect(try order.finishOpening(inFlight, under: right(3), at: at(6)) == .beginAgain)
            #expect(order.attempts[0].pages.isEmpty)
        }
    }
}
