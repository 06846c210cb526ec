import Testing

@testable import PayCore

@Suite struct `The merchant closes` {
    private func begin(
        _ order: inout Order, holding held: LeaseRight? = nil, asked: Set<TradeNumber> = [], at now: Instant = at(20)
    ) throws -> MerchantCloseStep {
        try order.beginMerchantClose(by: worker, holding: held, asked: asked, rules: rules(), at: now)
    }

    @Test(arguments: [
        (OrderState.paid(by: first, at: noon), MerchantCloseStep.refuse(.orderNotNew(.paid))),
        (.expired(at: noon), .refuse(.orderNotNew(.expired))), (.closed(at: noon), .done(isNews: false)),
    ]) func `the merchant's close leaves an order that is over as it is`(state: OrderState, expected: MerchantCloseStep)
        throws
    {
        var order = order([attempt(first, .open)], state: state, fence: 2)
        let before = order
        #expect(try begin(&order) == expected)
        #expect(order == before)
    }

    @Test(arguments: [AttemptState.closed, .failed, .lapsed])
    func `the merchant's close ends an order at once if no attempt may take money`(state: AttemptState) throws {
        var order = order([attempt(first, state)], fence: 2)
        #expect(try begin(&order) == .done(isNews: true))
        #expect(order.state == .closed(at: at(20)))
        #expect(order.fence == Fence(3))
        #expect(order.newEvents == [OrderEvent(kind: .orderClosed, tradeNumber: nil, transactionID: nil, at: at(20))])
    }

    @Test(arguments: [firstTry, laterTry, .open, beingClosed, .exposed(closeUnansweredAt: nil)])
    func `the merchant's close first closes every payable attempt at its provider`(state: AttemptState) throws {
        var order = order([attempt(first, state, pages: [page()])], fence: 2)
        #expect(try begin(&order) == .close(right(3), first))
        #expect(order.state == .new)
        #expect(order.attempts[0].state.name == .closing)
        #expect(order.livePage(for: call().wish, at: at(20)) == nil)
    }

    @Test func `the merchant's close handles the live attempt first, then the exposed ones, each once`() throws {
        // Given
        var order = order(
            [
                attempt(first, .exposed(closeUnansweredAt: nil)), attempt(second, .exposed(closeUnansweredAt: nil)),
                attempt(trade(3), .open),
            ], fence: 2)
        var asked: Set<TradeNumber> = []
        var held: LeaseRight?
        var closed: [TradeNumber] = []

        // When
        while case .close(let right, let number) = try begin(&order, holding: held, asked: asked) {
            held = right
            asked.insert(number)
            closed.append(number)
            let report = CloseReport(tradeNumber: number, close: .noSuchTrade, query: .noSuchTrade, queriedAt: at(8))
            #expect(try order.finishClosing(report, under: right, at: at(20)) == .exposed(isKnown: true))
        }

        // Then
        #expect(closed == [trade(3), first, second])
        #expect(order.state == .closed(at: at(20)))
    }

    @Test func `a payment before the merchant's close counts as honest`() throws {
        // Given
        var order = order([attempt(first, .open)], fence: 2)
        _ = try begin(&order)

        // When
        let report = CloseReport(tradeNumber: first, close: .alreadyPaid, query: .paid(receipt()), queriedAt: at(8))
        let finished = try order.finishClosing(report, under: right(3), at: at(21))

        // Then
        #expect(finished == .settled(.paid))
        #expect(try begin(&order, holding: right(3), asked: [first]) == .refuse(.orderNotNew(.paid)))
    }

    @Test func `the merchant's close waits for another worker's lease, and for a kept lease`() throws {
        var working = order([attempt(first, firstTry)], fence: 2, lease: lease(of: successor, until: at(25)))
        #expect(try begin(&working) == .wait(until: at(25)))
        var kept = order([attempt(first, firstTry)], fence: 2, lease: lease(until: at(25), unanswered: true))
        #expect(try begin(&kept) == .refuse(.providerUnknown(retryAfter: .seconds(5))))
    }
}
