import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The end of an order's time` {
    typealias Policy = (policy: DeadlinePolicy, providerDeadline: Int, lastWord: Int)

    static let policies: [Policy] = [(.reserve, 1_800, 1_860), (.grace, 1_860, 1_920)]

    @Test(arguments: policies)
    func `an order is closed at its provider deadline, queried at the last word, and expires once`(
        row: Policy
    ) async throws {
        try await withWorld(terms: alipayLike, policy: row.policy) { world in
            // Given
            let process = try await world.withPage()
            world.move(to: world.at(row.providerDeadline) - millisecond)
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            #expect(world.sandbox.operations == ["create"])

            // When
            world.move(to: row.providerDeadline)
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.closed] == 1)

            // Then
            #expect(world.sandbox.operations == ["create", "close", "query"])
            #expect(try await world.states() == [.exposed])
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            #expect(try await world.order().state == .new)
            #expect(try await process.pay(repay()).refusal == .tooLate)

            // When
            world.move(to: row.lastWord)
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            world.sandbox.willQuery(.noSuchTrade)
            #expect(try await process.query.runOnce(at: world.clock.now())[.lapsed] == 1)
            let report = try await process.expire.runOnce(at: world.clock.now())

            // Then
            #expect(report[.expired] == 1)
            #expect(try await world.order().state == .expired(at: world.at(row.lastWord)))
            #expect(try await process.pay(repay()).refusal == .tooLate)
            world.move(to: 99_999)
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)
            #expect(process.observer.observations.count { $0 == .orderEntered(.expired, number) } == 1)
        }
    }

    @Test(arguments: [QueryAnswer.unknown(.answered), .unknown(.unanswered)])
    func `an order does not expire while a query is unanswered`(answer: QueryAnswer) async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 1_800)
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(answer)
            _ = try await process.expire.runOnce(at: world.clock.now())

            // When the provider does not answer for an hour.
            var asked = 0
            while let askAt = try await world.order().attempts[0].askAt, askAt < world.at(5_400) {
                world.move(to: askAt)
                world.sandbox.willQuery(answer)
                #expect(try await process.query.runOnce(at: askAt)[.unchanged] == 1)
                #expect(try await process.expire.runOnce(at: askAt).isEmpty)
                asked += 1
            }

            // Then
            #expect(asked >= 8)
            #expect(try await world.order().state == .new)
            #expect(try await world.states() == [.exposed])
            world.move(to: 9_000)
            world.sandbox.willQuery(.unpaid)
            #expect(try await process.query.runOnce(at: world.clock.now())[.lapsed] == 1)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
        }
    }

    @Test(arguments: policies) func `expiry finds a payment of the last second`(row: Policy) async throws {
        try await withWorld(policy: row.policy) { world in
            let process = try await world.withPage()
            world.move(to: row.providerDeadline)
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.expire.runOnce(at: world.clock.now())[.closed] == 1)
            let order = try await world.order()
            #expect(order.state.name == .paid && order.receipts.map(\.standing) == [.honest] && order.refunds.isEmpty)
        }
    }

    @Test func `a process that was down for a day still expires its orders`() async throws {
        try await withWorld { world in
            // Given
            _ = try await world.withPage()
            let process = try await world.process("worker-b")
            world.move(to: 86_400)
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.unpaid)

            // When
            let now = world.clock.now()
            #expect(try await process.recover.runOnce(at: now).isEmpty)
            #expect(try await process.expire.runOnce(at: now)[.closed] == 1)

            // Then
            #expect(try await world.states() == [.lapsed])
            #expect(try await process.query.runOnce(at: now).isEmpty)
            #expect(try await process.expire.runOnce(at: now)[.expired] == 1)
            #expect(try await world.order().state == .expired(at: now))
        }
    }

    @Test func `expiry waits for every attempt of the order`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            // Given an old page of one channel, and an open one of the other.
            let process = try await world.withSwitch()
            world.move(to: 1_800)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.closed] == 1)

            // When only one of them has given its last word.
            world.move(to: 1_860)
            world.sandbox.willQuery(.unknown(.answered))
            world.wechat.willQuery(.closed)
            _ = try await process.query.runOnce(at: world.clock.now())
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            #expect(try await world.states() == [.exposed, .closed])

            // Then
            world.move(to: 1_875)
            world.sandbox.willQuery(.noSuchTrade)
            _ = try await process.query.runOnce(at: world.clock.now())
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
            #expect(try await world.states() == [.lapsed, .closed])
        }
    }

    @Test func `two processes expire an order once`() async throws {
        try await withWorld { world in
            // Given
            let one = try await world.withPage()
            let other = try await world.process("worker-b")
            world.move(to: 1_800)
            let hold = world.sandbox.willHoldClose(then: .accepted)
            world.sandbox.willQuery(.closed, .closed)
            let now = world.clock.now()
            let run = Task { try await one.expire.runOnce(at: now) }
            await hold.waitForArrival()

            // When
            #expect(try await other.expire.runOnce(at: now).isEmpty)
            hold.release()
            #expect(try await run.value[.closed] == 1)
            world.move(to: 1_860)
            _ = try await one.query.runOnce(at: world.clock.now())
            let reports = [
                try await one.expire.runOnce(at: world.clock.now()),
                try await other.expire.runOnce(at: world.clock.now()),
            ]

            // Then
            #expect(reports.map { $0[.expired] } == [1, 0])
            #expect(world.sandbox.operations == ["create", "close", "query", "query"])
        }
    }

    @Test func `expiry that a crash interrupted is resumed`() async throws {
        try await withWorld { world in
            let dead = try await world.withPage()
            world.move(to: 1_800)
            let hold = world.sandbox.willHoldClose(then: .accepted)
            let now = world.clock.now()
            Task { _ = try? await dead.expire.runOnce(at: now) }
            await hold.waitForArrival()

            let process = try await world.process("worker-b")
            world.move(to: 1_810)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.recover.runOnce(at: world.clock.now())[.closed] == 1)
            world.move(to: 1_860)
            world.sandbox.willQuery(.closed)
            _ = try await process.query.runOnce(at: world.clock.now())
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
        }
    }

    @Test func `money after expiry is late, and refunded`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 86_400)
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.unpaid)
            for _ in 0..<2 { _ = try await process.expire.runOnce(at: world.clock.now()) }

            // When
            #expect(await world.notify(receipt(), process)?.status == 200)

            // Then
            let order = try await world.order()
            #expect(order.state.name == .expired && order.attempts.map(\.state) == [.paid])
            #expect(order.refunds.map(\.number) == ["\(first)_r1"])
            #expect(process.money == [.brokenWord(sandbox, first), .latePayment(sandbox, first)])
        }
    }
}
