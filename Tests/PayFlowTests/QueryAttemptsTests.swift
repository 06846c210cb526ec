import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `Asking after attempts` {
    @Test func `a watching query finds the money of a lost notice`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: world.at(15) - millisecond)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)

            // When
            world.move(to: 15)
            world.sandbox.willQuery(.paid(receipt()))
            let report = try await process.query.runOnce(at: world.clock.now())

            // Then
            #expect(report[.settled] == 1 && report[.unchanged] == 0)
            #expect(try await world.order().state.name == .paid)
            #expect(try await process.pay(repay()).refusal == .orderNotNew(.paid))
            #expect(process.money == [.orderEntered(.paid, number)])
            world.move(to: 9_999)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)
        }
    }

    @Test func `a page ends when a watching query finds its trade closed`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 15)
            world.sandbox.willQuery(.closed)
            #expect(try await process.query.runOnce(at: world.clock.now())[.closed] == 1)
            world.sandbox.willCreate(made("on the next number"))
            #expect(try await process.pay(repay()).answer().served.tradeNumber == second)
            #expect(try await world.states() == [.closed, .open])
        }
    }

    @Test func `a superseded attempt is closed as soon as the provider has a trade to close`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            // Given an unscanned page beside an open one.
            let process = try await world.withSwitch()
            world.move(to: 15)
            world.sandbox.willQuery(.noSuchTrade)
            world.wechat.willQuery(.unpaid)
            #expect(try await process.query.runOnce(at: world.clock.now())[.unchanged] == 2)
            #expect(world.sandbox.operations.suffix(1) == ["query"])

            // When it is scanned.
            world.move(to: 30)
            world.wechat.willQuery(.unpaid)
            world.sandbox.willQuery(.unpaid, .closed)
            world.sandbox.willClose(.accepted)
            let report = try await process.query.runOnce(at: world.clock.now())

            // Then
            #expect(report[.closed] == 1 && report[.unchanged] == 1)
            #expect(world.sandbox.operations.suffix(3) == ["query", "close", "query"])
            #expect(try await world.states() == [.closed, .open])
            #expect(try await process.pay(repay()).content == "wechat's")
        }
    }

    @Test func `a closed attempt is queried in the first hour and at its last word, never again`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch(.closed, close: .accepted)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            let asked = (world.sandbox.calls.count, world.wechat.calls.count)

            // When
            for due in [60, 300, 900, 1_860] {
                world.move(to: world.at(due) - millisecond)
                #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty, "\(due)")
                world.move(to: due)
                world.sandbox.willQuery(.closed)
                world.wechat.willQuery(.unpaid)
                #expect(try await process.query.runOnce(at: world.clock.now())[.unchanged] == 2, "\(due)")
            }

            // Then
            world.move(to: 999_999)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)
            #expect((world.sandbox.calls.count, world.wechat.calls.count) == (asked.0 + 4, asked.1 + 4))
            #expect(try await world.states() == [.closed, .closed])
        }
    }

    @Test func `money for a closed attempt is refunded`() async throws {
        try await withWorld { world in
            let process = try await world.withSwitch(.closed, close: .accepted)
            await world.notify(receipt(of: second, by: wechat), process)
            world.move(to: 1_860)
            world.sandbox.willQuery(.paid(receipt(of: first, "tx-late")))
            #expect(try await process.query.runOnce(at: world.clock.now())[.settled] == 1)
            let order = try await world.order()
            #expect(order.refunds.map(\.number) == ["\(first)_r1"])
            #expect(process.money == [.orderEntered(.paid, number), .duplicatePayment(sandbox, first)])
        }
    }

    @Test func `two processes never query an attempt at once, and a crashed one is followed`() async throws {
        try await withWorld { world in
            // Given
            let dead = try await world.withPage()
            world.move(to: 15)
            let hold = world.sandbox.willHoldQuery(then: .unpaid)
            let now = world.clock.now()
            Task { _ = try? await dead.query.runOnce(at: now) }
            await hold.waitForArrival()

            // Then
            let process = try await world.process("worker-b")
            world.move(to: world.at(25) - millisecond)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)
            world.move(to: 25)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.query.runOnce(at: world.clock.now())[.settled] == 1)
            #expect(world.sandbox.operations == ["create", "query", "query"])
        }
    }

    @Test func `a failed watching query is counted, and the run continues with the others`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let other = try #require(OrderNumber("20261122_0002"))
            world.sandbox.willCreate(made())
            _ = try await process.pay(firstPay(other, at: world.clock.now()))
            world.move(to: 15)

            // When
            process.ledger.willFail(.update)
            world.sandbox.willQuery(.unpaid)
            let report = try await process.query.runOnce(at: world.clock.now())

            // Then
            #expect(report[.failed] == 1 && report[.unchanged] == 1 && !report.reachedLimit)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.query.runOnce(at: world.clock.now(), limit: 1).reachedLimit)
        }
    }

    @Test func `the answer to a watching query is not applied to an attempt that another call took over`() async throws
    {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 15)
            let asking = world.sandbox.willHoldQuery(then: .closed)
            let now = world.clock.now()
            let run = Task { try await process.query.runOnce(at: now) }
            await asking.waitForArrival()
            let closing = world.sandbox.willHoldClose(then: .accepted)
            let call = Task { try await process.pay(repay(wechat, .pc)).content }
            await closing.waitForArrival()

            // When
            asking.release()
            #expect(try await run.value[.unchanged] == 1)
            #expect(try await world.states() == [.closing])
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("wechat's"))
            closing.release()

            // Then
            #expect(try await call.value == "wechat's")
        }
    }

    @Test func `money that a query reports for another trade raises an alarm, and queries continue`() async throws {
        try await withWorld { world in
            // Given a payment that was stored for another order.
            let process = try await world.withPage()
            let other = try #require(OrderNumber("20261122_0002"))
            let theirs = TradeNumber(order: other, sequence: 1)
            world.sandbox.willCreate(made())
            _ = try await process.pay(firstPay(other, at: world.clock.now()))
            await world.notify(receipt(of: theirs), process)

            // When
            world.move(to: 15)
            world.sandbox.willQuery(.paid(receipt()))
            let report = try await process.query.runOnce(at: world.clock.now())

            // Then
            #expect(report[.unchanged] == 1 && report[.failed] == 0)
            #expect(process.money.last == .needsPerson(sandbox, trade: "\(first)"))
            #expect(try await world.order().state == .new)
            world.move(to: 30)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.query.runOnce(at: world.clock.now())[.unchanged] == 1)
        }
    }

    @Test func `an unanswered close prevents a revival for a lease`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            // Given
            let process = try await world.withSwitch()
            world.move(to: 15)
            world.wechat.willQuery(.unpaid)
            world.sandbox.willQuery(.unpaid, .unpaid)
            world.sandbox.willClose(.unknown(.unanswered))
            _ = try await process.query.runOnce(at: world.clock.now())
            #expect(try await world.order().attempts[0].state == .exposed(closeUnansweredAt: world.at(15)))

            // When
            world.move(to: 25)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.unpaid)

            // Then
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the sandbox's")
        }
    }

    @Test func `a session that ends after its deadline is watched until its end`() async throws {
        try await withWorld(terms: stripeLike) { world in
            // Given a session of half an hour, requested with ten minutes left.
            let process = try await world.process()
            let session = world.at(1_800)
            world.sandbox.willCreate(
                .made(
                    ProviderPage(
                        kind: .redirect, content: "https://stripe.example", serves: [.pc], usableFor: nil,
                        sessionEndsAt: session)))
            _ = try await process.pay(firstPay(life: .seconds(600), at: world.clock.now())).answer()

            // When it can't be closed at the deadline.
            world.move(to: 600)
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.closed] == 1)
            #expect(try await world.states() == [.exposed])

            // Then
            for second in [660, 1_859] {
                world.move(to: second)
                world.sandbox.willQuery(.unpaid, .unpaid)
                world.sandbox.willClose(.unknown(.answered))
                _ = try await process.query.runOnce(at: world.clock.now())
                _ = try await process.expire.runOnce(at: world.clock.now())
                #expect(try await world.states() == [.exposed])
                #expect(try await world.order().state == .new)
            }
            world.move(to: 1_889)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.query.runOnce(at: world.clock.now())[.lapsed] == 1)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
        }
    }
}
