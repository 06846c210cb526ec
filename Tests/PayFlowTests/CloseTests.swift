import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The merchant's close` {
    @Test func `closes at the provider and asks before the order is closed`() async throws {
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
            #expect(process.witness.observations.contains(.orderEntered(.closed, number)))
        }
    }

    @Test func `finds money that was paid before it`() async throws {
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
    ]) func `that gets no clear word leaves the order new, and can be asked again`(
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

    @Test func `says what is left of a lease that it keeps`() async throws {
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

    @Test func `twice is one`() async throws {
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

    @Test func `that comes twice at once is one`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let reads = process.ledger.count(.order)
            let hold = world.sandbox.willHoldClose(then: .accepted)
            world.sandbox.willQuery(.closed)
            let states = try await withThrowingTaskGroup(of: OrderStateName?.self) { group in
                for _ in 0..<20 { group.addTask { try await process.close(number).state } }
                // Twenty callers have come, and one of them does the work.
                await process.ledger.wait(for: reads + 20, .order)
                await hold.waitForArrival()
                hold.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states == Array(repeating: .closed, count: 20))
            #expect(world.sandbox.operations == ["create", "close", "query"])
        }
    }

    @Test func `waits for a pay call in flight, and closes what that opened`() async throws {
        try await withWorld { world in
            // Given
            let process = try world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let paying = Task { try await process.pay(world.firstPay()).content }
            await hold.waitForArrival()

            // When
            let closing = Task { try await process.close(number).state }
            await process.ledger.wait(for: 2, .order)
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

    @Test func `that a notice overtakes gives way to the money`() async throws {
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

    @Test func `goes through every attempt that may take money`() async throws {
        try await withWorld { world in
            // Given
            let process = try world.process()
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

    @Test func `that finds disputed money closes the order, and leaves the money to a person`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.paid(receipt(amount: 1)))
            #expect(try await process.close(number).state == .closed)
            let order = try await world.order()
            #expect(order.receipts.map(\.standing) == [.disputed] && order.refunds.isEmpty)
            #expect(order.attempts.map(\.state.name) == [.exposed] && order.lease == nil)
            #expect(process.witness.observations.contains(.needsPerson(sandbox, trade: "\(first)")))
        }
    }

    @Test func `that hears of a payment which is another order's stores none of it, and leaves it to a person`()
        async throws
    {
        try await withWorld { world in
            // Given an order that a payment made paid, and another one.
            let process = try await world.withPage()
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            let other = try #require(OrderNumber("20261122_0002"))
            world.sandbox.willCreate(made("the other's page"))
            _ = try await process.pay(firstPay(other, at: world.clock.now())).answer()

            // When the provider names the same payment for both.
            let trade = TradeNumber(order: other, sequence: 1)
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt(of: trade)))
            let refusal = try await process.close(other).refusal

            // Then nothing is known of the other.
            #expect(refusal == .providerUnknown(retryAfter: .seconds(1)))
            let stored = try await world.order(other)
            #expect(stored.state == .new && stored.receipts.isEmpty && stored.lease == nil)
            #expect(stored.attempts.map(\.state.name) == [.exposed])
            #expect(process.witness.observations.contains(.needsPerson(sandbox, trade: trade.text)))
        }
    }

    @Test func `of an order that nobody made finds none`() async throws {
        try await withWorld { world in
            let process = try world.process()
            #expect(try await process.close(number).refusal == .noSuchOrder)
        }
    }

    @Test func `of a paid order is refused`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            #expect(try await process.close(number).refusal == .orderNotNew(.paid))
            #expect(world.sandbox.operations == ["create"])
        }
    }
}
