import PayCore
import PayFlow
import PayTestSupport
import Testing

/// One key marks one request, also across two processes. It is claimed when the work begins, and free again when the
/// work ends without a page.
@Suite(.timeLimit(.minutes(1))) struct `An idempotency key over two processes` {
    private let other = OrderNumber("20261122_0002")!

    /// The same key for another order, which is another request.
    private func otherPay(_ world: World, key: String = "k") -> PayRequest {
        firstPay(other, key: use(key, "f-2"), at: world.clock.now())
    }

    @Test func `a key claimed by one process is refused to another order in a second process`() async throws {
        try await withWorld { world in
            let (a, b) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made())
            let passing = Task { try await a.pay(world.firstPay(key: use("k"))).answer() }
            await hold.waitForArrival()

            #expect(try await b.pay(otherPay(world)).refusal == .keyReused)
            #expect(try await b.ledger.order(other) == nil)
            hold.release()
            #expect(try await passing.value.madeOrder)
            #expect(try await b.pay(otherPay(world)).refusal == .keyReused)
            #expect(try await b.pay(world.firstPay(key: use("k"))).answer().isReplay)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `two decisions at the same moment cannot both claim one key`() async throws {
        try await withWorld { world in
            let (a, b) = (try await world.process("worker-a"), try await world.process("worker-b"))
            world.sandbox.alwaysCreates { _ in made() }
            let doors = [a, b].map { $0.ledger.willStop(.before, .update) }
            let calls = [
                Task { try await a.pay(world.firstPay(key: use("k"))) }, Task { try await b.pay(otherPay(world)) },
            ]
            for door in doors { await door.waitForArrival() }
            for door in doors { door.release() }
            var results: [PayResult] = []
            for call in calls { results.append(try await call.value) }
            #expect(results.count { $0.content != nil } == 1)
            #expect(results.compactMap(\.refusal) == [.keyReused])
            #expect(world.sandbox.creates.count == 1)
        }
    }

    static let inVain: [(CreateAnswer, PayRefusal)] = [
        (.refused(reason: "LIMIT"), .providerRefused),
        (.notSent(reason: "connect"), .providerUnavailable(retryAfter: .seconds(1))),
        (.unknown(.answered), .providerUnknown(retryAfter: .seconds(1))),
        (.unknown(.unanswered), .providerUnknown(retryAfter: .seconds(10))),
    ]

    @Test(arguments: inVain)
    func `a key claim ends when the work ends without a page`(answer: CreateAnswer, refusal: PayRefusal) async throws {
        try await withWorld { world in
            let (a, b) = (try await world.process("worker-a"), try await world.process("worker-b"))
            world.sandbox.willCreate(answer, made())
            #expect(try await a.pay(world.firstPay(key: use("k"))).refusal == refusal)
            #expect(try await b.pay(otherPay(world)).answer().madeOrder)
            #expect(try await a.pay(world.firstPay(key: use("k"))).refusal == .keyReused)
        }
    }

    @Test func `the key claim of a crashed process ends with its lease`() async throws {
        try await withWorld { world in
            let (dead, alive) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made())
            _ = Task { try await dead.pay(world.firstPay(key: use("k"))) }
            await hold.waitForArrival()

            world.move(to: world.at(10) - millisecond)
            #expect(try await alive.pay(otherPay(world)).refusal == .keyReused)
            world.move(to: 10)
            world.sandbox.willCreate(made("the other's"))
            #expect(try await alive.pay(otherPay(world)).content == "the other's")
        }
    }

    @Test func `the key claim of a crashed process is taken over by the same request`() async throws {
        try await withWorld { world in
            let (dead, alive) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the dead one's"))
            _ = Task { try await dead.pay(world.firstPay(key: use("k"))) }
            await hold.waitForArrival()
            world.move(to: 10)
            world.sandbox.willCreate(made("the living one's"))
            #expect(try await alive.pay(world.firstPay(key: use("k"))).content == "the living one's")
            #expect(try await alive.pay(world.firstPay(key: use("k"))).answer().isReplay)
            #expect(try await alive.pay(otherPay(world)).refusal == .keyReused)
        }
    }

    @Test func `a call joins the same keyed request in flight, or gets a retry time`() async throws {
        try await withWorld { world in
            let (a, b) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the one"))
            let passing = Task { try await a.pay(world.firstPay(key: use("k"))).content }
            await hold.waitForArrival()
            let early = Task { try await b.pay(world.firstPay(key: use("k"))).refusal }
            await world.clock.waitForSleepers()
            world.clock.advance(by: FlowParts.patience)
            #expect(try await early.value == .inProgress(retryAfter: .seconds(8)))

            let waiting = Task { try await b.pay(world.firstPay(key: use("k"))).answer() }
            await world.clock.waitForSleepers()
            hold.release()
            #expect(try await passing.value == "the one")
            world.clock.advance(by: FlowParts.lookEvery)
            let answer = try await waiting.value
            #expect(answer.served.page.content == "the one" && answer.isReplay)
            #expect(world.sandbox.creates.count == 1)
        }
    }

    @Test func `a call whose page lease recovery made uses up its key`() async throws {
        try await withWorld { world in
            let (slow, other) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = slow.ledger.willStop(.behind, .update)
            let late = Task { try await slow.pay(world.firstPay(key: use("k"))).answer() }
            await hold.waitForArrival()
            world.move(to: 10)
            world.sandbox.willCreate(made("recovery's"))
            #expect(try await other.recover.runOnce(at: world.clock.now())[.asked] == 1)
            hold.release()
            #expect(try await late.value.served.page.content == "recovery's")
            #expect(try await other.pay(otherPay(world)).refusal == .keyReused)
            #expect(try await other.pay(world.firstPay(key: use("k"))).answer().isReplay)
        }
    }

    @Test func `a call that waits for the page of lease recovery uses up its key`() async throws {
        try await withWorld { world in
            let (slow, other) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let stall = slow.ledger.willStop(.behind, .update)
            let late = Task { try await slow.pay(world.firstPay(key: use("k"))).answer() }
            await stall.waitForArrival()
            world.move(to: 10)
            let create = world.sandbox.willHoldCreate(then: made("recovery's"))
            let recovering = Task { try await other.recover.runOnce(at: world.clock.now())[.asked] }
            await create.waitForArrival()
            stall.release()
            await world.clock.waitForSleepers()
            create.release()
            #expect(try await recovering.value == 1)
            world.clock.advance(by: FlowParts.lookEvery)
            #expect(try await late.value.served.page.content == "recovery's")
            #expect(try await other.pay(otherPay(world)).refusal == .keyReused)
            #expect(try await other.pay(world.firstPay(key: use("k"))).answer().isReplay)
        }
    }

    @Test func `a repeated fresh call is replayed, though its first call used up the limit`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.alwaysCreates { _ in made("fresh") }
            for _ in 0..<4 { _ = try await process.pay(repay(fresh: true)).answer() }
            let hold = process.ledger.willStop(.behind, .look)
            let second = Task { try await process.pay(repay(fresh: true, key: use("k"))).answer() }
            await hold.waitForArrival()
            #expect(try await process.pay(repay(fresh: true, key: use("k"))).answer().isReplay == false)
            hold.release()
            #expect(try await second.value.isReplay)
            #expect(world.sandbox.creates.count == 6)
        }
    }

    @Test func `a call whose lease expired before its page came can lose its key to another request`() async throws {
        try await withWorld { world in
            let (slow, quick) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the slow one's"))
            let late = Task { try await slow.pay(world.firstPay(key: use("k"))).refusal }
            await hold.waitForArrival()
            world.move(to: 10)
            world.sandbox.willCreate(made("the other's"))
            #expect(try await quick.pay(otherPay(world)).content == "the other's")
            hold.release()
            #expect(try await late.value == .keyReused)

            // The page that the provider created is stored anyway.
            #expect(try await world.states() == [.open])
            #expect(try await quick.pay(repay()).content == "the slow one's")
            #expect(try await slow.pay(world.firstPay(key: use("k"))).refusal == .keyReused)
        }
    }

    @Test func `a key that is taken stops no call that joined under another key`() async throws {
        try await withWorld { world in
            let (a, b) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let door = b.ledger.willStop(.before, .update)
            let stopped = Task { try await b.pay(otherPay(world)).refusal }
            await door.waitForArrival()
            let joined = Task { try await b.pay(otherPay(world, key: "k-2")).content }
            await b.ledger.wait(for: 2, .look)
            let hold = world.sandbox.willHoldCreate(then: made())
            let passing = Task { try await a.pay(world.firstPay(key: use("k"))).content }
            await hold.waitForArrival()
            world.sandbox.willCreate(made("the joined one's"))
            door.release()
            #expect(try await stopped.value == .keyReused)
            #expect(try await joined.value == "the joined one's")
            hold.release()
            _ = try await passing.value
        }
    }

    @Test func `a fresh call repeated under one key creates one page`() async throws {
        try await withWorld { world in
            let (a, b) = (try await world.withPage(made("old")), try await world.process("worker-b"))
            let door = b.ledger.willStop(.before, .update)
            let second = Task { try await b.pay(repay(fresh: true, key: use("k"))).answer() }
            await door.waitForArrival()
            world.sandbox.willCreate(made("new"))
            #expect(try await a.pay(repay(fresh: true, key: use("k"))).content == "new")
            door.release()
            let answer = try await second.value
            #expect(answer.served.page.content == "new" && answer.isReplay)
        }
    }
}
