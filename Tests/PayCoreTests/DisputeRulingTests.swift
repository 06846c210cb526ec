import Testing

@testable import PayCore

@Suite struct `A person decides about disputed money` {
    private let transaction = TransactionID("tx-1")!

    /// An order with one disputed receipt of its first trade.
    private func disputed(_ receipt: Receipt = receipt(amount: 1), state: OrderState = .new) -> Order {
        var attempts = [attempt(first, .open)]
        var receipts = [RecordedReceipt(receipt: receipt, standing: .disputed, recordedAt: at(20))]
        if case .paid(let by, _) = state, by != first {
            attempts = [attempt(first, .exposed(closeUnansweredAt: nil)), attempt(by, .paid)]
            receipts.append(
                RecordedReceipt(receipt: PayCoreTests.receipt(by, "tx-2"), standing: .honest, recordedAt: at(30)))
        }
        return Order(
            number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
            createdAt: noon, deadline: at(1_800), state: state, fence: Fence(3), attempts: attempts,
            receipts: receipts)
    }

    @Test func `accepted money pays a new order, and never a second time`() throws {
        var order = disputed()
        #expect(try order.decideDispute(transaction, of: first, .accept, at: at(40)) == .accepted(.paid))
        #expect(order.state == .paid(by: first, at: at(40)) && order.receipts[0].standing == .honest)
        #expect(order.receipts[0].wasRuledOn && order.receipts[0].receipt.amount == 1)
        #expect(order.newEvents.map(\.kind) == [.orderPaid])
        for verdict in DisputeVerdict.allCases {
            #expect(
                try order.decideDispute(transaction, of: first, verdict, at: at(41)) == .refused(.notDisputed(.honest)))
        }
        #expect(order.newEvents.count == 1 && order.refunds.isEmpty)
        // The provider's own report comes again, and fits by now.
        #expect(try order.settle(receipt(), at: at(42)) == .alreadyRecorded)
    }

    @Test func `accepted money of a paid order is a duplicate, and its own amount goes back`() throws {
        var order = disputed(state: .paid(by: second, at: at(30)))
        guard
            case .accepted(.duplicate(let refund)) = try order.decideDispute(
                transaction, of: first, .accept, at: at(40))
        else {
            Issue.record("not a duplicate")
            return
        }
        #expect(refund.money.amount == 1 && refund.cause == .duplicate && refund.number == "\(first)_r1")
        #expect(order.state == .paid(by: second, at: at(30)))
        #expect(order.newEvents.map(\.kind) == [.paymentDuplicate])
    }

    @Test(arguments: [OrderState.closed(at: noon), .expired(at: noon)])
    func `accepted money of a finished order is late, and goes back`(_ state: OrderState) throws {
        var order = disputed(state: state)
        guard case .accepted(.late(let refund)) = try order.decideDispute(transaction, of: first, .accept, at: at(40))
        else {
            Issue.record("not late")
            return
        }
        #expect(refund.cause == .late && order.state == state)
    }

    @Test func `rejected money goes back in full once, and pays nothing`() throws {
        var order = disputed()
        guard case .refunded(let refund) = try order.decideDispute(transaction, of: first, .refund, at: at(40)) else {
            Issue.record("not refunded")
            return
        }
        #expect(refund.money.amount == 1 && refund.cause == .dispute && refund.askAt == at(40))
        #expect(order.state == .new && order.receipts[0].standing == .rejected && order.refunds == [refund])
        #expect(order.attempts[0].state == .paid, "no page of the trade is served any more")
        for verdict in DisputeVerdict.allCases {
            #expect(
                try order.decideDispute(transaction, of: first, verdict, at: at(41))
                    == .refused(.notDisputed(.rejected)))
        }
        #expect(try order.settle(receipt(), at: at(42)) == .alreadyRecorded)
        #expect(order.refunds.count == 1 && order.refundable == 0 && order.payment == nil)
    }

    @Test func `money that already went back is not refunded again`() throws {
        var order = disputed(receipt(ours: false, returned: true))
        #expect(try order.decideDispute(transaction, of: first, .refund, at: at(40)) == .refused(.alreadyReturned))
        #expect(try order.decideDispute(transaction, of: first, .accept, at: at(41)) == .accepted(.returned))
        #expect(order.state == .new && order.refunds.isEmpty)
    }

    /// Staff gave this much of the disputed payment back in the provider's console.
    private func partlyReturned(_ amount: Int64, state: OrderState = .new) -> Order {
        var order = disputed(receipt(ours: false), state: state)
        let foreign = ForeignRefund(
            number: "re_1", tradeNumber: first, transactionID: transaction,
            money: Money(amount: amount, currency: yuan.currency)!, refundedAt: at(35))!
        _ = order.takeIn(foreign, at: at(36))
        return order
    }

    @Test func `disputed money that went back in the console pays nothing, however the dispute ends`() throws {
        var accepted = partlyReturned(yuan.amount)
        #expect(try accepted.decideDispute(transaction, of: first, .accept, at: at(40)) == .accepted(.returned))
        #expect(accepted.state == .new && accepted.receipts[0].standing == .returned)
        var refunded = partlyReturned(yuan.amount)
        #expect(try refunded.decideDispute(transaction, of: first, .refund, at: at(40)) == .refused(.alreadyReturned))
        var judged = partlyReturned(yuan.amount, state: .closed(at: noon))
        #expect(try judged.settle(receipt(), at: at(40)) == .returned)
        #expect(judged.refunds.map(\.cause) == [.provider])
    }

    @Test func `of disputed money that went back in part, the rest is refunded`() throws {
        var rejected = partlyReturned(4_000)
        guard case .refunded(let rest) = try rejected.decideDispute(transaction, of: first, .refund, at: at(40)) else {
            Issue.record("not refunded")
            return
        }
        #expect(rest.money.amount == yuan.amount - 4_000 && rest.cause == .dispute)
        var late = partlyReturned(4_000, state: .closed(at: noon))
        guard case .late(let back) = try late.settle(receipt(), at: at(40)) else {
            Issue.record("not late")
            return
        }
        #expect(back.money.amount == yuan.amount - 4_000 && back.cause == .late)
    }

    @Test func `a failed refund of late money is retried for what the console has left`() throws {
        var order = disputed(state: .closed(at: noon))
        order.receipts[0] = RecordedReceipt(receipt: receipt(), standing: .disputed, recordedAt: at(20))
        _ = try order.decideDispute(transaction, of: first, .accept, at: at(40))
        let failed = order.refunds[0]
        _ = order.finishRefund(failed.number, .refused(reason: "NO"), at: at(50))
        let foreign = ForeignRefund(
            number: "re_1", tradeNumber: first, transactionID: transaction,
            money: Money(amount: 4_000, currency: yuan.currency)!, refundedAt: at(55))!
        _ = order.takeIn(foreign, at: at(56))
        #expect(order.retryRefund(failed.number, at: at(60)) == .queued)
        #expect(order.refunds[0].state == .failed)
        #expect(order.refunds.last?.money.amount == yuan.amount - 4_000 && order.refunds.last?.state == .pending)
        #expect(order.retryRefund(failed.number, at: at(61)) == .tooMuch(left: 0))
    }

    @Test func `money without a valid amount can pay a new order, and can't be refunded`() throws {
        var order = disputed(receipt(amount: 0))
        #expect(try order.decideDispute(transaction, of: first, .refund, at: at(40)) == .refused(.notRefundable))
        var paid = disputed(receipt(currency: "XXX"), state: .paid(by: second, at: at(30)))
        #expect(try paid.decideDispute(transaction, of: first, .accept, at: at(40)) == .refused(.notRefundable))
        #expect(try order.decideDispute(transaction, of: first, .accept, at: at(40)) == .accepted(.paid))
        #expect(order.refundable == 0)
    }

    @Test func `a receipt that is unknown or not disputed is refused`() throws {
        var order = disputed()
        let other = TransactionID("tx-9")!
        #expect(try order.decideDispute(other, of: first, .accept, at: at(40)) == .refused(.noSuchReceipt))
        #expect(try order.settle(receipt(), at: at(41)) == .paid)
        #expect(
            try order.decideDispute(transaction, of: first, .refund, at: at(42)) == .refused(.notDisputed(.honest)))
    }
}
