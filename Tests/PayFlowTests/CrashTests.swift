import PayCore
import PayFlow
import PayTestSupport
import Testing

/// A process crashes between the intent and the page: it is stopped at one operation, and never continues.
@Suite struct `A crashed process` {
    enum Death: String, CaseIterable {
        case beforeTheIntentIsStored, behindTheIntent, inTheCall, beforeThePageIsStored, behindThePage

        /// Whether its lease is left behind.
        var leavesALease: Bool {
            switch self {
            case .beforeTheIntentIsStored, .behindThePage: false
            case .behindTheIntent, .inTheCall, .beforeThePageIsStored: true
            }
        }

        /// How many creates the provider received from it.
        var creates: Int {
            switch self {
            case .beforeTheIntentIsStored, .behindTheIntent: 0
            case .inTheCall, .beforeThePageIsStored, .behindThePage: 1
            }
        }
    }

    /// The first pay call of a process that crashes during the call.
    private func die(_ death: Death, in world: World) async throws {
        let process = try await world.process("worker-a")
        let hold: Hold
        switch death {
        case .beforeTheIntentIsStored: hold = process.ledger.willStop(.before, .update)
        case .behindTheIntent: hold = process.ledger.willStop(.behind, .update)
        case .inTheCall: hold = world.sandbox.willHoldCreate(then: made("never seen"))
        case .beforeThePageIsStored: hold = process.ledger.willStop(.before, .update, after: 1)
        case .behindThePage: hold = process.ledger.willStop(.behind, .update, after: 1)
        }
        let isAnswered = death == .beforeThePageIsStored || death == .behindThePage
        if isAnswered { world.sandbox.willCreate(made("the dead one's")) }
        _ = Task { try await process.pay(world.firstPay(key: use("k"))) }
        await hold.waitForArrival()
    }

    @Test(arguments: Death.allCases.filter(\.leavesALease))
    func `the lease of a crashed process is kept until it expires`(death: Death) async throws {
        try await withWorld { world in
            // Given
            try await die(death, in: world)
            let process = try await world.process("worker-b")

            // When
            world.move(to: world.at(8) - millisecond)
            let waiting = Task { try await process.pay(world.firstPay()).refusal }
            await world.clock.waitForSleepers()
            world.clock.advance(by: FlowParts.patience)

            // Then
            #expect(try await waiting.value == .inProgress(retryAfter: millisecond))
            #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
            #expect(world.sandbox.creates.count == death.creates)
            #expect(try await world.states() == [.creating])
        }
    }

    @Test(arguments: Death.allCases.filter(\.leavesALease))
    func `the next call after a crash continues under the same trade number`(death: Death) async throws {
        try await withWorld { world in
            // Given
            try await die(death, in: world)
            let intent = try await world.order().attempts[0].request
            let process = try await world.process("worker-b")

            // When
            world.move(to: 10)
            world.sandbox.willCreate(made("the next one's"))
            let answer = try await process.pay(world.firstPay(key: use("k"))).answer()

            // Then
            #expect(answer.served.page.content == "the next one's" && answer.served.tradeNumber == first)
            #expect(world.sandbox.creates.count == death.creates + 1)
            #expect(Set(world.sandbox.creates.map(\.stored)) == [intent])
            #expect(try await world.states() == [.open])
        }
    }

    @Test(arguments: Death.allCases.filter(\.leavesALease))
    func `lease recovery after a crash continues under the same trade number`(death: Death) async throws {
        try await withWorld { world in
            // Given
            try await die(death, in: world)
            let intent = try await world.order().attempts[0].request
            let process = try await world.process("worker-b")

            // When
            world.move(to: 10)
            world.sandbox.willCreate(made("recovery's"))
            let report = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(report[.asked] == 1 && report[.closed] == 0 && report[.skipped] == 0 && report[.failed] == 0)
            #expect(Set(world.sandbox.creates.map(\.stored)) == [intent])
            #expect(Set(world.sandbox.creates.map(\.tradeNumber)) == [first])
            #expect(try await world.states() == [.open])
            #expect(try await process.pay(repay()).content == "recovery's")
            #expect(process.observer.observations.contains(.recovered(number)))
        }
    }

    @Test func `a crash before anything was stored leaves nothing`() async throws {
        try await withWorld { world in
            try await die(.beforeTheIntentIsStored, in: world)
            let process = try await world.process("worker-b")
            world.sandbox.willCreate(made())
            let answer = try await process.pay(world.firstPay(key: use("k"))).answer()
            #expect(answer.madeOrder && answer.served.tradeNumber == first && !answer.isReplay)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a crash after the page was stored leaves nothing to do`() async throws {
        try await withWorld { world in
            try await die(.behindThePage, in: world)
            let process = try await world.process("worker-b")
            let answer = try await process.pay(world.firstPay(key: use("k"))).answer()
            #expect(answer.served.page.content == "the dead one's" && answer.isReplay && answer.madeOrder)
            world.move(to: 10)
            #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test(arguments: [(DeadlinePolicy.reserve, 1_740), (.grace, 1_800)])
    func `a crashed create that is found after the cut-off is closed instead of sent again`(
        policy: DeadlinePolicy, cutOff: Int
    ) async throws {
        try await withWorld(policy: policy) { world in
            // Given
            try await die(.inTheCall, in: world)
            let process = try await world.process("worker-b")

            // When
            world.move(to: cutOff)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            let report = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(report[.closed] == 1 && report[.asked] == 0)
            #expect(world.sandbox.operations == ["create", "close", "query"])
            #expect(try await world.states() == [.closed])
        }
    }

    @Test(arguments: [
        (QueryAnswer.closed, AttemptStateName.closed), (.unpaid, .exposed), (.noSuchTrade, .exposed),
        (.unknown(.answered), .exposed), (.paid(receipt()), .paid),
    ]) func `a crash during the close of an order is followed by another close and query`(
        answer: QueryAnswer, state: AttemptStateName
    ) async throws {
        try await withWorld { world in
            // Given
            let dead = try await world.withPage()
            let hold = world.sandbox.willHoldClose(then: .accepted)
            _ = Task { try await dead.close(number) }
            await hold.waitForArrival()
            let process = try await world.process("worker-b")

            // When
            world.move(to: 10)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(answer)
            let report = try await process.recover.runOnce(at: world.clock.now())

            // Then
            #expect(report[.closed] == 1)
            #expect(world.sandbox.operations == ["create", "close", "close", "query"])
            #expect(try await world.states() == [state])
            #expect(try await world.order().state.name == (state == .paid ? .paid : .new))
            #expect(try await world.order().lease == nil)
        }
    }

    @Test func `a crash during the close of an attempt blocks its channel until the outcome is known`()
        async throws
    {
        try await withWorld { world in
            // Given
            let dead = try await world.withPage()
            let hold = world.sandbox.willHoldClose(then: .accepted)
            _ = Task { try await dead.close(number) }
            await hold.waitForArrival()
            let process = try await world.process("worker-b")
            world.move(to: 10)

            // When the provider does not answer, no attempt follows.
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(.unknown(.answered))
            let refusal = try await process.pay(repay(sandbox, .pc)).refusal
            #expect(refusal == .providerUnknown(retryAfter: .seconds(1)))
            #expect(world.sandbox.operations == ["create", "close", "close", "query"])

            // When the outcome is known, the next attempt follows.
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("the next"))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the next")
            #expect(try await world.states() == [.closed, .open])
        }
    }
}
