import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `An idempotency key` {
    @Test func `an idempotency key replays the outcome of its first call`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(key: use("k"))
            world.move(to: 100)
            let replay = try await process.pay(world.firstPay(key: use("k"))).answer()
            #expect(replay.isReplay && replay.madeOrder && replay.served.tradeNumber == first)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `an idempotency key marks one request`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(key: use("k"))
            #expect(try await process.pay(world.firstPay(key: use("k", "f-2"))).refusal == .keyReused)
            world.move(to: 1_800)
            #expect(try await process.pay(world.firstPay(key: use("k", "f-2"))).refusal == .keyReused)
        }
    }

    @Test func `an idempotency key belongs to one caller`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(key: use("k"))
            let other = use("k", "f-2", scope: "user user-7 POST /v1/payments/20261122_0001/repay")
            let answer = try await process.pay(repay(key: other)).answer()
            #expect(!answer.isReplay && answer.origin == .hit)
        }
    }

    @Test func `an idempotency key is not used up by a hit`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(key: use("k"))
            let writes = process.ledger.count(.update)
            _ = try await process.pay(world.firstPay(key: use("k-2"))).answer()
            #expect(try await process.ledger.keyRecord(use("k-2").key, at: world.clock.now()) == nil)
            #expect(process.ledger.count(.update) == writes)
        }
    }

    @Test func `an idempotency key of a paid order gets the order's current refusal`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(key: use("k"))
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .orderNotNew(.paid))
        }
    }

    @Test func `an idempotency key after the cut-off is refused as too late`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(made(usableFor: nil), key: use("k"))
            world.move(to: 1_740)
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .tooLate)
        }
    }

    @Test func `an idempotency key whose page has expired gets a new page of the same attempt`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage(made("old"), key: use("k"))

            // When
            world.move(to: 300)
            world.sandbox.willCreate(made("new"))
            let answer = try await process.pay(world.firstPay(key: use("k"))).answer()

            // Then
            #expect(answer.served.page.content == "new" && answer.served.tradeNumber == first)
            #expect(world.sandbox.creates.count == 2 && Set(world.sandbox.creates).count == 1)
            #expect(try await process.pay(world.firstPay(key: use("k"))).answer().isReplay)
        }
    }

    @Test func `an idempotency key whose page was superseded never switches back`() async throws {
        try await withWorld(terms: terms(mayBeAskedAgain: false)) { world in
            // Given
            let process = try await world.withPage(key: use("k"))
            world.move(to: 300)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("on the next number"))
            _ = try await process.pay(repay(key: use("k-2"))).answer()

            // Then
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .pageSuperseded)
            #expect(try await process.pay(repay(key: use("k-2"))).answer().isReplay)
            world.move(to: 600)
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == .pageSuperseded)
        }
    }

    @Test func `an idempotency key whose page could not be replaced follows the next attempt`() async throws {
        try await withWorld(terms: terms(mayBeAskedAgain: false)) { world in
            // Given
            let process = try await world.withPage(key: use("k"))
            world.move(to: 300)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("on the next number"))

            // When
            let answer = try await process.pay(world.firstPay(key: use("k"))).answer()
            let replay = try await process.pay(world.firstPay(key: use("k"))).answer()

            // Then
            #expect(answer.served.tradeNumber == second)
            #expect(replay.served == answer.served && replay.isReplay && replay.madeOrder)
        }
    }

    static let inVain: [(CreateAnswer, PayRefusal)] = [
        (.refused(reason: "LIMIT"), .providerRefused),
        (.notSent(reason: "connect"), .providerUnavailable(retryAfter: .seconds(1))),
        (.unknown(.answered), .providerUnknown(retryAfter: .seconds(1))),
    ]

    @Test(arguments: inVain)
    func `an idempotency key is not used up by a failed call`(answer: CreateAnswer, refusal: PayRefusal) async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(answer, made())
            #expect(try await process.pay(world.firstPay(key: use("k"))).refusal == refusal)
            let other = try await process.pay(world.firstPay(key: use("k", "f-2"))).answer()
            #expect(!other.isReplay)
            #expect(try await process.pay(world.firstPay(key: use("k", "f-1"))).refusal == .keyReused)
        }
    }

    @Test func `an idempotency key in flight refuses another request, and joins the same one`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let calling = Task { try await process.pay(world.firstPay(key: use("k"))).answer() }
            await hold.waitForArrival()

            // When
            let reused = try await process.pay(world.firstPay(key: use("k", "f-2"))).refusal
            let joining = Task { try await process.pay(world.firstPay(key: use("k"))).answer() }
            await process.ledger.wait(for: 3, .look)
            hold.release()

            // Then
            #expect(reused == .keyReused)
            #expect(try await calling.value.served == joining.value.served)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a call that finds a page stored under its own key is a replay`() async throws {
        try await withWorld { world in
            // Given three calls under one key, two of which stop before they read.
            let process = try await world.process()
            let doors = [0, 0].map { process.ledger.willStop(.before, .look, after: $0) }
            let same = Task { try await process.pay(world.firstPay(key: use("k"))) }
            await doors[0].waitForArrival()
            let other = Task { try await process.pay(world.firstPay(key: use("k", "f-2"))) }
            await doors[1].waitForArrival()

            // When the third creates the page.
            world.sandbox.willCreate(made())
            _ = try await process.pay(world.firstPay(key: use("k"))).answer()
            for door in doors { door.release() }

            // Then neither is a mere hit.
            #expect(try await same.value.answer().isReplay)
            #expect(try await other.value.refusal == .keyReused)
        }
    }

    @Test func `an idempotency key is free again after its call has failed`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: .refused(reason: "LIMIT"))
            let calling = Task { try await process.pay(world.firstPay(key: use("k"))).refusal }
            await hold.waitForArrival()
            #expect(try await process.pay(world.firstPay(key: use("k", "f-2"))).refusal == .keyReused)
            hold.release()
            #expect(try await calling.value == .providerRefused)
            world.sandbox.willCreate(made())
            #expect(try await process.pay(world.firstPay(key: use("k", "f-2"))).content != nil)
        }
    }

    @Test(arguments: [(Duration.seconds(1_800), 86_400), (.seconds(172_800), 172_800)])
    func `an idempotency key is kept for a day, and at least until the trade ends`(life: Duration, kept: Int)
        async throws
    {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(made())
            _ = try await process.pay(firstPay(key: use("k"), life: life, at: world.start)).answer()
            let key = use("k").key
            #expect(try await process.ledger.keyRecord(key, at: world.at(kept) - millisecond) != nil)
            #expect(try await process.ledger.keyRecord(key, at: world.at(kept)) == nil)
        }
    }

    @Test func `a replay of a fresh page creates no other page`() async throws {
        try await withWorld { world in
            let process = try await world.withPage(made("old"))
            world.sandbox.willCreate(made("new"))
            let first = try await process.pay(repay(fresh: true, key: use("k"))).answer()
            let replay = try await process.pay(repay(fresh: true, key: use("k"))).answer()
            #expect(first.served == replay.served && replay.isReplay && !first.isReplay)
            #expect(world.sandbox.creates.count == 2)
        }
    }
}
