import PayCore
import PayFlow
import PayTestSupport
import Testing

/// A channel that is paused while the service runs, switched off in the settings, or missing from them.
@Suite struct `A channel out of service` {
    @Test func `a paused channel creates no new attempts until it is resumed`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let operators = world.store
            #expect(try await operators.pause(wechat, at: world.start))
            let before = try await world.order()
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .channelUnavailable)
            #expect(try await world.order() == before && world.sandbox.operations == ["create"])
            #expect(try await process.pay(repay(sandbox, .pc)).answer().origin == .hit)
            #expect(try await process.pay.channels(for: before, on: .pc) == [sandbox])

            #expect(try await operators.resume(wechat, at: world.start))
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("wechat's"))
            #expect(try await process.pay(repay(wechat, .pc)).content == "wechat's")
        }
    }

    @Test func `a paused channel refuses a first pay, stores no order and uses up no key`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let operators = world.store
            _ = try await operators.pause(sandbox, at: world.start)
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .channelUnavailable)
            #expect(try await process.ledger.order(number) == nil)
            _ = try await operators.resume(sandbox, at: world.start)
            world.sandbox.willCreate(made())
            #expect(try await process.pay(world.firstPay(key: use("k"))).answer().madeOrder)
        }
    }

    @Test func `a paused channel finishes its pages, notices, closes and refunds`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            _ = try await world.store.pause(sandbox, at: world.start)
            #expect(try await process.pay.channels(for: world.order(), on: .pc) == [wechat, sandbox])
            world.move(to: 300)
            world.sandbox.willCreate(made("made anew"))
            #expect(try await process.pay(repay()).content == "made anew")
            #expect(await world.notify(receipt(), process)?.status == 200)
            #expect(await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")?.status == 200)
            world.sandbox.willRefund(.succeeded())
            #expect(try await process.refunds.runOnce(at: world.clock.now())[.succeeded] == 1)
        }
    }

    @Test func `a channel that the settings switch off creates no new attempts`() async throws {
        try await withWorld { world in
            let process = try await world.process(switchedOff: [sandbox])
            #expect(try await process.pay(world.firstPay()).refusal == .channelUnavailable)
            world.wechat.willCreate(made())
            #expect(try await process.pay(firstPay(number, wechat, at: world.start)).answer().madeOrder)
        }
    }

    @Test func `an attempt of a missing channel keeps its page, and nothing is recorded as sent`() async throws {
        try await withWorld { world in
            // Given
            _ = try await world.withPage()
            let without = try await world.process("worker-b", channels: [wechat])
            let before = try await world.order()
            let history = try await world.store.history(of: number)

            // Then
            #expect(try await without.pay(repay(wechat, .pc)).refusal == .switchUnsafe)
            #expect(try await without.close(number).refusal == .switchUnsafe)
            world.move(to: 1_900)
            for instant in [1_900, 2_500] {
                _ = try await without.recover.runOnce(at: world.at(instant))
                _ = try await without.query.runOnce(at: world.at(instant))
                _ = try await without.expire.runOnce(at: world.at(instant))
            }
            #expect(try await world.order() == before)
            let after = try await world.store.history(of: number)
            #expect(after.filter { $0.what != .noted(.closeAsked) } == history)
            #expect(world.wechat.calls.isEmpty)
        }
    }

    @Test func `a missing channel with unfinished work is reported with that work`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let operators = world.store
            #expect(
                try await operators.channelsAtWork() == [ChannelWork(channel: sandbox, attempts: 1, refunds: 0)])
            await world.notify(receipt(), process)
            #expect(try await operators.channelsAtWork() == [])
            await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")
            #expect(
                try await operators.channelsAtWork() == [ChannelWork(channel: sandbox, attempts: 0, refunds: 1)])
        }
    }

    @Test func `the work of missing channels is that of channels which were configured once`() async throws {
        try await withWorld { world in
            _ = try await world.withPage()
            let work = [ChannelWork(channel: sandbox, attempts: 1, refunds: 0)]
            _ = try await world.store.keepKinds([sandbox: .sandbox, wechat: .wechat])
            #expect(try await world.store.channelsAtWork(except: []) == work)
            #expect(try await world.store.channelsAtWork(except: [wechat]) == work)
            #expect(try await world.store.channelsAtWork(except: [sandbox, wechat]) == [])
        }
    }

    @Test func `a closed attempt whose last query is due is work of its channel`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            #expect(
                try await world.store.channelsAtWork() == [ChannelWork(channel: sandbox, attempts: 1, refunds: 0)])
        }
    }
}
