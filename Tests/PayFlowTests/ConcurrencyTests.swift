import PayCore
import PayFlow
import PayTestSupport
import Synchronization
import Testing

@Suite struct `Calls that come together` {
    /// Two hundred calls of one order, which have all arrived before the provider answers the first.
    private func crowd(
        _ world: World, _ requests: [PayRequest], at process: Process
    ) async throws -> [PayAnswer] {
        let hold = world.sandbox.willHoldCreate(then: made("the one"))
        return try await withThrowingTaskGroup(of: PayAnswer.self) { group in
            for request in requests {
                group.addTask { try await process.pay(request).answer() }
            }
            await hold.waitForArrival()
            await process.ledger.wait(for: requests.count, .look)
            hold.release()
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    static let crowds: [(String, [PayRequest])] = {
        let now = HandMovedClock().now()
        return [
            ("one key", (0..<200).map { _ in firstPay(key: use("k"), at: now) }),
            ("200 keys", (0..<200).map { firstPay(key: use("k-\($0)"), at: now) }),
            ("no key", (0..<200).map { _ in firstPay(at: now) }),
            (
                "two terminals of one page",
                (0..<200).map { firstPay(number, sandbox, $0 % 2 == 0 ? .pc : .h5, key: use("k-\($0)"), at: now) }
            ),
        ]
    }()

    @Test(arguments: crowds.map(\.0))
    func `200 first calls make one order, one attempt, one provider call, and get one page`(
        what: String
    ) async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let requests = try #require(Self.crowds.first { $0.0 == what }).1

            // When
            let answers = try await crowd(world, requests, at: process)

            // Then
            #expect(answers.count == 200)
            #expect(Set(answers.map(\.served)).count == 1)
            #expect(answers.count { $0.origin == .miss } == 1)
            #expect(world.sandbox.operations == ["create"])
            #expect(try await world.states() == [.open])
        }
    }

    @Test func `200 repays of an expired page make one provider call`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 300)
            let before = process.ledger.count(.look)
            let hold = world.sandbox.willHoldCreate(then: made("again"))
            let contents = try await withThrowingTaskGroup(of: PayAnswer.self) { group in
                for _ in 0..<200 { group.addTask { try await process.pay(repay()).answer() } }
                await process.ledger.wait(for: before + 200, .look)
                hold.release()
                return try await group.reduce(into: []) { $0.append($1.served.page.content) }
            }
            #expect(contents == Array(repeating: "again", count: 200))
            #expect(world.sandbox.creates.count == 2)
        }
    }

    @Test func `a call that joins another is marked as joined`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let requests = (0..<10).map { firstPay(key: use("k-\($0)"), at: world.clock.now()) }
            let origins = try await crowd(world, requests, at: process).map(\.origin)
            #expect(origins.count { $0 == .miss } == 1)
            #expect(origins.allSatisfy { $0 == .miss || $0 == .collapsed(wasStale: false) || $0 == .hit })
        }
    }

    @Test func `a call for another terminal waits for the call in flight`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let isReleased = Mutex(false)
            let overlapped = Mutex(false)
            let hold = world.sandbox.willHoldCreate(then: made("for pc"))
            let forPC = Task { try await process.pay(world.firstPay()).content }
            await hold.waitForArrival()

            // When
            let event = { @Sendable in overlapped.withLock { $0 = !isReleased.withLock { $0 } } }
            world.sandbox.willCreate(made("for app", serves: [.app]), after: event)
            let forApp = Task { try await process.pay(firstPay(number, sandbox, .app, at: world.start)).content }
            await process.ledger.wait(for: 2, .look)
            isReleased.withLock { $0 = true }
            hold.release()

            // Then
            #expect(try await forPC.value == "for pc")
            #expect(try await forApp.value == "for app")
            #expect(overlapped.withLock { $0 } == false)
            #expect(world.sandbox.creates.map(\.tradeNumber) == [first, first])
        }
    }

    @Test func `a call for another order does not wait`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made("one"))
            let one = Task { try await process.pay(world.firstPay()).content }
            await hold.waitForArrival()

            // When
            world.sandbox.willCreate(made("two"))
            let other = try #require(OrderNumber("20261122_0002"))
            let two = try await process.pay(firstPay(other, at: world.start)).content

            // Then
            #expect(two == "two")
            hold.release()
            #expect(try await one.value == "one")
        }
    }

    @Test func `a disconnected caller does not interrupt the provider call`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let caller = Task { try await process.pay(world.firstPay(key: use("k"))) }
            await hold.waitForArrival()

            // When
            caller.cancel()
            let stayed = Task { try await process.pay(world.firstPay()).content }
            await process.ledger.wait(for: 2, .look)
            hold.release()
            await process.flows.drain()

            // Then
            #expect(try await stayed.value != nil)
            #expect(world.sandbox.operations == ["create"])
            #expect(try await world.states() == [.open])
            #expect(try await process.pay(world.firstPay(key: use("k"))).answer().isReplay)
        }
    }

    @Test func `calls that joined a failed call get the same refusal`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: .unknown(.answered))
            let refusals = try await withThrowingTaskGroup(of: PayRefusal?.self) { group in
                group.addTask { try await process.pay(world.firstPay()).refusal }
                await hold.waitForArrival()
                for _ in 0..<9 { group.addTask { try await process.pay(world.firstPay()).refusal } }
                await process.ledger.wait(for: 10, .look)
                // A call that comes too late to join calls the provider again, and gets the same refusal.
                world.sandbox.alwaysCreates { _ in .unknown(.answered) }
                hold.release()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals == Array(repeating: .providerUnknown(retryAfter: .seconds(1)), count: 10))
            #expect(try await world.states() == [.creating])
        }
    }
}
