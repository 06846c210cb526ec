import Testing

@testable import PayCore

@Suite struct `The numbers of a restored database` {
    private let once = Numbering(restores: 1)

    private func paid(_ refunds: [Refund] = [], by trade: TradeNumber = first, restores: Int = 1) -> Order {
        Order(
            number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
            createdAt: noon, deadline: at(1_800), state: .paid(by: trade, at: at(20)), fence: Fence(3),
            attempts: [attempt(trade, .paid)],
            receipts: [RecordedReceipt(receipt: receipt(trade), standing: .honest, recordedAt: at(20))],
            refunds: refunds, numbering: Numbering(restores: restores))
    }

    private func wish(_ amount: Int64) -> RefundWish {
        RefundWish(number: nil, amount: amount, reason: nil, refundable: nil)
    }

    private func made(_ order: inout Order, _ amount: Int64 = 3_000) throws -> Refund {
        guard case .made(let refund) = order.requestRefund(wish(amount), at: at(100)) else { throw NotMade() }
        return refund
    }

    private struct NotMade: Error {}

    private func lost(_ number: String, _ amount: Int64 = 3_000) -> ForeignRefund {
        ForeignRefund(
            number: number, tradeNumber: first, transactionID: TransactionID("tx-1")!,
            money: Money(amount: amount, currency: yuan.currency)!, refundedAt: at(50))!
    }

    private func sequenceOf(_ step: OpeningStep) -> Int? {
        if case .create(_, let request, _) = step { request.tradeNumber.sequence } else { nil }
    }

    @Test func `an attempt made after a restore has a number that no attempt before it can have had`() throws {
        // The most attempts that the lost time can have made of an order that the copy does not have.
        var used: Set<Int> = []
        for restores in 0...3 {
            var order = draft().numbered(by: Numbering(restores: restores))
            for _ in 0..<PayRules.mostAttempts {
                let step = try order.beginOpening(call(), at: at(1))
                let sequence = try #require(sequenceOf(step))
                #expect(used.insert(sequence).inserted, "\(sequence) is used twice")
                order.attempts[order.attempts.endIndex - 1] = attempt(trade(sequence), .failed)
                order.lease = nil
            }
            #expect(try order.beginOpening(call(), at: at(1)) == .refuse(.tooManyAttempts))
        }
    }

    @Test func `a known order goes on behind the numbers that the lost time may have used`() throws {
        var order = order([attempt(first, .failed), attempt(second, .failed)], fence: 2).numbered(by: once)
        #expect(sequenceOf(try order.beginOpening(call(), at: at(1))) == 21)
        #expect(order.attempts.map(\.number.sequence) == [1, 2, 21])
    }

    @Test func `an order number that leaves no room for another number gets no attempt`() throws {
        let long = OrderNumber("twenty_eight_characters_long")!
        let order = Order(
            number: long, userID: UserID("u")!, money: yuan, subject: Subject("s")!, returnURL: nil, createdAt: noon,
            deadline: at(1_800))
        var last = order.numbered(by: Numbering(restores: 49))
        #expect(sequenceOf(try last.beginOpening(call(), at: at(1))) == 981)
        var over = order.numbered(by: Numbering(restores: 50))
        #expect(try over.beginOpening(call(), at: at(1)) == .refuse(.tooManyAttempts))
    }

    @Test func `money for an attempt that was lost pays the order`() throws {
        var order = order([attempt(first, .open)], fence: 2).numbered(by: once)
        #expect(try order.settle(receipt(second), at: at(30)) == .paid)
        #expect(order.state == .paid(by: second, at: at(30)))
        #expect(order.attempts.map(\.state.name) == [.closing, .paid])
        #expect(order.newEvents.map(\.kind) == [.orderPaid])
    }

    @Test func `money for a lost attempt of a paid order is refunded`() throws {
        var order = paid(by: trade(21))
        let action = try order.settle(receipt(second, "tx-2"), at: at(30))
        guard case .duplicate(let refund) = action else { throw NotMade() }
        #expect(refund.number == "\(second)_r1" && order.attempts.map(\.number) == [second, trade(21)])
        // The lost time may have requested this refund, under this number.
        let step = order.beginRefund(refund.number, rules: rules(), at: at(30))
        guard case .follow = step else { throw NotMade() }
    }

    @Test func `money for a lost attempt that does not match the order is disputed`() throws {
        var order = order([], fence: 2).numbered(by: once)
        #expect(try order.settle(receipt(amount: 1), at: at(30)) == .disputed)
        #expect(order.state == .new && order.attempts.map(\.state.name) == [.exposed])
    }

    @Test func `a number that was not lost, or that has not been used yet, is not taken in`() throws {
        var unbroken = order([], fence: 2)
        #expect(try unbroken.settle(receipt(), at: at(30)) == .unknownTrade)
        var restored = order([], fence: 2).numbered(by: once)
        #expect(try restored.settle(receipt(trade(21)), at: at(30)) == .unknownTrade)
        #expect(unbroken.attempts.isEmpty && restored.attempts.isEmpty)
    }

    @Test func `a merchant's refund made after a restore has a number that was never used`() throws {
        var order = paid()
        #expect(try made(&order).number == "\(first)_m1000001")
        #expect(try made(&order).number == "\(first)_m1000002")
        var again = order.numbered(by: Numbering(restores: 2))
        #expect(try made(&again).number == "\(first)_m2000001")
    }

    @Test func `lost refunds are looked for behind the known ones of each lost time`() throws {
        var order = paid()
        #expect(order.lostRefundNumbers(of: first) == ["\(first)_m1"])
        _ = order.takeIn(lost("\(first)_m1"), at: at(60))
        #expect(order.lostRefundNumbers(of: first) == ["\(first)_m2"])
        _ = try made(&order)
        #expect(order.lostRefundNumbers(of: first) == ["\(first)_m2"])
        let twice = order.numbered(by: Numbering(restores: 2))
        #expect(twice.lostRefundNumbers(of: first) == ["\(first)_m2", "\(first)_m1000002"])
        // A trade of this time has no refund that was lost.
        #expect(paid(by: trade(21)).lostRefundNumbers(of: trade(21)).isEmpty)
    }

    @Test func `a refund is requested after the lost refunds of its payment are known`() throws {
        var order = paid()
        let refund = try made(&order)
        let first = order.beginRefund(refund.number, rules: rules(), at: at(100))
        #expect(first == .findLost(refund.tradeNumber, refund.transactionID))
        // Another process does not search at the same time.
        #expect(order.beginRefund(refund.number, rules: rules(), at: at(101)) == .nothing)
        order.hasLookedForLostRefunds(of: refund.number, at: at(102))
        let next = order.beginRefund(refund.number, rules: rules(), lostAreKnown: true, at: at(102))
        guard case .submit = next else { throw NotMade() }
    }

    @Test func `a refund of the amount of a lost one stops, until a person retries it`() throws {
        var order = paid()
        let refund = try made(&order)
        _ = order.takeIn(lost("\(first)_m1"), at: at(100))
        let step = order.beginRefund(refund.number, rules: rules(), lostAreKnown: true, at: at(102))
        #expect(step == .stop(.moved(.failed), sandbox, first))
        #expect(order.refunds[0].state == .failed && order.refunds[0].providerCode == "REFUNDED_BEFORE_RESTORE")
        #expect(order.newEvents.last?.kind == .refundFailed && order.refundable == 6_900)
        #expect(order.retryRefund(refund.number, at: at(200)) == .queued)
        guard case .submit = order.beginRefund(refund.number, rules: rules(), at: at(200)) else { throw NotMade() }
    }

    @Test func `a refund that exceeds the payment together with a lost one stops`() throws {
        var order = paid()
        let refund = try made(&order, 6_000)
        _ = order.takeIn(lost("\(first)_m1", 5_000), at: at(100))
        let step = order.beginRefund(refund.number, rules: rules(), lostAreKnown: true, at: at(102))
        #expect(step == .stop(.moved(.failed), sandbox, first))
    }

    @Test func `a refund that the copy has, without a request, is queried before it is requested`() throws {
        let pending = Refund(
            number: "\(first)_m1", tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan,
            cause: .merchant, state: .pending, createdAt: noon, askAt: at(30))
        var restored = paid([pending])
        guard case .follow = restored.beginRefund(pending.number, rules: rules(), at: at(30)) else { throw NotMade() }
        var unbroken = paid([pending], restores: 0)
        guard case .submit = unbroken.beginRefund(pending.number, rules: rules(), at: at(30)) else { throw NotMade() }
    }
}
