import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The reads and commits that a call costs. One commit is one update.
@Suite struct CommitCountTests {
    private static let reads: [WatchedLedger.Operation] = [.look, .livePage, .order, .keyRecord]

    private func reads(_ ledger: WatchedLedger) -> [Int] { Self.reads.map { ledger.count($0) } }

    @Test(arguments: [nil, "k"]) func `a first pay loads the order once before the provider is called`(
        key: String?
    ) async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())

            // When
            let paying = Task { try await process.pay(world.firstPay(key: key.map { use($0) })).answer() }
            await hold.waitForArrival()

            // Then there was one read, and the commit of the intent.
            #expect(reads(process.ledger) == [1, 0, 0, 0])
            #expect(process.ledger.count(.update) == 1)
            hold.release()
            #expect(try await paying.value.madeOrder)
            #expect(reads(process.ledger) == [1, 0, 0, 0])
            #expect(process.ledger.count(.update) == 2)
        }
    }

    @Test(arguments: [nil, "k"]) func `a hit is one read`(key: String?) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = (process.ledger.count(.look), process.ledger.count(.update))
            _ = try await process.pay(world.firstPay(key: key.map { use($0) })).answer()
            #expect(reads(process.ledger) == [before.0 + 1, 0, 0, 0])
            #expect(process.ledger.count(.update) == before.1)
        }
    }

    @Test func `closing an attempt takes three commits`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = process.ledger.count(.update)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            #expect(process.ledger.count(.update) - before == 3)
            #expect(try await world.order().lease == nil)
        }
    }

    @Test func `a switch takes three commits to close, the last of which stores the new attempt, and one for the page`()
        async throws
    {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = process.ledger.count(.update)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            let hold = world.wechat.willHoldCreate(then: made("wechat's"))
            let switching = Task { try await process.pay(repay(wechat, .pc)).content }
            await hold.waitForArrival()
            #expect(process.ledger.count(.update) - before == 3)
            #expect(try await world.states() == [.closed, .creating])
            hold.release()
            #expect(try await switching.value == "wechat's")
            #expect(process.ledger.count(.update) - before == 4)
        }
    }

    @Test func `the answers to a close are stored even if the commit with the next decision fails`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            let query = world.sandbox.willHoldQuery(then: .closed)
            let switching = Task { try await process.pay(repay(wechat, .pc)).content }
            await query.waitForArrival()
            process.ledger.willFail(.update)
            world.wechat.willCreate(made("wechat's"))
            query.release()
            #expect(try await switching.value == "wechat's")
            #expect(world.sandbox.operations == ["create", "close", "query"])
        }
    }

    @Test func `lease recovery closes in three commits`() async throws {
        try await withWorld { world in
            // Given an attempt that a process left half closed.
            let dead = try await world.withPage()
            let hold = world.sandbox.willHoldClose(then: .accepted)
            Task { _ = try? await dead.close(number) }
            await hold.waitForArrival()
            world.move(to: 10)

            // When
            let process = try await world.process("worker-b")
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.recover.runOnce(at: world.clock.now())[.closed] == 1)

            // Then
            #expect(process.ledger.count(.update) == 3)
            let order = try await world.order()
            #expect(order.lease == nil && order.attempts.map(\.state.name) == [.closed])
        }
    }

    @Test(arguments: [CloseAnswer.accepted, .unknown(.unanswered)])
    func `each call of a close is sent under a lease that outlives it`(close: CloseAnswer) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let closes = world.sandbox.willHoldClose(then: close)
            let queries = world.sandbox.willHoldQuery(then: .closed)
            let closing = Task { try await process.close(number).state }
            await closes.waitForArrival()
            let first = try #require(try await world.order().lease)
            #expect(first.endsAt > world.clock.now() + .seconds(8))

            // The close takes as long as a call may take.
            world.move(to: 8)
            closes.release()
            await queries.waitForArrival()
            let second = try #require(try await world.order().lease)
            #expect(second.endsAt > world.clock.now() + .seconds(8))
            #expect(second.owner == first.owner)
            queries.release()
            #expect(try await closing.value == .closed)
        }
    }

    @Test func `a refusal of the next decision is stored with the close's answers`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let hold = world.sandbox.willHoldQuery(then: .closed)
            world.sandbox.willClose(.accepted)
            let call = Task { try await process.pay(repay(wechat, .pc)).refusal }
            await hold.waitForArrival()

            // When
            _ = try await world.store.pause(wechat, at: world.start)
            hold.release()

            // Then
            #expect(try await call.value == .channelUnavailable)
            #expect(try await world.states() == [.closed])
            #expect(try await world.order().lease == nil)
        }
    }
}
