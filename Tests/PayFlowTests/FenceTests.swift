import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Two processes on one file, as during an overlapping restart.
@Suite struct `Two processes on one file` {
    @Test func `an answer after a takeover is neither stored nor returned`() async throws {
        try await withWorld { world in
            // Given
            let (old, new) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the old one's"))
            let slow = Task { try await old.pay(world.firstPay()).answer() }
            await hold.waitForArrival()

            // When
            world.move(to: 10)
            world.sandbox.willCreate(made("the new one's"))
            let taken = try await new.pay(repay(sandbox, .pc)).answer()
            hold.release()
            let late = try await slow.value

            // Then
            #expect(taken.served.page.content == "the new one's")
            #expect(late.served == taken.served)
            let order = try await world.order()
            #expect(order.attempts.map(\.number) == [first])
            #expect(order.attempts[0].pages == [taken.served.page])
            #expect(world.sandbox.creates.count == 2 && Set(world.sandbox.creates).count == 1)
        }
    }

    @Test func `a process that wakes up after its lease never sends its request`() async throws {
        try await withWorld { world in
            // Given
            let (old, new) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = old.ledger.willStop(.behind, .update)
            let asleep = Task { try await old.pay(world.firstPay()).answer() }
            await hold.waitForArrival()

            // When
            world.move(to: 10)
            world.sandbox.willCreate(made("the new one's"))
            let taken = try await new.pay(repay(sandbox, .pc)).answer()
            hold.release()

            // Then
            #expect(try await asleep.value.served == taken.served)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a slow commit is followed by a longer lease before the provider is called`() async throws {
        try await withWorld { world in
            // Given
            let (slow, other) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let commit = slow.ledger.willStop(.behind, .update)
            let create = world.sandbox.willHoldCreate(then: .unknown(.unanswered))
            let paying = Task { try await slow.pay(world.firstPay()).refusal }
            await commit.waitForArrival()

            // When
            world.move(to: 9)
            commit.release()
            await create.waitForArrival()
            world.move(to: 17)
            create.release()

            // Then
            #expect(try await paying.value == .providerUnknown(retryAfter: .seconds(2)))
            #expect(try await other.pay(repay()).refusal == .providerUnknown(retryAfter: .seconds(2)))
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a process that lost its lease waits for the new holder's page, and calls no provider`() async throws {
        try await withWorld { world in
            // Given
            let (old, new) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let oldHold = world.sandbox.willHoldCreate(then: made("the old one's"))
            let slow = Task { try await old.pay(world.firstPay()).answer() }
            await oldHold.waitForArrival()
            world.move(to: 10)
            let newHold = world.sandbox.willHoldCreate(then: made("the new one's"))
            let quick = Task { try await new.pay(repay(sandbox, .pc)).answer() }
            await newHold.waitForArrival()

            // When
            oldHold.release()
            await world.clock.waitForSleepers()
            newHold.release()
            let page = try await quick.value.served
            world.clock.advance(by: FlowParts.lookEvery)

            // Then
            #expect(try await slow.value.served == page)
            #expect(page.page.content == "the new one's")
            #expect(world.sandbox.creates.count == 2)
        }
    }

    @Test func `a call that waits for another process's failed work gets a retry time`() async throws {
        try await withWorld { world in
            // Given
            let (one, two) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: .unknown(.answered))
            let holder = Task { try await one.pay(world.firstPay()).refusal }
            await hold.waitForArrival()

            // When
            let waiting = Task { try await two.pay(world.firstPay()).refusal }
            await world.clock.waitForSleepers()
            hold.release()
            _ = try await holder.value
            world.clock.advance(by: FlowParts.lookEvery)

            // Then
            #expect(try await waiting.value == .inProgress(retryAfter: .seconds(1)))
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a call that waits for another process gets its page`() async throws {
        try await withWorld { world in
            // Given
            let (one, two) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the one"))
            let holder = Task { try await one.pay(world.firstPay()).answer() }
            await hold.waitForArrival()

            // When
            let waiting = Task { try await two.pay(world.firstPay()).answer() }
            await world.clock.waitForSleepers()
            hold.release()
            let page = try await holder.value.served
            world.clock.advance(by: FlowParts.lookEvery)

            // Then
            let answer = try await waiting.value
            #expect(answer.served == page && answer.origin == .hit && !answer.madeOrder)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a call that waits too long gets a retry time, and never calls the provider`() async throws {
        try await withWorld { world in
            // Given
            let (one, two) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made())
            let holder = Task { try await one.pay(world.firstPay()).answer() }
            await hold.waitForArrival()

            // When
            world.move(to: 1)
            let waiting = Task { try await two.pay(repay(sandbox, .pc)).refusal }
            await world.clock.waitForSleepers()
            world.clock.advance(by: FlowParts.patience)

            // Then
            #expect(try await waiting.value == .inProgress(retryAfter: .seconds(7)))
            #expect(world.sandbox.operations == ["create"])
            hold.release()
            _ = try await holder.value
        }
    }

    @Test func `a hundred calls at two processes make one attempt and one provider call`() async throws {
        try await withWorld { world in
            // Given
            let (one, two) = (try await world.process("worker-a"), try await world.process("worker-b"))
            let hold = world.sandbox.willHoldCreate(then: made("the one"))
            let holder = Task { try await one.pay(world.firstPay()).answer() }
            await hold.waitForArrival()

            // When
            let pages = try await withThrowingTaskGroup(of: ServedPage.self) { group in
                for count in 0..<50 {
                    for process in [one, two] {
                        group.addTask {
                            let request = firstPay(key: use("k-\(count)"), at: world.start)
                            return try await process.pay(request).answer().served
                        }
                    }
                }
                await world.clock.waitForSleepers()
                // Fifty callers, and the one that waits has looked by itself.
                await two.ledger.wait(for: 50, .look)
                await two.ledger.wait(for: 1, .order)
                hold.release()
                _ = try await holder.value
                world.clock.advance(by: FlowParts.lookEvery)
                return try await group.reduce(into: Set<ServedPage>()) { $0.insert($1) }
            }

            // Then
            #expect(pages.map(\.page.content) == ["the one"])
            #expect(world.sandbox.operations == ["create"])
            #expect(try await world.states() == [.open])
        }
    }

    @Test func `a close that was overtaken stores nothing`() async throws {
        try await withWorld { world in
            // Given
            let old = try await world.withPage()
            let new = try await world.process("worker-b")
            world.sandbox.willClose(.accepted)
            let hold = world.sandbox.willHoldQuery(then: .closed)
            let slow = Task { try await old.close(number).refusal }
            await hold.waitForArrival()

            // When
            world.move(to: 10)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.unknown(.answered))
            let refused = try await new.close(number).refusal
            hold.release()

            // Then
            #expect(refused == .providerUnknown(retryAfter: .seconds(1)))
            #expect(try await slow.value == .inProgress(retryAfter: .seconds(1)))
            #expect(try await world.states() == [.exposed])
            #expect(try await world.order().state == .new)
        }
    }
}
