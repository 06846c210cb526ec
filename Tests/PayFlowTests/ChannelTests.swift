import PayCore
import PayFlow
import SQLiteStore
import PayTestSupport
import Testing

/// A channel that an operator pauses beside a running service, that the settings switch off, or that they lack.
@Suite struct `A channel out of service` {
    @Test func `that is paused makes no new attempts until it is resumed`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let operators = try SQLiteLedger(path: world.path)
            #expect(try await operators.pause(wechat, at: world.start))
            let before = try await world.order()
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .channelUnavailable)
            #expect(try await world.order() == before && world.sandbox.operations == ["create"])
            #expect(try await process.pay(repay(sandbox, .pc)).answer().origin == .hit)
            #expect(try await process.pay.channels(for: before, on: .pc) == [sandbox])

            #expect(try await operators.resume(wechat))
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made("wechat's"))
            #expect(try await process.pay(repay(wechat, .pc)).content == "wechat's")
        }
    }

    @Test func `that is paused refuses a first pay, stores no order and uses up no key`() async throws {
        try await withWorld { world in
            let process = try world.process()
            let operators = try SQLiteLedger(path: world.path)
            _ = try await operators.pause(sandbox, at: world.start)
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .channelUnavailable)
            #expect(try await process.ledger.order(number) == nil)
            _ = try await operators.resume(sandbox)
            world.sandbox.willCreate(made())
            #expect(try await process.pay(world.firstPay(key: use("k"))).answer().madeOrder)
        }
    }

    @Test func `that is paused goes on with its pages, notices, closes and refunds`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            _ = try await SQLiteLedger(path: world.path).pause(sandbox, at: world.start)
            #expect(try await process.pay.channels(for: world.order(), on: .pc) == [sandbox, wechat])
            world.move(to: 300)
            world.sandbox.willCreate(made("made anew"))
            #expect(try await process.pay(repay()).content == "made anew")
            #expect(await world.notify(receipt(), process)?.status == 200)
            #expect(await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")?.status == 200)
            world.sandbox.willRefund(.succeeded)
            #expect(try await process.refunds.runOnce(at: world.clock.now()).succeeded == 1)
        }
    }

    @Test func `that the settings switch off makes no new attempts`() async throws {
        try await withWorld { world in
            let process = try world.process(switchedOff: [sandbox])
            #expect(try await process.pay(world.firstPay()).refusal == .channelUnavailable)
            world.wechat.willCreate(made())
            #expect(try await process.pay(firstPay(number, wechat, at: world.start)).answer().madeOrder)
        }
    }

    @Test func `that is missing gives its page up for no other, and nothing is said to have been sent`() async throws {
        try await withWorld { world in
            // Given
            _ = try await world.withPage()
            let without = try world.process("worker-b", channels: [wechat])
            let before = try await world.order()
            let history = try await SQLiteLedger(path: world.path).history(of: number)

            // Then
            #expect(try await without.pay(repay(wechat, .pc)).refusal == .switchUnsafe)
            #expect(try await without.close(number).refusal == .switchUnsafe)
            world.move(to: 1_900)
            for instant in [1_900, 2_500] {
                _ = try await without.recover.runOnce(at: world.at(instant))
                _ = try await without.reconcile.runOnce(at: world.at(instant))
                _ = try await without.expire.runOnce(at: world.at(instant))
            }
            #expect(try await world.order() == before)
            let after = try await SQLiteLedger(path: world.path).history(of: number)
            #expect(after.filter { $0.what != .noted(.closeAsked) } == history)
            #expect(world.wechat.calls.isEmpty)
        }
    }

    @Test func `that is missing is told with what it has to be there for`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let operators = try SQLiteLedger(path: world.path)
            #expect(
                try await operators.channelsAtWork() == [ChannelWork(channel: sandbox, attempts: 1, refunds: 0)])
            await world.notify(receipt(), process)
            #expect(try await operators.channelsAtWork() == [])
            await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")
            #expect(
                try await operators.channelsAtWork() == [ChannelWork(channel: sandbox, attempts: 0, refunds: 1)])
        }
    }
}
