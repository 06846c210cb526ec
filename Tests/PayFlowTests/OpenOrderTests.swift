import PayCore
import PayFlow
import PayTestSupport
import Testing

/// A first pay call without a channel makes the order alone, and calls no provider. No line is scripted, so that any
/// call of a provider fails the test.
@Suite(.timeLimit(.minutes(1))) struct `A first pay call without a channel` {
    private func openPay(
        _ world: World, key: KeyUse? = use("k"), user: String = "user-7", life: Duration = .seconds(1_800),
        money: Money = yuan
    ) -> PayRequest {
        firstPay(number, nil, nil, key: key, user: user, money: money, life: life, at: world.clock.now())
    }

    @Test func `it makes the order and calls no provider`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let answer = try #require(try await process.pay(openPay(world)).ordered)
            #expect(answer.madeOrder && !answer.isReplay && answer.order.state == .new)
            let order = try await world.order()
            #expect(order.attempts.isEmpty && order.lease == nil && order.hasBegun)
            #expect(process.observer.observations == [.orderEntered(.new, number)])
            #expect(world.sandbox.operations.isEmpty && world.wechat.operations.isEmpty)
        }
    }

    @Test func `its order and its key are one commit`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            #expect(process.ledger.count(.update) == 1)
            let record = try #require(try await process.ledger.keyRecord(use("k").key, at: world.clock.now()))
            #expect(record.outcome == .order(number) && record.isAnswered && record.madeOrder)
            #expect(record.expiresAt == world.start + KeyRecord.shortestLife)
        }
    }

    @Test func `its key is kept up to the provider deadline of a long order`() async throws {
        try await withWorld(policy: .grace) { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world, life: .seconds(900_000)))
            let record = try #require(try await process.ledger.keyRecord(use("k").key, at: world.clock.now()))
            #expect(record.expiresAt == world.at(900_060))
        }
    }

    @Test func `a replay repeats the order, and writes nothing`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            world.move(to: 100)
            let replay = try #require(try await process.pay(openPay(world)).ordered)
            #expect(replay.isReplay && replay.madeOrder)
            #expect(process.ledger.count(.update) == 1)
        }
    }

    @Test func `a key that made an order marks that request alone`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            #expect(try await process.pay(openPay(world, key: use("k", "f-2"))).refusal == .keyReused)
            #expect(try await process.pay(world.firstPay(key: use("k", "f-2"))).refusal == .keyReused)
            let other = firstPay(
                OrderNumber("20261122_0002")!, nil, nil, key: use("k", "f-2"), at: world.clock.now())
            #expect(try await process.pay(other).refusal == .keyReused)
            #expect(try await process.ledger.order(other.number) == nil)
        }
    }

    @Test func `a replay after the buyer's choice has the live page, and never calls a provider`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            world.sandbox.willCreate(made("chosen"))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "chosen")
            let replay = try await process.pay(openPay(world)).answer()
            #expect(replay.served.page.content == "chosen" && replay.isReplay && replay.madeOrder)

            // The page expires: the order alone is repeated, and the buyer has to ask for another page.
            world.move(to: 300)
            #expect(try await process.pay(openPay(world)).ordered?.isReplay == true)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("the other's"))
            #expect(try await process.pay(repay(wechat, .pc)).content == "the other's")
            #expect(try await process.pay(openPay(world)).content == "the other's")
        }
    }

    @Test func `another key for a known order gets the order, and stays free`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            let again = try #require(try await process.pay(openPay(world, key: use("k-2"))).ordered)
            #expect(!again.madeOrder && !again.isReplay)
            #expect(try await process.ledger.keyRecord(use("k-2").key, at: world.clock.now()) == nil)
            #expect(process.ledger.count(.update) == 1)
        }
    }

    @Test(arguments: [RepayMode.cached, .provider])
    func `a known order with a live page is answered with that page`(mode: RepayMode) async throws {
        try await withWorld(repayMode: mode) { world in
            let process = try await world.withPage(made("live"))
            let answer = try await process.pay(openPay(world, key: use("k-2"))).answer()
            #expect(answer.served.page.content == "live" && answer.origin == .hit && !answer.madeOrder)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a later first pay call with a channel opens the first attempt`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            world.sandbox.willCreate(made("chosen"))
            let answer = try await process.pay(world.firstPay(key: use("k-2", "f-2"))).answer()
            #expect(answer.served.tradeNumber == first && !answer.madeOrder)
            #expect(try await process.pay(world.firstPay(key: use("k-2", "f-2"))).answer().isReplay)
        }
    }

    @Test func `other particulars, another user and an order that is over are refused`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            #expect(try await process.pay(openPay(world, key: use("k-2"), user: "user-8")).refusal == .orderMismatch)
            #expect(try await process.pay(repay(sandbox, .pc, user: "user-8")).refusal == .noSuchOrder)
            world.move(to: 1_740)
            for key in ["k", "k-2"] {
                #expect(try await process.pay(openPay(world, key: use(key))).refusal == .tooLate)
            }
            world.move(to: 1_800)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
            #expect(try await world.order().state.name == .expired)
        }
    }

    @Test func `a closed order is refused under any key`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            #expect(try await process.close(number).state == .closed)
            for key in ["k", "k-2"] {
                #expect(try await process.pay(openPay(world, key: use(key))).refusal == .orderNotNew(.closed))
            }
        }
    }

    @Test func `a repay must name what an order without attempts can't fill in`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world))
            let cases: [(Channel?, Terminal?, [String])] = [
                (nil, nil, ["/channel", "/terminal"]), (sandbox, nil, ["/terminal"]), (nil, .pc, ["/channel"]),
            ]
            for (channel, terminal, pointers) in cases {
                guard case .unacceptable(let fields) = try await process.pay(repay(channel, terminal)).refusal else {
                    Issue.record("not refused")
                    return
                }
                #expect(fields.map(\.pointer) == pointers)
            }
        }
    }

    @Test func `an order that no channel could take is refused before it is made`() async throws {
        let yuanOnly = ProviderTerms(trades: terms().trades, currencies: ["CNY"])
        try await withWorld(terms: yuanOnly) { world in
            let process = try await world.process()
            let dollars = Money(amount: 100, currency: Currency("USD")!)!
            let cases = [
                (openPay(world, money: dollars), "/currency"), (openPay(world, life: .seconds(60)), "/expires_in"),
            ]
            for (request, pointer) in cases {
                guard case .unacceptable(let fields) = try await process.pay(request).refusal else {
                    Issue.record("not refused")
                    return
                }
                #expect(fields.map(\.pointer) == [pointer])
            }
            #expect(try await process.ledger.order(number) == nil)
            // Nothing has happened: the key is free.
            #expect(try await process.pay(openPay(world, life: .seconds(61))).ordered?.madeOrder == true)
        }
    }

    @Test func `channels that the settings take out of service don't count, and paused ones do`() async throws {
        let dollarsToo = ProviderTerms(trades: terms().trades, currencies: ["CNY", "USD"])
        let yuanOnly = ProviderTerms(trades: terms().trades, currencies: ["CNY"])
        try await withWorld(terms: dollarsToo, wechatTerms: yuanOnly) { world in
            let process = try await world.process(switchedOff: [sandbox])
            let dollars = Money(amount: 100, currency: Currency("USD")!)!
            guard case .unacceptable(let fields) = try await process.pay(openPay(world, money: dollars)).refusal else {
                Issue.record("not refused")
                return
            }
            #expect(fields.map(\.pointer) == ["/currency"])
            #expect(try await process.ledger.order(number) == nil)
            _ = try await world.store.pause(wechat, at: world.start)
            #expect(try await process.pay(openPay(world)).ordered?.madeOrder == true)
        }
    }

    @Test func `only channels with time for a page are offered, unless none has time`() async throws {
        // With eight seconds for a call, WeChat's last create is sent 68 seconds before the deadline.
        try await withWorld(wechatTerms: terms(shortestLife: .refuseBelow(.seconds(60)))) { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world, life: .seconds(100)))
            let order = try await world.order()
            #expect(try await process.pay.channels(for: order, on: .pc) == [wechat, sandbox])
            world.move(to: 32)
            #expect(try await process.pay.channels(for: order, on: .pc) == [wechat, sandbox])
            world.move(to: 33)
            #expect(try await process.pay.channels(for: order, on: .pc) == [sandbox])
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .tooLate)
            world.move(to: 40)
            #expect(try await process.pay.channels(for: order, on: .pc) == [wechat, sandbox])
        }
    }

    @Test func `the live attempt's channel is offered without time for another page`() async throws {
        try await withWorld(wechatTerms: terms(shortestLife: .refuseBelow(.seconds(60)))) { world in
            let process = try await world.process()
            _ = try await process.pay(openPay(world, life: .seconds(100)))
            world.wechat.willCreate(made("chosen"))
            #expect(try await process.pay(repay(wechat, .pc)).content == "chosen")
            world.move(to: 33)
            #expect(try await process.pay.channels(for: world.order(), on: .pc) == [wechat, sandbox])
            #expect(try await process.pay(repay(wechat, .pc)).content == "chosen")
        }
    }

    @Test func `two processes at once make one order`() async throws {
        try await withWorld { world in
            let processes = [try await world.process("worker-a"), try await world.process("worker-b")]
            let doors = processes.map { $0.ledger.willStop(.before, .update) }
            let calls = processes.map { process in Task { try await process.pay(openPay(world)) } }
            for door in doors { await door.waitForArrival() }
            for door in doors { door.release() }
            var answers: [OrderedAnswer] = []
            for call in calls { answers.append(try #require(try await call.value.ordered)) }
            #expect(answers.allSatisfy(\.madeOrder) && answers.count(where: \.isReplay) == 1)
        }
    }

    @Test func `two orders at once under one key make one of them`() async throws {
        try await withWorld { world in
            let other = OrderNumber("20261122_0002")!
            let processes = [try await world.process("worker-a"), try await world.process("worker-b")]
            let doors = processes.map { $0.ledger.willStop(.before, .update) }
            let calls = [
                Task { try await processes[0].pay(openPay(world)) },
                Task { try await processes[1].pay(firstPay(other, nil, nil, key: use("k", "f-2"), at: world.start)) },
            ]
            for door in doors { await door.waitForArrival() }
            for door in doors { door.release() }
            var results: [PayResult] = []
            for call in calls { results.append(try await call.value) }
            #expect(results.compactMap(\.ordered).count == 1 && results.compactMap(\.refusal) == [.keyReused])
            let orders = [try await processes[0].ledger.order(number), try await processes[0].ledger.order(other)]
            #expect(orders.compactMap(\.self).count == 1)
        }
    }

    @Test func `a key that a call with a channel has claimed makes no order`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let other = OrderNumber("20261122_0002")!
            let hold = world.sandbox.willHoldCreate(then: made())
            let passing = Task { try await process.pay(world.firstPay(key: use("k"))).answer() }
            await hold.waitForArrival()
            let second = try await world.process("worker-b")
            let request = firstPay(other, nil, nil, key: use("k", "f-2"), at: world.clock.now())
            #expect(try await second.pay(request).refusal == .keyReused)
            #expect(try await second.ledger.order(other) == nil)
            hold.release()
            _ = try await passing.value
        }
    }

    @Test func `an order in the making is answered without its page`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let passing = Task { try await process.pay(world.firstPay(key: use("k"))).answer() }
            await hold.waitForArrival()
            let other = try #require(try await process.pay(openPay(world, key: use("k-2"))).ordered)
            #expect(!other.madeOrder)
            hold.release()
            #expect(try await passing.value.madeOrder)
        }
    }
}
