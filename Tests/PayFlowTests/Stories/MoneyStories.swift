import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Stories in which money arrives while no call waits for it. The sandbox is like Alipay, the other channel like
/// WeChat.
@Suite struct `Flows of money that comes at its own time` {
    private func withWorld(
        policy: DeadlinePolicy = .reserve, switching: SwitchPolicy = .allow, _ body: (World) async throws -> Void
    ) async throws {
        try await PayFlowTests.withWorld(
            terms: alipayLike, wechatTerms: wechatLike, policy: policy, switching: switching, body)
    }

    @Test(arguments: [true, false])
    func `a buyer pays at WeChat after the switch closed the trade, and the notice is lost`(
        paysTwice: Bool
    ) async throws {
        try await withWorld { world in
            // Given a switch away from WeChat, whose trade seems closed.
            let process = try await world.process()
            world.wechat.willCreate(made("wechat's", serves: [.pc]))
            _ = try await process.pay(firstPay(number, wechat, at: world.clock.now())).answer()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willCreate(made("alipay's"))
            _ = try await process.pay(repay(sandbox, .pc)).answer()
            #expect(try await world.states() == [.closed, .open])
            if paysTwice { await world.notify(receipt(of: second, "a-1"), process) }

            // When the order's time ends, and WeChat is queried once more.
            if !paysTwice {
                world.move(to: 1_800)
                world.sandbox.willClose(.noSuchTrade)
                world.sandbox.willQuery(.noSuchTrade)
                _ = try await process.expire.runOnce(at: world.clock.now())
            }
            world.move(to: 1_860)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 0)
            world.wechat.willQuery(.paid(receipt(of: first, "w-1", by: wechat)))
            if !paysTwice { world.sandbox.willQuery(.noSuchTrade) }
            _ = try await process.query.runOnce(at: world.clock.now())

            // Then the money is counted once, or refunded, but never lost.
            let order = try await world.order()
            if paysTwice {
                #expect(order.state.name == .paid && order.refunds.map(\.number) == ["\(first)_r1"])
                world.wechat.willRefund(.succeeded())
                #expect(try await process.refunds.runOnce(at: world.clock.now())[.succeeded] == 1)
            } else {
                #expect(order.state == .paid(by: first, at: world.at(1_860)) && order.refunds.isEmpty)
            }
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 0)
        }
    }

    @Test
    func `a buyer pays between the query and the create of a switch`()
        async throws
    {
        try await withWorld { world in
            // Given a switch whose next commit stores the query's answer and the new attempt.
            let process = try await world.withPage()
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid)
            let hold = process.ledger.willStop(.before, .update, after: 2)
            let call = Task { try await process.pay(repay(wechat, .pc)).refusal }
            await hold.waitForArrival()
            #expect(try await world.states() == [.closing])

            // When
            await world.notify(receipt(), try await world.process("worker-b"))
            hold.release()

            // Then
            #expect(try await call.value == .orderNotNew(.paid))
            #expect(world.wechat.calls.isEmpty)
            #expect(try await world.states() == [.paid])
        }
    }

    @Test func `the page of a create that a payment overtakes is never served, and its trade is closed`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid)
            let hold = world.wechat.willHoldCreate(then: made("wechat's"))
            let call = Task { try await process.pay(repay(wechat, .pc)).refusal }
            await hold.waitForArrival()

            // When
            let other = try await world.process("worker-b")
            await world.notify(receipt(), other)
            hold.release()

            // Then
            #expect(try await call.value == .orderNotNew(.paid))
            #expect(try await world.states() == [.paid, .closing])
            #expect(try await world.order().attempts[1].pages.isEmpty)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            #expect(try await other.recover.runOnce(at: world.clock.now())[.closed] == 1)
            #expect(try await world.states() == [.paid, .closed])
        }
    }

    @Test(arguments: DeadlinePolicy.allCases, [0, 1, 30, 59])
    func `a payment before the deadline with a notice after it is honest, and not refunded`(
        policy: DeadlinePolicy, secondsAfter: Int
    ) async throws {
        try await withWorld(policy: policy) { world in
            // Given the clock jobs at the deadline: under `reserve` the provider is closed and queried, and does not
            // answer.
            let process = try await world.withPage()
            world.move(to: 1_800)
            if policy == .reserve {
                world.sandbox.willClose(.unknown(.answered))
                world.sandbox.willQuery(.unknown(.answered))
            }
            #expect(try await process.expire.runOnce(at: world.clock.now())[.closed] == (policy == .reserve ? 1 : 0))

            // When
            world.move(to: 1_800 + secondsAfter)
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            await world.notify(receipt(), process)

            // Then
            let order = try await world.order()
            #expect(order.state == .paid(by: first, at: world.clock.now()))
            #expect(order.receipts.map(\.standing) == [.honest] && order.refunds.isEmpty)
            #expect(process.money == [.orderEntered(.paid, number)])
            #expect(try await process.refunds.runOnce(at: world.clock.now()).isEmpty)
        }
    }

    @Test(arguments: [QueryAnswer.closed, .unpaid, .noSuchTrade, .unknown(.answered), .paid(receipt())])
    func `the merchant closes while the notice of a payment is on its way`(query: QueryAnswer) async throws {
        try await withWorld { world in
            // Given a close whose query was sent before the money was visible.
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            let hold = world.sandbox.willHoldQuery(then: query)
            let closing = Task { try await process.close(number).refusal }
            await hold.waitForArrival()

            // When
            await world.notify(receipt(), try await world.process("worker-b"))
            hold.release()

            // Then
            #expect(try await closing.value == .orderNotNew(.paid))
            let order = try await world.order()
            #expect(order.state.name == .paid && order.receipts.map(\.standing) == [.honest] && order.refunds.isEmpty)
        }
    }

    @Test func `a payment after the merchant's close is late, and refunded`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            await world.notify(receipt(), process)
            world.sandbox.willRefund(.succeeded())
            #expect(try await process.refunds.runOnce(at: world.clock.now())[.succeeded] == 1)
            let order = try await world.order()
            #expect(order.state.name == .closed && order.receipts.map(\.standing) == [.late])
            #expect(process.money == [.latePayment(sandbox, first)])
        }
    }
}
