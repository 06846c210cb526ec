import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `Lease recovery` {
    private func number(_ count: Int) throws -> OrderNumber {
        try #require(OrderNumber("20261122_100\(count)"))
    }

    /// Leaves this many orders whose first create got an unreadable answer.
    private func leaveBehind(_ count: Int, by process: Process, in world: World) async throws {
        for index in 0..<count {
            world.sandbox.willCreate(.unknown(.answered))
            _ = try await process.pay(firstPay(try number(index), at: world.clock.now()))
        }
    }

    @Test func `lease recovery takes a limited number of orders in one run, and reports their outcomes`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            try await leaveBehind(3, by: process, in: world)
            world.move(to: 10)

            // When
            world.sandbox.willCreate(made(), made(), made())
            var reports: [SweepReport<RecoverLeases.Outcome>] = []
            for _ in 0..<3 { reports.append(try await process.recover.runOnce(at: world.clock.now(), limit: 2)) }

            // Then
            #expect(reports.map { $0[.asked] } == [2, 1, 0])
            #expect(reports[2].isEmpty)
            for index in 0..<3 {
                #expect(try await world.order(try number(index)).attempts.map(\.state) == [.open])
            }
        }
    }

    @Test func `lease recovery pauses longer after each unknown outcome`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            try await leaveBehind(1, by: process, in: world)
            for due in [10, 30, 70, 150, 310, 610, 910] {
                world.move(to: world.at(due) - millisecond)
                #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
                world.move(to: due)
                world.sandbox.willCreate(.unknown(.answered))
                #expect(try await process.recover.runOnce(at: world.clock.now())[.asked] == 1)
            }
            #expect(Set(world.sandbox.creates).count == 1)
        }
    }

    @Test func `lease recovery counts a failed order, and continues with the others`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            try await leaveBehind(3, by: process, in: world)
            world.move(to: 10)

            // When
            process.ledger.willFail(.update)
            world.sandbox.willCreate(made(), made(), made())
            let broken = try await process.recover.runOnce(at: world.clock.now())
            let mended = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(broken[.failed] == 1 && broken[.asked] == 2)
            #expect(mended[.failed] == 0 && mended[.asked] == 1)
        }
    }

    @Test func `lease recovery skips orders without unfinished work`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 1_799)
            #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `lease recovery of other orders is not blocked by an order of a missing channel`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.wechat.willCreate(.unknown(.answered))
            _ = try await process.pay(firstPay(try number(0), wechat, at: world.clock.now()))
            world.move(to: 1)
            world.sandbox.willCreate(.unknown(.answered), made())
            _ = try await process.pay(firstPay(try number(1), at: world.clock.now()))
            let without = try await world.process("worker-b", channels: [sandbox])
            world.move(to: 20)

            // When
            let first = try await without.recover.runOnce(at: world.clock.now(), limit: 1)
            let second = try await without.recover.runOnce(at: world.clock.now(), limit: 1)

            // Then
            #expect(first[.asked] == 1 && first[.skipped] == 0)
            #expect(second.isEmpty)
        }
    }

    @Test func `lease recovery closes a trade that the provider reports closed, after a query`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .alreadyClosed)
            _ = try await process.pay(world.firstPay())

            // When
            world.move(to: 10)
            world.sandbox.willQuery(.closed)
            let report = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(report[.asked] == 1)
            #expect(try await world.states() == [.closed])
            #expect(try await world.order().lease == nil)
        }
    }

    @Test func `lease recovery marks a trade paid that the provider reports paid, after a query`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .alreadyPaid)
            _ = try await process.pay(world.firstPay())
            world.move(to: 10)
            world.sandbox.willQuery(.paid(receipt()))
            _ = try await process.recover.runOnce(at: world.clock.now())
            #expect(try await world.order().state.name == .paid)
            #expect(process.observer.observations.contains(.orderEntered(.paid, PayFlowTests.number)))
        }
    }

    @Test func `lease recovery closes and queries a trade that was refused after an unknown try`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.unanswered), .refused(reason: "EXISTS"))
            _ = try await process.pay(world.firstPay())
            world.move(to: 10)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.paid(receipt()))
            _ = try await process.recover.runOnce(at: world.clock.now())
            #expect(try await world.order().state.name == .paid)
            #expect(world.sandbox.operations == ["create", "create", "close", "query"])
        }
    }

    @Test func `lease recovery closes the live attempt beside the paid one at once`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered))
            world.wechat.willCreate(made())
            _ = try await process.pay(world.firstPay())
            _ = try await process.pay(repay(wechat, .pc)).answer()
            #expect(try await world.states() == [.exposed, .open])

            // When
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            #expect(try await world.states() == [.paid, .closing])
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            let report = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(report[.closed] == 1)
            #expect(try await world.states() == [.paid, .closed])
        }
    }
}

@Suite struct `Lease recovery that is told to stop` {
    @Test func `a cancelled lease recovery begins nothing more, and finishes the work in progress`() async throws {
        try await withWorld { world in
            // Given an order that a crashed process left behind, with a slow provider.
            let dead = try await world.process("worker-a")
            let neverAnswered = world.sandbox.willHoldCreate(then: .unknown(.unanswered))
            let lost = Task { try await dead.pay(world.firstPay()) }
            await neverAnswered.waitForArrival()
            world.move(to: 60)
            let hold = world.sandbox.willHoldCreate(then: made())
            let process = try await world.process("worker-b")

            // When a run is cancelled before it begins.
            let cancelled = Task {
                while !Task.isCancelled { await Task.yield() }
                return try? await process.recover.runOnce(at: world.clock.now())
            }
            cancelled.cancel()
            #expect(await cancelled.value.map(\.isEmpty) != false)

            // Then it has taken over no order.
            #expect(world.sandbox.creates.count == 1)
            #expect(try await world.order().fence == Fence(1))

            // When a run is cancelled during its provider call.
            let run = Task { try await process.recover.runOnce(at: world.clock.now()) }
            await hold.waitForArrival()
            run.cancel()
            hold.release()

            // Then the answer is stored.
            #expect(try await run.value[.asked] == 1)
            #expect(try await world.states() == [.open])
            neverAnswered.release()
            _ = try await lost.value
        }
    }
}
