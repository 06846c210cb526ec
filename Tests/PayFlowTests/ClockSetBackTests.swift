import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The clock is set back by an hour while a service runs.
@Suite struct `When the clock is set back` {
    private func setBack(_ world: World) { world.clock.advance(by: .seconds(-3_600)) }

    @Test func `after the clock is set back an unanswered create holds its order for one lease at most`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.move(to: 1_000)
            let order = firstPay(life: .seconds(7_200), at: world.clock.now())
            world.sandbox.willCreate(.unknown(.unanswered))
            #expect(try await process.pay(order).refusal == .providerUnknown(retryAfter: .seconds(10)))
            setBack(world)
            #expect(try await process.pay(repay()).refusal == .providerUnknown(retryAfter: .seconds(10)))
            world.clock.advance(by: .seconds(9))
            #expect(try await process.pay(repay()).refusal == .providerUnknown(retryAfter: .seconds(1)))
            world.clock.advance(by: .seconds(1))
            world.sandbox.willCreate(made())
            #expect(try await process.pay(repay()).content != nil)
        }
    }

    @Test func `after the clock is set back an attempt of a crashed process is recovered after a lease`() async throws {
        try await withWorld { world in
            let (dead, alive) = (try await world.process("worker-a"), try await world.process("worker-b"))
            world.move(to: 1_000)
            let order = firstPay(life: .seconds(7_200), at: world.clock.now())
            let hold = world.sandbox.willHoldCreate(then: made())
            _ = Task { try await dead.pay(order) }
            await hold.waitForArrival()
            setBack(world)
            #expect(try await alive.recover.runOnce(at: world.clock.now())[.asked] == 0)
            world.clock.advance(by: .seconds(10))
            world.sandbox.willCreate(made("taken over"))
            #expect(try await alive.recover.runOnce(at: world.clock.now())[.asked] == 1)
        }
    }

    @Test func `after the clock is set back fresh pages are limited as before, not for an hour`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(made("0", usableFor: nil))
            world.move(to: 900)
            for count in 1...5 { world.sandbox.willCreate(made("\(count)", usableFor: nil)) }
            for _ in 1...5 { _ = try await process.pay(repay(fresh: true)).answer() }
            world.clock.advance(by: .seconds(-600))
            #expect(try await process.pay(repay(fresh: true)).refusal == .tooOften(retryAfter: .seconds(60)))
            world.clock.advance(by: .seconds(60))
            world.sandbox.willCreate(made("6"))
            #expect(try await process.pay(repay(fresh: true)).content == "6")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `after the clock is set back a call that waits for another process gives up in time`() async throws {
        try await withWorld { world in
            let (a, b, c) = (try await world.process("a"), try await world.process("b"), try await world.process("c"))
            world.move(to: 1_000)
            let order = firstPay(life: .seconds(7_200), at: world.clock.now())
            let hold = world.sandbox.willHoldCreate(then: made())
            let passing = Task { try await a.pay(order).content }
            await hold.waitForArrival()

            // Each has begun to wait by the old time, and looks by the new one.
            let looks = [b.ledger.willStop(.before, .order), c.ledger.willStop(.before, .order, after: 1)]
            let waiting = Task { try await b.pay(repay(sandbox, .pc)).refusal }
            let closing = Task { try await c.close(number).refusal }
            for look in looks { await look.waitForArrival() }
            setBack(world)
            for look in looks { look.release() }
            await world.clock.waitForSleepers(2)
            world.clock.advance(by: FlowParts.patience)
            #expect(try await waiting.value == .inProgress(retryAfter: .seconds(10)))
            #expect(try await closing.value == .inProgress(retryAfter: .seconds(10)))
            hold.release()
            _ = try await passing.value
        }
    }
}
