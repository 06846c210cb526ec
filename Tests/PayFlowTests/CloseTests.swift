import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The merchant's close` {
    @Test func `the merchant's close closes and queries at the provider before it closes the order`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            let hold = world.sandbox.willHoldQuery(then: .closed)

            // When
            let closing = Task { try await process.close(number).state }
            await hold.waitForArrival()
            #expect(try await world.order().state == .new)
            #expect(try await world.states() == [.closing])
            hold.release()

            // Then
            #expect(try await closing.value == .closed)
            #expect(world.sandbox.operations == ["create", "close", "query"])
            let order = try await world.order()
            #expect(order.state.name == .closed && order.lease == nil)
            #expect(try await process.pay(repay()).refusal == .orderNotNew(.closed))
            #expect(process.observer.observations.contains(.orderEntered(.closed, number)))
        }
    }

    @Test func `the merchant's close finds money that was paid before it`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.close(number).refusal == .orderNotNew(.paid))
            let order = try await world.order()
            #expect(order.state.name == .paid && order.receipts.map(\.standing) == [.honest] && order.refunds.isEmpty)
        }
    }

    @Test(arguments: [
        (CloseAnswer.accepted, QueryAnswer.unknown(.answered), 1), (.unknown(.answered), .unknown(.answered), 1),
        (.accepted, .unknown(.unanswered), 10), (.unknown(.unanswered), .unknown(.answered), 10),
    ]) func `a close with an unknown outcome leaves the order new, and can be repeated`(
        close: CloseAnswer, query: QueryAnswer, wait: Int
    ) async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(close)
            world.sandbox.willQuery(query)

            // When
            let refusal = try await process.close(number).refusal

            // Then
            #expect(refusal == .providerUnknown(retryAfter: .seconds(wait)))
            #expect(try await world.order().state == .new)
            #expect(try await world.states() == [.exposed])
            if wait > 1 {
                #expect(try await process.close(number).refusal == refusal)
                world.clock.advance(by: .seconds(wait))
            }
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
        }
    }

    @Test func `a close that keeps its lease returns the rest of the lease as the wait`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            let hold = world.sandbox.willHoldQuery(then: .unknown(.unanswered))
            let closing = Task { try await process.close(number).refusal }
            await hold.waitForArrival()

            // When
            world.move(to: 8)
            hold.release()

            // Then
            #expect(try await closing.value == .providerUnknown(retryAfter: .seconds(2)))
        }
    }

    @Test func `a repeated close is the same close`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            let closed = try await world.order()
            #expect(try await process.close(number).state == .closed)
            #expect(try await world.order() == closed)
            #expect(world.sandbox.operations == ["create", "close", "query"])
        }
    }

    @Test func `twenty closes at the same time are one close`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let reads = process.ledger.count(.order)
            let hold = world.sandbox.willHoldClose(then: .accepted)
            world.sandbox.willQuery(.closed)
            let states = try await withThrowingTaskGroup(of: OrderStateName?.self) { group in
                for _ in 0..<20 { group.addTask { try await process.close(number).state } }
                // Twenty calls have arrived, and one of them does the work.
                await process.ledger.wait(for: reads + 20, .order)
                await hold.waitForArrival()
                hold.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states == Array(repeating: .closed, count: 20))
            #expect(world.sandbox.operations == ["create", "close", "query"])
        }
    }

    @Test func `a close waits for a pay call in flight, and closes the page that the call created`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let paying = Task { try await process.pay(world.firstPay()).content }
            await hold.waitForArrival()

            // When
            let closing = Task { try await process.close(number).state }
            await process.ledger.wait(for: 1, .order)
            #expect(world.sandbox.operations == ["create"])
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            hold.release()

            // Then
            #expect(try await paying.value != nil)
            #expect(try await closing.value == .closed)
            #expect(world.sandbox.operations == ["create", "close", "query"])
        }
    }

    @Test func `a close that a notice overtakes ends with the order paid`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let hold = world.sandbox.willHoldClose(then: .accepted)
            let closing = Task { try await process.close(number).refusal }
            await hold.waitForArrival()

            // When
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            hold.release()

            // Then
            #expect(try await closing.value == .orderNotNew(.paid))
            #expect(try await world.order().receipts.map(\.standing) == [.honest])
        }
    }

    @Test func `a close handles every attempt that may take money`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered))
            world.wechat.willCreate(made())
            _ = try await process.pay(world.firstPay())
            _ = try await process.pay(repay(wechat, .pc)).answer()

            // When
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            let state = try await process.close(number).state

            // Then
            #expect(state == .closed)
            #expect(try await world.states() == [.exposed, .closed])
        }
    }

    @Test func `a close that finds disputed money closes the order, and the money needs a manual decision`()
        async throws
    {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.paid(receipt(amount: 1)))
            #expect(try await process.close(number).state == .closed)
            let order = try await world.order()
            #expect(order.receipts.map(\.standing) == [.disputed] && order.refunds.isEmpty)
            #expect(order.attempts.map(\.state.name) == [.exposed] && order.lease == nil)
            #expect(process.observer.observations.contains(.needsPerson(sandbox, trade: "\(first)")))
        }
    }

    @Test func `a close that finds another order's payment stores none of it, and raises an alarm`()
        async throws
    {
        try await withWorld { world in
            // Given an order that a payment paid, and another order.
            let process = try await world.withPage()
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            let other = try #require(OrderNumber("20261122_0002"))
            world.sandbox.willCreate(made("the other's page"))
            _ = try await process.pay(firstPay(other, at: world.clock.now())).answer()

            // When the provider reports the same payment for both.
            let trade = TradeNumber(order: other, sequence: 1)
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt(of: trade)))
            let refusal = try await process.close(other).refusal

            // Then the outcome of the other order is unknown.
            #expect(refusal == .providerUnknown(retryAfter: .seconds(1)))
            let stored = try await world.order(other)
            #expect(stored.state == .new && stored.receipts.isEmpty && stored.lease == nil)
            #expect(stored.attempts.map(\.state.name) == [.exposed])
            #expect(process.observer.observations.contains(.needsPerson(sandbox, trade: trade.text)))
        }
    }

    @Test func `a close of an order that does not exist finds none`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            #expect(try await process.close(number).refusal == .noSuchOrder)
        }
    }

    @Test func `a close of a paid order is refused`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            #expect(try await process.close(number).refusal == .orderNotNew(.paid))
            #expect(world.sandbox.operations == ["create"])
        }
    }
}
