import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Stories of buyers who change their mind, and of crashed processes. The sandbox is like Alipay, the other channel
/// like WeChat.
@Suite struct `Flows of switching, and of coming back` {
    private func withWorld(
        policy: DeadlinePolicy = .reserve, switching: SwitchPolicy = .allow, terms: ProviderTerms = alipayLike,
        _ body: (World) async throws -> Void
    ) async throws {
        try await PayFlowTests.withWorld(
            terms: terms, wechatTerms: wechatLike, policy: policy, switching: switching, body)
    }

    @Test(arguments: [(DeadlinePolicy.reserve, 1_740, 1_860), (.grace, 1_800, 1_920)])
    func `after a crash in creating and the end of the order's time no create is sent again`(
        policy: DeadlinePolicy, cutOff: Int, lastWord: Int
    ) async throws {
        try await withWorld(policy: policy) { world in
            // Given
            let dead = try await world.process("worker-dead")
            let hold = world.sandbox.willHoldCreate(then: made("never seen"))
            let request = world.firstPay()
            Task { _ = try? await dead.pay(request) }
            await hold.waitForArrival()

            // When
            let process = try await world.process("worker-b")
            world.move(to: cutOff)
            #expect(try await process.pay(repay()).refusal == .tooLate)
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.recover.runOnce(at: world.clock.now())[.closed] == 1)
            #expect(try await world.states() == [.exposed])
            world.move(to: lastWord)
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.query.runOnce(at: world.clock.now())[.lapsed] == 1)

            // Then
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
            #expect(world.sandbox.creates.count == 1)
        }
    }

    @Test(arguments: SwitchPolicy.allCases, [sandbox, wechat])
    func `after a crash in closing the buyer can still pay`(switching: SwitchPolicy, wanted: Channel) async throws {
        try await withWorld(switching: switching, terms: terms()) { world in
            // Given a process that crashed while it closed the sandbox's trade for one of WeChat's.
            let dead = try await world.withPage(made("the old page"))
            let hold = world.sandbox.willHoldClose(then: .accepted)
            Task { _ = try? await dead.pay(repay(wechat, .pc)) }
            await hold.waitForArrival()

            // When its lease has expired.
            let process = try await world.process("worker-b")
            world.move(to: 10)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            (wanted == sandbox ? world.sandbox : world.wechat).willCreate(made("the new page"))
            let answer = try await process.pay(repay(wanted, .pc)).answer()

            // Then
            #expect(answer.served.page.content == "the new page" && answer.served.tradeNumber == second)
            #expect(try await world.states() == [.closed, .open])
        }
    }

    @Test func `after a crash in closing a revival is possible once the close can't arrive any more`() async throws {
        try await withWorld(switching: .strict, terms: terms(canBeRevived: true)) { world in
            // Given
            let dead = try await world.withPage(made("the old page", usableFor: nil))
            let hold = world.sandbox.willHoldClose(then: .accepted)
            Task { _ = try? await dead.pay(repay(wechat, .pc)) }
            await hold.waitForArrival()
            let process = try await world.process("worker-b")
            world.move(to: 10)
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.recover.runOnce(at: world.clock.now())[.closed] == 1)

            // Then
            world.move(to: world.at(20) - millisecond)
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == .switchUnsafe)
            world.move(to: 20)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the old page")
        }
    }

    @Test
    func `a close that arrives after a revival ends the revived attempt's page`()
        async throws
    {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch(.unpaid, close: .unknown(.unanswered))
            #expect(try await world.order().attempts[0].state == .exposed(closeUnansweredAt: world.start))
            world.move(to: 10)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the sandbox's")

            // When the close arrives, long after its time-out.
            world.move(to: 20)
            world.sandbox.willQuery(.closed)
            let due = try #require(try await world.order().attempts[0].askAt)
            world.move(to: due)
            #expect(try await process.query.runOnce(at: world.clock.now())[.closed] == 1)

            // Then
            world.sandbox.willCreate(made("on a new number"))
            let answer = try await process.pay(repay(sandbox, .pc)).answer()
            #expect(answer.served.page.content == "on a new number" && answer.served.tradeNumber == third)
        }
    }

    @Test func `no attempt is revived while an unanswered close may arrive`() async throws {
        try await withWorld { world in
            let process = try await world.withSwitch(.unpaid, close: .unknown(.unanswered))
            world.move(to: world.at(10) - millisecond)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("on a new number"))
            #expect(try await process.pay(repay(sandbox, .pc)).answer().served.tradeNumber == third)
            #expect(try await world.states() == [.closed, .closed, .open])
        }
    }

    @Test
    func `a retry waits while an earlier create may still arrive and invalidate the page`()
        async throws
    {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let other = try await world.process("worker-b")
            world.wechat.willCreate(.unknown(.unanswered))
            let first = try await process.pay(firstPay(number, wechat, at: world.clock.now())).refusal
            #expect(first == .providerUnknown(retryAfter: .seconds(10)))

            // When
            for process in [process, other] {
                #expect(try await process.pay(repay(wechat, .pc)).refusal == .providerUnknown(retryAfter: .seconds(10)))
                #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
            }
            world.move(to: world.at(10) - millisecond)
            #expect(try await other.pay(repay(wechat, .pc)).refusal == .providerUnknown(retryAfter: millisecond))
            #expect(world.wechat.creates.count == 1)

            // Then the first has arrived, or never will.
            world.move(to: 10)
            world.wechat.willCreate(made("the living code", serves: [.pc]))
            #expect(try await other.pay(repay(wechat, .pc)).content == "the living code")
            #expect(Set(world.wechat.creates).count == 1 && world.wechat.creates.count == 2)
        }
    }

    @Test func `a chain of close, query and create outlives its first lease beside a second process`()
        async throws
    {
        try await withWorld(terms: terms()) { world in
            // Given
            let process = try await world.withPage()
            let holds = [
                world.sandbox.willHoldClose(then: .accepted), world.sandbox.willHoldQuery(then: .closed),
                world.wechat.willHoldCreate(then: made("wechat's")),
            ]
            let call = Task { try await process.pay(repay(wechat, .pc)).content }
            let other = try await world.process("worker-b")

            // When each call takes seven seconds, and the first lease lasts ten.
            for hold in holds {
                await hold.waitForArrival()
                world.clock.advance(by: .seconds(7))
                #expect(try await other.recover.runOnce(at: world.clock.now()).isEmpty)
                #expect(try await other.expire.runOnce(at: world.clock.now()).isEmpty)
                let looking = Task { try await other.pay(repay(wechat, .pc)).refusal }
                await world.clock.waitForSleepers()
                world.clock.advance(by: FlowParts.patience)
                #expect(try await looking.value == .inProgress(retryAfter: .seconds(1)))
                hold.release()
            }

            // Then
            #expect(try await call.value == "wechat's")
            #expect(try await other.pay(repay()).content == "wechat's")
            #expect(world.sandbox.operations == ["create", "close", "query"])
            #expect(world.wechat.operations == ["create"])
            #expect(try await world.order().fence == Fence(2))
        }
    }

    @Test func `after a switch that strict refused the buyer can return to the old page`() async throws {
        // Nothing was changed.
        try await withWorld(switching: .strict) { world in
            let process = try await world.withPage(made("the old page"))
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .switchUnsafe)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the old page")
            #expect(world.sandbox.operations == ["create"])
        }
        // The outcome of a close is unknown.
        try await withWorld(switching: .strict, terms: terms(canBeRevived: true)) { world in
            let process = try await world.withPage(made("the old page"))
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid, .unpaid)
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .switchUnsafe)
            #expect(try await world.states() == [.exposed])
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the old page")
            #expect(try await world.states() == [.open])
            #expect(world.wechat.calls.isEmpty)
        }
    }

    @Test func `a replay of a key after a switch shows no superseded page and switches nothing`()
        async throws
    {
        try await withWorld { world in
            // Given
            let process = try await world.withSwitch(key: use("K1"))
            let request = firstPay(key: use("K1"), at: world.clock.now())
            let before = try await world.order()

            // Then, before the old page's expiry and after it.
            for second in [0, 299, 301] {
                world.move(to: second)
                #expect(try await process.pay(request).refusal == .pageSuperseded)
            }
            #expect(try await world.order() == before)
            #expect(world.sandbox.operations == ["create", "close", "query"])
            #expect(world.wechat.operations == ["create"])
        }
    }

    @Test(arguments: SwitchPolicy.allCases)
    func `Alipay works at once while WeChat's first create is unanswered`(switching: SwitchPolicy) async throws {
        try await withWorld(switching: switching) { world in
            // Given
            let process = try await world.process()
            world.wechat.willCreate(.unknown(.unanswered))
            _ = try await process.pay(firstPay(number, wechat, at: world.clock.now()))

            // When
            world.sandbox.willCreate(made("alipay's"))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "alipay's")

            // Then the trade without a page is closed, in case it was created.
            #expect(try await world.states() == [.exposed, .open])
            world.move(to: 15)
            world.sandbox.willQuery(.unpaid)
            world.wechat.willQuery(.unpaid, .closed)
            world.wechat.willClose(.accepted)
            #expect(try await process.query.runOnce(at: world.clock.now())[.closed] == 1)
            #expect(try await world.states() == [.closed, .open])
        }
    }
}
