import Testing

@testable import PayCore

@Suite struct `Returned money` {
    typealias Start = `Attempts move by the table`.Start

    private let returned = receipt(returned: true)

    /// A new order whose only attempt was paid, and whose money was returned.
    private func goneBack() throws -> Order {
        var order = order([attempt(first, .open, pages: [page()])], fence: 3)
        _ = try order.settle(returned, at: at(30))
        order.newEvents = []
        return order
    }

    @Test(arguments: `Money that arrives`.orderStates, Start.allCases)
    func `returned money is stored, pays nothing, and is not refunded again`(state: OrderState, start: Start) throws {
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
    func `the standing of returned money does not depend on the order of reports`(state: OrderState) throws {
        for (earlier, later) in [(receipt(), returned), (returned, receipt())] {
            var order = order([attempt(first, .open)], state: state, fence: 3)
            _ = try order.settle(earlier, at: at(30))
            let before = order
            #expect(try order.settle(later, at: at(60)) == .alreadyRecorded)
            #expect(order == before)
        }
    }

    @Test func `returned money of another amount or account is disputed`() throws {
        for odd in [receipt(amount: 1, returned: true), receipt(ours: false, returned: true)] {
            var order = order([attempt(first, .open)], fence: 3)
            #expect(try order.settle(odd, at: at(30)) == .disputed)
            #expect(order.newEvents.map(\.kind) == [.paymentDisputed])
        }
    }

    @Test func `returned money leaves no page, and the next pay call creates the next attempt`() throws {
        var order = try goneBack()
        #expect(order.livePage(for: call().wish, at: at(40)) == nil)
        guard case .create(_, let create, _) = try order.beginOpening(call(), at: at(40)) else {
            return #expect(Bool(false), "no number was opened")
        }
        #expect(create.tradeNumber == second)
        #expect(order.attempts.map(\.state.name) == [.paid, .creating])
    }

    @Test func `returned money does not block a strict switch`() throws {
        var order = try goneBack()
        let step = try order.beginOpening(call(wechat, rules: rules(switching: .strict)), at: at(40))
        guard case .create = step else { return #expect(Bool(false), "\(step)") }
    }

    @Test func `returned money does not keep the order from expiring`() throws {
        var order = try goneBack()
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800)) == .expired)
        #expect(order.newEvents.map(\.kind) == [.orderExpired])
    }

    @Test func `returned money does not keep the merchant from closing the order`() throws {
        var order = try goneBack()
        let step = try order.beginMerchantClose(by: worker, holding: nil, asked: [], rules: rules(), at: at(40))
        #expect(step == .done(isNews: true))
    }

    @Test func `a second payment after returned money pays the order`() throws {
        var order = try goneBack()
        order.attempts.append(attempt(second, .open, channel: wechat))
        #expect(try order.settle(receipt(second, "w-1", channel: wechat), at: at(50)) == .paid)
        #expect(order.receipts.map(\.standing) == [.returned, .honest])
    }

    // MARK: Work in progress under a lease

    @Test func `returned money ends the close of its attempt, and the work continues under its right`() throws {
        for (query, action) in [
            (QueryAnswer.paid(returned), SettleAction.returned), (.paid(receipt()), .alreadyRecorded),
            (.closed, .alreadyRecorded), (.unknown(.unanswered), .alreadyRecorded),
        ] {
            var order = order([attempt(first, beingClosed, pages: [page()])], fence: 3, lease: lease())
            // If the query does not report it, a notice did before the answer was stored.
            if action == .alreadyRecorded { _ = try order.settle(returned, at: at(4)) }
            let report = CloseReport(tradeNumber: first, close: .alreadyPaid, query: query, queriedAt: at(5))
            #expect(try order.finishClosing(report, under: right(3), at: at(6)) == .returned(action))
            #expect(order.attempts[0].state == .paid && order.lease == lease())
        }
    }

    @Test func `a query after a create that finds returned money continues under its right`() throws {
        var order = order([attempt(first, firstTry)], fence: 3, lease: lease())
        let finished = try order.finishQuery(.paid(returned), of: first, under: right(3), rules: rules(), at: at(6))
        #expect(finished == .returned(.returned) && order.lease == lease())
        let again = try order.finishQuery(.unpaid, of: first, under: right(3), rules: rules(), at: at(7))
        #expect(again == .beginAgain)
    }

    @Test func `a query for a revival that finds returned money continues under its right`() throws {
        var order = order(
            [attempt(first, .exposed(closeUnansweredAt: nil), pages: [page()])], fence: 3, lease: lease())
        let finished = try order.finishRevival(
            .paid(returned), of: first, under: right(3), queriedAt: at(5), rules: rules(), at: at(6))
        #expect(finished == .returned(.returned) && order.lease == lease())
    }

    @Test func `a page that is created while money is returned is not stored`() throws {
        for state in [firstTry, .open] {
            var order = order([attempt(first, state)], fence: 3, lease: lease())
            let inFlight = report(made(), of: order.attempts[0])
            _ = try order.settle(returned, at: at(5))
            #expect(try order.finishOpening(inFlight, under: right(3), at: at(6)) == .beginAgain)
            #expect(order.attempts[0].pages.isEmpty)
        }
    }
}
