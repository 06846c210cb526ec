import Testing

@testable import PayCore

@Suite struct `Money that arrives` {
    typealias Start = `Attempts move by the table`.Start

    static let orderStates: [OrderState] = [
        .new, .paid(by: second, at: at(1)), .closed(at: at(1)), .expired(at: at(1)),
    ]

    @Test(arguments: orderStates, Start.allCases)
    func `a receipt is stored in every state of the order and of the attempt`(
        state: OrderState, start: Start
    ) throws {
        // Given
        var order = order([attempt(first, start.state)], state: state, fence: 3)

        // When
        let action = try order.settle(receipt(), at: at(30))
        /// A provider that had given its last word broke it: an alarm, in addition to the outcome.
        let alarming = { (action: SettleAction) in start == .lapsed ? .afterLastWord(action) : action }

        // Then
        #expect(order.receipts.map(\.receipt) == [receipt()])
        #expect(order.receipts.map(\.recordedAt) == [at(30)])
        #expect(order.attempts[0].state == .paid)
        switch state {
        case .new:
            #expect(action == alarming(.paid))
            #expect(order.state == .paid(by: first, at: at(30)))
            #expect(order.fence == Fence(4))
            #expect(order.refunds.isEmpty)
            #expect(order.newEvents.map(\.kind) == [.orderPaid])
        case .paid:
            #expect(action == alarming(.duplicate(refund(1, because: .duplicate))))
            #expect(order.newEvents.map(\.kind) == [.paymentDuplicate])
        case .closed, .expired:
            #expect(action == alarming(.late(refund(1, because: .late))))
            #expect(order.newEvents.map(\.kind) == [.paymentLate])
        }
        if state != .new {
            #expect(order.state == state)
            #expect(order.refunds == [refund(1, because: state.name == .paid ? .duplicate : .late)])
            #expect(order.receipts.map(\.standing) == (state.name == .paid ? [.duplicate] : [.late]))
        }
    }

    @Test(arguments: orderStates, Start.allCases)
    func `a repeated receipt counts once, in every state`(state: OrderState, start: Start) throws {
        // Given
        var order = order([attempt(first, start.state)], state: state, fence: 3)
        _ = try order.settle(receipt(), at: at(30))
        let before = order

        // When
        let action = try order.settle(receipt(), at: at(60))

        // Then
        #expect(action == .alreadyRecorded)
        #expect(order == before)
    }

    @Test(arguments: [
        ("less", receipt(amount: 9_899)), ("more", receipt(amount: 9_901)), ("nothing", receipt(amount: 0)),
        ("below nothing", receipt(amount: -9_900)), ("other money", receipt(currency: "USD")),
        ("small letters", receipt(currency: "cny")), ("another account", receipt(ours: false)),
    ]) func `a receipt that does not match the attempt is disputed, and moves nothing`(what: String, receipt: Receipt)
        throws
    {
        for state in Self.orderStates {
            for start in Start.allCases {
                // Given
                var order = order([attempt(first, start.state)], state: state, fence: 3, lease: lease())
                let before = order

                // When
                let action = try order.settle(receipt, at: at(30))

                // Then
                #expect(action == .disputed)
                #expect(order.receipts.map(\.standing) == [.disputed])
                #expect(order.state == before.state && order.fence == before.fence)
                #expect(order.asIfUnwatched.attempts == before.asIfUnwatched.attempts)
                // The attempt is queried from now on, if its state allows it.
                #expect(order.attempts[0].askAt == (before.attempts[0].isWatched ? at(3_630) : nil))
                #expect(order.refunds.isEmpty && order.newEvents.map(\.kind) == [.paymentDisputed])
            }
        }
    }

    @Test func `money for a trade that the order does not have is not the order's`() throws {
        var order = order([attempt(first, .open)], fence: 3)
        #expect(try order.settle(receipt(second), at: at(30)) == .unknownTrade)
        #expect(order.receipts.isEmpty && order.state == .new)
    }

    @Test(arguments: Start.allCases)
    func `money that another channel reports is not the order's, and its trade is queried at once`(start: Start) throws
    {
        for state in Self.orderStates {
            var order = order([attempt(first, start.state)], state: state, fence: 3)
            let before = order
            #expect(try order.settle(receipt(channel: wechat), at: at(30)) == .unknownTrade)
            #expect(order.receipts.isEmpty && order.refunds.isEmpty && order.newEvents.isEmpty)
            #expect(order.state == before.state)
            #expect(order.asIfUnwatched == before.asIfUnwatched)
            #expect(order.attempts[0].askAt == (before.attempts[0].isWatched ? at(30) : nil))
            // The own channel's report of the same payment counts.
            #expect(try order.settle(receipt(), at: at(31)) != .alreadyRecorded)
        }
    }

    @Test func `the standing of money depends on the order's state, not on the provider's clock`() throws {
        var order = order([attempt(first, .lapsed)], fence: 3)
        #expect(try order.settle(receipt(), at: at(99_999)) == .afterLastWord(.paid))
    }

    @Test func `a second receipt from another channel is refunded, and does not count`() throws {
        // Given
        var order = order([attempt(first, .exposed(closeUnansweredAt: nil)), attempt(second, .open, channel: wechat)])

        // When
        let honest = try order.settle(receipt(second, "w-1", channel: wechat), at: at(30))
        let twice = try order.settle(receipt(first, "s-1"), at: at(31))

        // Then
        #expect(honest == .paid)
        #expect(twice == .duplicate(refund(1, transaction: "s-1", at: at(31))))
        #expect(order.state == .paid(by: second, at: at(30)))
        #expect(order.receipts.map(\.standing) == [.honest, .duplicate])
    }

    @Test func `refunds of each trade are numbered by its own receipts`() throws {
        // Given
        var order = order([attempt(first, .closed), attempt(second, .open)])

        // When
        let trades: [(TradeNumber, String)] = [(second, "a"), (second, "b"), (first, "c"), (second, "d"), (first, "e")]
        for (trade, transaction) in trades {
            _ = try order.settle(receipt(trade, transaction), at: at(30))
        }

        // Then
        #expect(
            order.refunds.map(\.number) == ["\(second)_r2", "\(first)_r1", "\(second)_r3", "\(first)_r2"])
        #expect(order.refunds.allSatisfy { $0.money == yuan && $0.state == .pending })
        #expect(order.refunds.map(\.transactionID.text) == ["b", "c", "d", "e"])
    }

    @Test(arguments: [
        (Start.creating, true), (.open, true), (.closing, true), (.exposed, false), (.closed, false),
        (.failed, false), (.lapsed, false),
    ]) func `a live attempt beside the paid one is closed at once`(
        sibling: Start, isClosed: Bool
    ) throws {
        // Given
        var order = order(
            [attempt(first, .exposed(closeUnansweredAt: nil)), attempt(second, sibling.state)], fence: 3,
            lease: lease())

        // When
        let action = try order.settle(receipt(first), at: at(5))

        // Then
        #expect(action == .paid)
        #expect(order.lease == nil)
        if isClosed {
            #expect(order.attempts[1].state == .closing(Closing(recoverAt: at(5), closeUnansweredAt: nil)))
            let step = try order.beginRecovery(by: worker, terms: terms(), rules: rules(), at: at(5))
            #expect(step == .close(right(5), second))
        } else {
            #expect(order.attempts[1].state == sibling.state)
        }
    }

    @Test func `no pending answer is stored after the order was paid`() throws {
        // Given
        var order = order([attempt(first, .closed), attempt(second, firstTry)], fence: 3, lease: lease())
        let inFlight = report(made(), of: order.attempts[1])

        // When
        _ = try order.settle(receipt(first), at: at(5))
        let finished = try order.finishOpening(inFlight, under: right(3), at: at(6))

        // Then
        #expect(finished == .fenced)
        #expect(order.attempts[1].pages.isEmpty)
        let renewed = order.renewLease(right(3), rules: rules(), at: at(6))
        #expect(renewed == nil)
    }

    @Test(arguments: orderStates) func `an order leaves new once`(state: OrderState) throws {
        for next in [OrderState.closed(at: at(9)), .expired(at: at(9)), .paid(by: first, at: at(9)), .new] {
            var order = order([], state: state, fence: 3)
            if state == .new, next != .new {
                try order.leaveNew(for: next)
                #expect(order.state == next && order.fence == Fence(4))
            } else {
                #expect(throws: IllegalTransition.self) { try order.leaveNew(for: next) }
                #expect(order.state == state)
            }
        }
    }

    private func refund(
        _ ordinal: Int, because cause: RefundCause = .duplicate, transaction: String = "tx-1",
        at instant: Instant = at(30)
    ) -> Refund {
        Refund(
            number: "\(first)_r\(ordinal)", tradeNumber: first, transactionID: TransactionID(transaction)!,
            money: yuan, cause: cause, state: .pending, createdAt: instant, askAt: instant)
    }
}
