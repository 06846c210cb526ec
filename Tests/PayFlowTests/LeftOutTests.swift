import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The omitted parameters of a repay are the live attempt's at the time of the decision: such a repay never undoes
/// another call's switch.
@Suite(.timeLimit(.minutes(1))) struct `A repay that omits parameters` {
    /// Another process switches to WeChat while a call of the first process stops before its decision.
    private func afterSwitch(
        _ world: World, _ request: PayRequest, firstPage: CreateAnswer = made(), key: KeyUse? = nil
    ) async throws -> PayResult {
        let (slow, other) = (try await world.withPage(firstPage, key: key), try await world.process("worker-b"))
        world.move(to: 300)
        let door = slow.ledger.willStop(.before, .update)
        let asked = Task { try await slow.pay(request) }
        await door.waitForArrival()
        world.sandbox.willClose(.accepted)
        world.sandbox.willQuery(.closed)
        world.wechat.willCreate(made("wechat's"))
        #expect(try await other.pay(repay(wechat, .pc)).content == "wechat's")
        door.release()
        return try await asked.value
    }

    @Test(arguments: [repay(), repay(nil, .h5), repay(nil, .pc), repay(key: use("k-2"))])
    func `a repay without parameters gets the page that another process just switched to`(request: PayRequest)
        async throws
    {
        try await withWorld { world in
            let answer = try await afterSwitch(world, request).answer()
            #expect(answer.served.page.content == "wechat's")
            #expect(try await world.states() == [.closed, .open])
            #expect(world.sandbox.creates.count == 1 && world.wechat.operations == ["create"])
        }
    }

    @Test func `a repay with a channel gets the page of that channel`() async throws {
        try await withWorld { world in
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            // The page of the second sandbox attempt follows the first one's in the script.
            let (slow, other) = (try await world.withPage(), try await world.process("worker-b"))
            world.move(to: 300)
            let door = slow.ledger.willStop(.before, .update)
            let asked = Task { try await slow.pay(repay(sandbox, .pc)).content }
            await door.waitForArrival()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("wechat's"))
            _ = try await other.pay(repay(wechat, .pc)).answer()
            world.sandbox.willCreate(made("back again"))
            door.release()
            #expect(try await asked.value == "back again")
        }
    }

    @Test func `a repay without a channel is refused by the rules of the channel that it ends up with`() async throws {
        let jsapi = ProviderTerms(
            trades: wechatLike.trades, terminalsThatNeedClientIP: [.h5])
        try await withWorld(wechatTerms: jsapi) { world in
            let refusal = try await afterSwitch(world, repay(nil, .h5)).refusal
            guard case .unacceptable(let fields) = refusal else {
                Issue.record("\(String(describing: refusal))")
                return
            }
            #expect(fields.map(\.pointer) == ["/payer/client_ip"])
            #expect(try await world.states() == [.closed, .open])
        }
    }

    @Test func `a repay without parameters waits for a switch in another process, and gets its page`() async throws {
        try await withWorld { world in
            let (waiting, other) = (try await world.withPage(), try await world.process("worker-b"))
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            let hold = world.wechat.willHoldCreate(then: made("wechat's"))
            let switching = Task { try await other.pay(repay(wechat, .pc)).content }
            await hold.waitForArrival()

            let asked = Task { try await waiting.pay(repay()).content }
            await world.clock.waitForSleepers()
            hold.release()
            #expect(try await switching.value == "wechat's")
            world.clock.advance(by: FlowParts.lookEvery)
            #expect(try await asked.value == "wechat's")
            #expect(world.sandbox.creates.count == 1)
        }
    }

    @Test func `a repay without parameters waits for a switch in its own process, and gets its page`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            let hold = world.wechat.willHoldCreate(then: made("wechat's"))
            let switching = Task { try await process.pay(repay(wechat, .pc)).content }
            await hold.waitForArrival()
            let before = process.ledger.count(.look)
            let asked = Task { try await process.pay(repay()).content }
            await process.ledger.wait(for: before + 1, .look)
            hold.release()
            #expect(try await switching.value == "wechat's")
            #expect(try await asked.value == "wechat's")
            #expect(world.sandbox.creates.count == 1 && world.wechat.creates.count == 1)
        }
    }

    @Test func `a call that names a channel does not join a repay that omits it`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 300)
            let hold = world.sandbox.willHoldCreate(then: made("again"))
            let asked = Task { try await process.pay(repay()).content }
            await hold.waitForArrival()
            let before = process.ledger.count(.look)
            let named = Task { try await process.pay(repay(wechat, .pc)).content }
            await process.ledger.wait(for: before + 1, .look)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("wechat's"))
            hold.release()
            #expect(try await asked.value == "again")
            #expect(try await named.value == "wechat's")
        }
    }

    @Test func `a repay keeps its own wish while it closes the attempt in its way`() async throws {
        // The live attempt is older than the last one: after it is closed, the last one would be the default.
        let codes = terms(mayBeAskedAgain: false, closeCanBeProven: false, canBeRevived: true)
        try await withWorld(terms: codes, wechatTerms: wechatLike) { world in
            let process = try await world.withPage(made("the sandbox's", usableFor: .seconds(600)))
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            world.wechat.willCreate(made("wechat's", serves: [.pc]))
            _ = try await process.pay(repay(wechat, .pc)).answer()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the sandbox's")
            world.move(to: 700)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("the next number's"))
            #expect(try await process.pay(repay()).content == "the next number's")
            #expect(try await world.states() == [.closed, .closed, .open])
            #expect(try await world.order().attempts.map(\.channel) == [sandbox, wechat, sandbox])
        }
    }

    @Test func `a replay of a repay without parameters never undoes a switch`() async throws {
        try await withWorld { world in
            let again = firstPay(key: use("k"), at: world.start)
            let refusal = try await afterSwitch(world, again, key: use("k")).refusal
            #expect(refusal == .pageSuperseded)
            #expect(try await world.states() == [.closed, .open])
            #expect(world.wechat.operations == ["create"])
        }
    }
}
