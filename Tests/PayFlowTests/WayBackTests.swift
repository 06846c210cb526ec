import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The sandbox is like Alipay here: its unopened page could not be closed when the buyer left for WeChat.
@Suite struct `A return to a channel` {
    private func withWorld(
        switching: SwitchPolicy = .allow, _ body: (World) async throws -> Void
    ) async throws {
        try await PayFlowTests.withWorld(
            terms: alipayLike, wechatTerms: wechatLike, switching: switching, body)
    }

    @Test func `a return to a channel closes the other trade, queries, and serves the old page`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch()
            #expect(try await world.states() == [.exposed, .open])
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.noSuchTrade)

            // When
            let answer = try await process.pay(repay(sandbox, .pc)).answer()

            // Then
            #expect(answer.served.page.content == "the sandbox's" && answer.served.tradeNumber == first)
            #expect(world.sandbox.operations == ["create", "close", "query", "query"])
            #expect(world.wechat.operations == ["create", "close", "query"])
            #expect(try await world.states() == [.open, .closed])
            #expect(try await world.order().lease == nil)
        }
    }

    @Test(arguments: [(300, "another"), (299, "the sandbox's")])
    func `a return to a channel creates a new page of the old trade if the old page has expired`(
        at second: Int, content: String
    ) async throws {
        try await withWorld { world in
            let process = try await world.withSwitch()
            world.move(to: second)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.noSuchTrade)
            if second == 300 { world.sandbox.willCreate(made("another")) }
            #expect(try await process.pay(repay(sandbox, .pc)).content == content)
            #expect(Set(world.sandbox.creates.map(\.tradeNumber)) == [first])
            #expect(Set(world.sandbox.creates.map(\.stored)).count == 1)
            #expect(try await world.states() == [.open, .closed])
        }
    }

    @Test(arguments: [(QueryAnswer.unknown(.answered), 1), (.unknown(.unanswered), 10)])
    func `a return to a channel whose provider does not answer is reported as unknown`(answer: QueryAnswer, wait: Int)
        async throws
    {
        try await withWorld { world in
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(answer)
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == .providerUnknown(retryAfter: .seconds(wait)))
            #expect(try await world.states() == [.exposed, .closed])
            world.clock.advance(by: .seconds(wait))
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the sandbox's")
        }
    }

    @Test func `a return to a closed trade creates another attempt`() async throws {
        try await withWorld { world in
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("on a new number"))
            let answer = try await process.pay(repay(sandbox, .pc)).answer()
            #expect(answer.served.page.content == "on a new number" && answer.served.tradeNumber == third)
            #expect(try await world.states() == [.closed, .closed, .open])
        }
    }

    @Test func `a return to a paid trade reports the order as paid`() async throws {
        try await withWorld { world in
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == .orderNotNew(.paid))
            #expect(try await world.states() == [.paid, .closed])
            #expect(process.money == [.orderEntered(.paid, number)])
        }
    }

    @Test func `a return to a trade that watching finds closed begins again by itself`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            let hold = world.sandbox.willHoldQuery(then: .unpaid)
            world.sandbox.willCreate(made("on a new number"))
            let call = Task { try await process.pay(repay(sandbox, .pc)) }
            await hold.waitForArrival()

            // When
            let other = try await world.process("worker-b")
            world.move(to: 15)
            world.sandbox.willQuery(.closed)
            #expect(try await other.query.runOnce(at: world.clock.now())[.closed] == 1)
            hold.release()

            // Then
            #expect(try await call.value.content == "on a new number")
            #expect(try await world.states() == [.closed, .closed, .open])
        }
    }

    @Test func `a return under a key uses the key up, so a later replay does not lead back`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.noSuchTrade)
            let key = use("k-back", scope: "merchant POST /v1/payments/repay")
            #expect(try await process.pay(repay(sandbox, .pc, key: key)).content == "the sandbox's")
            #expect(try await process.pay(repay(sandbox, .pc, key: key)).answer().isReplay)

            // When
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            world.wechat.willCreate(made("wechat's second"))
            _ = try await process.pay(repay(wechat, .pc)).answer()
            let calls = world.sandbox.calls.count

            // Then
            #expect(try await process.pay(repay(sandbox, .pc, key: key)).refusal == .pageSuperseded)
            #expect(try await world.states() == [.exposed, .closed, .open])
            #expect(world.sandbox.calls.count == calls)
        }
    }
}
