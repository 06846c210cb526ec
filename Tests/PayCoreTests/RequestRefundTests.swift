import Testing

@testable import PayCore

@Suite struct `A merchant refunds a paid order` {
    /// 100 yuan, paid by the first trade.
    private let total = Money(amount: 10_000, currency: Currency("CNY")!)!

    private func paid(_ refunds: [Refund] = []) -> Order {
        let receipt = receipt(amount: total.amount)
        return Order(
            number: number, userID: UserID("user-7")!, money: total, subject: Subject("two cups")!, returnURL: nil,
            createdAt: noon, deadline: at(1_800), state: .paid(by: first, at: at(20)), fence: Fence(3),
            attempts: [attempt(first, .paid)],
            receipts: [RecordedReceipt(receipt: receipt, standing: .honest, recordedAt: at(20))], refunds: refunds)
    }

    private func wish(
        _ number: String? = nil, _ amount: Int64? = nil, reason: String? = nil, refundable: Int64? = nil
    ) -> RefundWish {
        RefundWish(
            number: number.map { RefundNumber($0)! }, amount: amount, reason: reason.map { RefundReason($0)! },
            refundable: refundable)
    }

    private func made(_ order: inout Order, _ wish: RefundWish) throws -> Refund {
        let decision = order.requestRefund(wish, at: at(100))
        guard case .made(let refund) = decision else { throw Unexpected(decision: decision) }
        return refund
    }

    private struct Unexpected: Error { let decision: RefundDecision }

    @Test func `a part is refunded, then the rest, under numbers that count the merchant's refunds`() throws {
        var order = paid()
        let part = try made(&order, wish("R1", 6_000, reason: "one cup"))
        #expect(part.number == "\(first)_m1" && part.providerNumber == part.number && part.publicNumber == "R1")
        #expect(part.cause == .merchant && part.reason?.text == "one cup" && part.state == .pending)
        #expect(part.askAt == at(100) && order.refundable == 4_000 && order.refunded == 0)
        let rest = try made(&order, wish())
        #expect(rest.number == "\(first)_m2" && rest.publicNumber == rest.number && rest.money.amount == 4_000)
        #expect(order.refundable == 0)
        #expect(order.finishRefund(part.number, .succeeded(at: at(90)), at: at(110)) == .moved(.succeeded))
        #expect(order.refunded == 6_000 && order.refunds[0].refundedAt == at(90))
    }

    @Test func `the sum of all refunds never exceeds the payment`() throws {
        var order = paid()
        _ = try made(&order, wish(nil, 6_000))
        #expect(order.requestRefund(wish(nil, 6_000), at: at(101)) == .refused(.tooMuch(refundable: 4_000)))
        #expect(order.requestRefund(wish(nil, 4_001), at: at(101)) == .refused(.tooMuch(refundable: 4_000)))
        _ = try made(&order, wish(nil, 4_000))
        #expect(order.requestRefund(wish(), at: at(102)) == .refused(.tooMuch(refundable: 0)))
        #expect(order.refunds.count == 2)
    }

    @Test func `a failed refund gives its amount free, and its number never again`() throws {
        var order = paid()
        let failed = try made(&order, wish("R1"))
        _ = order.finishRefund(failed.number, .refused(reason: "NO"), at: at(110))
        #expect(order.refundable == 10_000)
        let next = try made(&order, wish("R2"))
        #expect(next.number == "\(first)_m2")
        // The failed refund can't be retried any more, because its money has gone another way.
        #expect(order.retryRefund(failed.number, at: at(120)) == .tooMuch(left: 0))
    }

    @Test func `money that went back in the provider's console counts, even beyond the payment`() throws {
        var order = paid()
        let ours = try made(&order, wish(nil, 6_000))
        let foreign = try #require(
            ForeignRefund(
                number: "50000000382019", tradeNumber: first, transactionID: ours.transactionID, money: total,
                refundedAt: at(105)))
        guard case .takenIn(let refund) = order.takeIn(foreign, at: at(110)) else {
            Issue.record("not taken in")
            return
        }
        #expect(refund.cause == .provider && refund.state == .succeeded && refund.number == "50000000382019")
        #expect(order.refundable == 0 && order.refunded == 10_000)
        #expect(order.newEvents.map(\.kind) == [.refundSucceeded])
        #expect(order.takeIn(foreign, at: at(120)) == .known(.stays))
        #expect(order.refunds.count == 2)
    }

    @Test func `a refund of a payment that is not known is not taken in`() {
        var order = paid()
        let foreign = ForeignRefund(
            number: "re_1", tradeNumber: first, transactionID: TransactionID("tx-9")!, money: total, refundedAt: nil)!
        #expect(order.takeIn(foreign, at: at(110)) == .unknownPayment)
        #expect(order == paid())
    }

    @Test func `a report about one of our own refunds completes it, and makes no second one`() throws {
        var order = paid()
        let ours = try made(&order, wish(nil, 6_000))
        func report(_ amount: Int64) -> ForeignRefund {
            ForeignRefund(
                number: ours.number, tradeNumber: first, transactionID: ours.transactionID,
                money: Money(amount: amount, currency: total.currency)!, refundedAt: at(105))!
        }
        #expect(order.takeIn(report(5_999), at: at(110)) == .otherRefund)
        #expect(order.takeIn(report(6_000), at: at(110)) == .known(.moved(.succeeded)))
        #expect(order.refunds.count == 1 && order.refunds[0].refundedAt == at(105))
    }

    @Test func `a known number is the same refund, and other particulars are a mismatch`() throws {
        var order = paid()
        let refund = try made(&order, wish("R1", 6_000, reason: "one cup"))
        for same in [wish("R1", 6_000, reason: "one cup"), wish("R1"), wish("R1", 6_000, refundable: 10_000)] {
            #expect(order.requestRefund(same, at: at(200)) == .known(refund))
        }
        for other in [wish("R1", 5_999), wish("R1", 6_000, reason: "two cups")] {
            #expect(order.requestRefund(other, at: at(200)) == .refused(.mismatch))
        }
    }

    @Test func `a number that Paypage makes itself is refused`() {
        for text in ["\(first)_m1", "\(first)_r1", "\(first)_m1_2"] where RefundNumber(text) != nil {
            var order = paid()
            #expect(order.requestRefund(wish(text), at: at(100)) == .refused(.reservedNumber))
        }
        var order = paid()
        #expect(throws: Never.self) { try made(&order, wish("another_1_1_m1")) }
    }

    @Test func `a refund is refused if another amount is left than the merchant believes`() {
        var order = paid()
        #expect(
            order.requestRefund(wish(nil, 1, refundable: 9_999), at: at(100))
                == .refused(.amountChanged(refundable: 10_000)))
        #expect(order.requestRefund(wish(nil, 20_000, refundable: 1), at: at(100)).isAmountChanged)
        #expect(throws: Never.self) { try made(&order, wish(nil, 1, refundable: 10_000)) }
    }

    @Test func `an order without a payment has nothing to refund`() {
        for state: OrderState in [.new, .closed(at: noon), .expired(at: noon)] {
            var order = Order(
                number: number, userID: UserID("user-7")!, money: total, subject: Subject("two cups")!,
                returnURL: nil, createdAt: noon, deadline: at(1_800), state: state)
            #expect(order.requestRefund(wish(), at: at(100)) == .refused(.notPaid(state.name)))
            #expect(order.refundable == 0 && order.refunded == 0)
        }
    }

    @Test func `a provider takes at most so many refunds of one trade`() throws {
        var order = paid()
        let terms = RefundTerms(pause: .zero, mostPerTrade: 2)
        for _ in 1...2 { _ = try made(&order, wish(nil, 1)) }
        #expect(
            order.requestRefund(wish(nil, 1), terms: terms, at: at(100))
                == .refused(.tooMany(limit: 2, refundable: 9_998)))
    }

    @Test func `two refunds of a trade follow each other at the provider's pace`() throws {
        var order = paid()
        let terms = RefundTerms(pause: .seconds(60), mostPerTrade: nil)
        let (one, two) = (try made(&order, wish(nil, 1)), try made(&order, wish(nil, 2)))
        guard case .submit = order.beginRefund(one.number, rules: rules(), terms: terms, at: at(100)) else {
            Issue.record("the first refund waits")
            return
        }
        #expect(order.beginRefund(two.number, rules: rules(), terms: terms, at: at(101)) == .nothing)
        #expect(order.refunds[1].askAt == at(160) && order.refunds[1].requestedAt == nil)
        guard case .submit = order.beginRefund(two.number, rules: rules(), terms: terms, at: at(160)) else {
            Issue.record("the second refund waits for more than the pause")
            return
        }
        #expect(order.refunds[1].requestedAt == at(160))
    }

    @Test func `a refund that the provider closed is retried under another number`() throws {
        var order = paid()
        let refund = try made(&order, wish("R1"))
        #expect(order.finishRefund(refund.number, .closed(reason: "CLOSED"), at: at(110)) == .moved(.failed))
        #expect(order.retryRefund(refund.number, at: at(120)) == .queued)
        #expect(order.refunds[0].providerNumber == "\(first)_m1_2" && order.refunds[0].publicNumber == "R1")
        guard case .submit(let request, _) = order.beginRefund(refund.number, rules: rules(), at: at(120)) else {
            Issue.record("not requested")
            return
        }
        #expect(request.number == "\(first)_m1_2" && request.money == total && request.total == total)
        // Money under the old number would be a second refund: a person has to look.
        #expect(order.hearOfRefund("\(first)_m1", .succeeded(), from: sandbox, at: at(121)) == .contradicted)
        #expect(order.refunds[0].state == .pending)
        #expect(
            order.hearOfRefund("\(first)_m1_2", .succeeded(), from: sandbox, at: at(122)) == .moved(.succeeded))
    }

    @Test func `a late answer about an earlier number does not end the refund under its new number`() throws {
        var order = paid()
        let refund = try made(&order, wish("R1"))
        _ = order.finishRefund(refund.number, .closed(reason: "CLOSED"), at: at(110))
        _ = order.retryRefund(refund.number, at: at(120))
        _ = order.beginRefund(refund.number, rules: rules(), at: at(120))
        let before = order
        let old = refund.providerNumber
        for late in [RefundAnswer.closed(reason: "CLOSED"), .refused(reason: "NO"), .submitted, .noSuchRefund] {
            #expect(order.finishRefund(refund.number, late, askedAs: old, at: at(121)) == .stays)
        }
        #expect(order == before)
        #expect(order.finishRefund(refund.number, .succeeded(), askedAs: old, at: at(122)) == .contradicted)
        #expect(order == before)
        let present = order.refunds[0].providerNumber
        #expect(
            order.finishRefund(refund.number, .succeeded(), askedAs: present, at: at(123)) == .moved(.succeeded))
    }

    @Test func `the answer to a call that began before a notice of success does not contradict it`() throws {
        var order = paid()
        let refund = try made(&order, wish())
        _ = order.beginRefund(refund.number, rules: rules(), at: at(100))
        #expect(order.hearOfRefund(refund.number, .succeeded(), from: sandbox, at: at(101)) == .moved(.succeeded))
        #expect(order.finishRefund(refund.number, .submitted, at: at(102)) == .stays)
        // The query that confirms the success is still due.
        guard case .follow = order.beginRefund(refund.number, rules: rules(), at: at(103)) else {
            Issue.record("the success is not confirmed")
            return
        }
        // A revocation that arrives during that query is not lost.
        _ = order.hearOfRefund(refund.number, .closed(reason: "failed"), from: sandbox, at: at(104))
        #expect(order.finishRefund(refund.number, .succeeded(), at: at(105)) == .stays)
        #expect(order.refunds[0].askAt == at(104))
    }

    @Test func `an old request without an answer is queried before it is sent again`() throws {
        var order = paid()
        let refund = try made(&order, wish(nil, 4_000))
        let half = Duration.seconds(12 * 3_600)
        guard case .submit = order.beginRefund(refund.number, rules: rules(), at: at(100) + half) else {
            Issue.record("a refund that was never requested is queried")
            return
        }
        _ = order.finishRefund(refund.number, .unknown(.unanswered(.timeout)), at: at(101) + half)
        guard case .follow = order.beginRefund(refund.number, rules: rules(), at: at(200) + half + half) else {
            Issue.record("Stripe has forgotten the request, and would make a second refund")
            return
        }
    }

    @Test func `a pause that a corrected clock shows in the future holds nothing up`() throws {
        var order = paid()
        let (one, two) = (try made(&order, wish(nil, 1)), try made(&order, wish(nil, 2)))
        let terms = RefundTerms(pause: .seconds(60), mostPerTrade: nil)
        _ = order.beginRefund(one.number, rules: rules(), terms: terms, at: at(90_000))
        guard case .submit = order.beginRefund(two.number, rules: rules(), terms: terms, at: at(200)) else {
            Issue.record("the second refund waits for a day")
            return
        }
    }

    @Test func `a number that was taken in from the provider is not given out again`() throws {
        var order = paid()
        let lost = ForeignRefund(
            number: "\(first)_m1", tradeNumber: first, transactionID: TransactionID("tx-1")!,
            money: Money(amount: 1, currency: total.currency)!, refundedAt: at(30))!
        _ = order.takeIn(lost, at: at(90))
        #expect(try made(&order, wish(nil, 1)).number == "\(first)_m2")
    }

    @Test func `a refund that failed after it succeeded gives its amount free, once a query confirms it`() throws {
        var order = paid()
        let refund = try made(&order, wish())
        _ = order.beginRefund(refund.number, rules: rules(), at: at(105))
        _ = order.finishRefund(refund.number, .succeeded(at: at(105)), at: at(110))
        // The answer to an earlier call revokes nothing.
        #expect(order.finishRefund(refund.number, .closed(reason: "failed"), at: at(111)) == .stays)
        #expect(order.hearOfRefund(refund.number, .closed(reason: "failed"), from: sandbox, at: at(200)) == .stays)
        guard case .follow = order.beginRefund(refund.number, rules: rules(), at: at(200)) else {
            Issue.record("not queried")
            return
        }
        #expect(order.finishRefund(refund.number, .closed(reason: "failed"), at: at(201)) == .moved(.failed))
        #expect(order.refunds[0].refundedAt == nil && order.refunded == 0 && order.refundable == 10_000)
        #expect(order.newEvents.map(\.kind) == [.refundSucceeded, .refundFailed])
        // A late notice of the success is older.
        #expect(order.hearOfRefund(refund.number, .succeeded(), from: sandbox, at: at(202)) == .stays)
        #expect(order.finishRefund(refund.number, .succeeded(), at: at(203)) == .stays)
        #expect(order.refunds[0].state == .failed && order.refunded == 0)
    }

    @Test func `a success is confirmed by a query if a notice came during the call`() throws {
        var order = paid()
        let refund = try made(&order, wish())
        _ = order.beginRefund(refund.number, rules: rules(), at: at(105))
        #expect(order.hearOfRefund(refund.number, .closed(reason: "failed"), from: sandbox, at: at(107)) == .stays)
        #expect(order.finishRefund(refund.number, .succeeded(at: at(106)), at: at(108)) == .moved(.succeeded))
        guard case .follow = order.beginRefund(refund.number, rules: rules(), at: at(108)) else {
            Issue.record("not queried")
            return
        }
        #expect(order.finishRefund(refund.number, .closed(reason: "failed"), at: at(109)) == .moved(.failed))
        #expect(order.refunded == 0)
    }
}

extension RefundDecision {
    fileprivate var isAmountChanged: Bool {
        if case .refused(.amountChanged) = self { true } else { false }
    }
}

@Suite struct `A refund's number` {
    @Test(arguments: [
        ("20261122_0001_1_r1", "20261122_0001_1", "20261122_0001_1_r1", 0),
        ("20261122_0001_1_m12", "20261122_0001_1", "20261122_0001_1_m12", 0),
        ("20261122_0001_1_m1_2", "20261122_0001_1", "20261122_0001_1_m1", 1),
        ("order_r1_3_r2_11", "order_r1_3", "order_r1_3_r2", 10),
    ])
    func `names its trade and the refund that it belongs to`(
        _ text: String, _ trade: String, _ number: String, _ renewals: Int
    ) {
        let own = OwnRefundNumber(text)
        #expect(own?.trade.text == trade && own?.number == number && own?.renewals == renewals)
    }

    @Test(arguments: [
        "", "_r1", "20261122_0001_1", "20261122_0001_1_r0", "20261122_0001_1_r01", "20261122_0001_1_m1_1",
        "20261122_0001_1_m1_02", "20261122_0001_1_x1", "20261122_0001_r1", "50000000382019052709732678859",
    ])
    func `of another form is not ours`(_ text: String) {
        #expect(OwnRefundNumber(text) == nil)
    }
}
