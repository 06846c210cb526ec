import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Telling the merchant, when things go wrong` {
    @Test func `a crash after sending a webhook leads to the same webhook again`() async throws {
        try await withWorld { world in
            // Given a process that crashes while the receiver has the webhook.
            let receiver = ScriptedReceiver()
            try await world.paid(number, times: 2)
            let dead = try world.teller(receiver)
            let sending = receiver.willHold(number)
            let lost = Task { try await dead.events.runOnce(at: world.clock.now()) }
            await sending.waitForArrival()

            // When, then no other process claims it before the end of the claim.
            let next = try world.teller(receiver)
            world.clock.advance(by: DeliverEvents.claimLength - millisecond)
            #expect(try await next.events.runOnce(at: world.clock.now()).isEmpty)
            world.clock.advance(by: millisecond)
            #expect(try await next.events.runOnce(at: world.clock.now()).delivered == 2)
            #expect(receiver.sent.count == 3)
            #expect(receiver.sent[0] == receiver.sent[1])
            #expect(receiver.sent[0].messageID == receiver.sent[1].messageID)
            #expect(receiver.sent[2].event.kind == .paymentDuplicate)

            // When the process did not crash after all, its answer does not replace the later one.
            let before = try await world.outbox()
            sending.release()
            let late = try await lost.value
            #expect(late.overtaken == 1 && late.delivered == 0)
            #expect(try await world.outbox() == before)
        }
    }

    @Test func `repeated crashes during sending never park a webhook early`() async throws {
        try await withWorld { world in
            // Given more crashes than a webhook has tries.
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number)
            for _ in 0..<40 {
                let now = world.clock.now()
                let claimed = try await teller.outbox.claimDeliveries(
                    to: .standard, dueAt: now, until: now + DeliverEvents.claimLength, limit: 1)
                #expect(claimed.claims.count == 1)
                world.clock.advance(by: DeliverEvents.claimLength)
            }

            // When the shop can't be reached, then the webhook is retried for three days.
            receiver.willAnswer(.unanswered(reason: "timed out"), .unanswered(reason: "timed out"))
            #expect(try await teller.events.runOnce(at: world.clock.now()).failed == 1)
            #expect(try await world.outbox().map(\.state) == [.pending])
            world.clock.advance(by: .seconds(3 * 86_400))
            #expect(try await teller.events.runOnce(at: world.clock.now()).parked == 1)
        }
    }

    @Test func `a webhook answer that could not be stored stops the run, and the webhook is sent again`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number)
            teller.outbox.willFailToFinish()
            await #expect(throws: AnswerLost.self) { try await teller.events.runOnce(at: world.clock.now()) }
            #expect(try await teller.events.runOnce(at: world.clock.now()).isEmpty)
            world.clock.advance(by: DeliverEvents.claimLength)
            #expect(try await teller.events.runOnce(at: world.clock.now()).delivered == 1)
            #expect(receiver.sent.count == 2 && receiver.sent[0] == receiver.sent[1])
        }
    }

    @Test func `a webhook that hangs blocks neither other orders nor new webhooks`() async throws {
        try await withWorld { world in
            // Given
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(many(1), times: 2)
            let hanging = receiver.willHold(many(1), then: .unanswered(reason: "timed out"))
            let run = Task { try await teller.events.runOnce(at: world.clock.now()) }
            await hanging.waitForArrival()

            // When another order is paid while the run waits for the hanging webhook.
            try await world.paid(many(2), times: 2)
            await world.clock.waitForSleepers()
            world.clock.advance(by: DeliverEvents.lookEvery)
            await world.clock.waitForSleepers()
            while receiver.sent.told(of: many(2)).count < 2 { await Task.yield() }

            // Then its webhook was sent at once, and the hanging one is retried.
            hanging.release()
            let report = try await run.value
            #expect(report.delivered == 2 && report.failed == 1)
            #expect(receiver.sent.told(of: many(1)).count == 1)
            #expect(world.clock.sleepers == 0)
        }
    }

    @Test func `at most a fixed number of webhooks is sent at a time`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            let count = DeliverEvents.deliveriesAtATime + 4
            for order in 1...count { try await world.paid(many(order)) }
            let holds = (1...count).map { receiver.willHold(many($0)) }
            let run = Task { try await teller.events.runOnce(at: world.clock.now()) }
            for hold in holds.prefix(DeliverEvents.deliveriesAtATime) { await hold.waitForArrival() }
            #expect(receiver.sent.count == DeliverEvents.deliveriesAtATime)
            for hold in holds { hold.release() }
            #expect(try await run.value.delivered == count)
            #expect(receiver.mostInFlight == DeliverEvents.deliveriesAtATime)
        }
    }

    @Test func `two processes at once send each webhook once, and keep the order`() async throws {
        try await withWorld { world in
            // Given
            let receiver = ScriptedReceiver()
            for order in 1...20 { try await world.paid(many(order), times: 3) }
            let tellers = [try world.teller(receiver), try world.teller(receiver)]

            // When
            let reports = try await withThrowingTaskGroup(of: DeliverEvents.Report.self) { group in
                for teller in tellers {
                    group.addTask { try await teller.events.runOnce(at: world.clock.now()) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let rest = try await tellers[0].events.runOnce(at: world.clock.now())

            // Then
            #expect((reports + [rest]).map(\.delivered).reduce(0, +) == 60)
            #expect(receiver.sent.count == 60 && !receiver.overlapped)
            for order in 1...20 {
                let ids = receiver.sent.filter { $0.order.number == many(order) }.map(\.id)
                #expect(ids.count == 3 && ids == ids.sorted())
            }
        }
    }

    @Test func `a webhook that is being sent is not resent by hand`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number)
            let hold = receiver.willHold()
            let run = Task { try await teller.events.runOnce(at: world.clock.now()) }
            await hold.waitForArrival()
            let id = try #require(try await world.outbox().first?.id)
            #expect(try await world.resend(.these([id])) == ResendReport(due: [], beingSent: [id], unknown: []))
            hold.release()
            #expect(try await run.value.delivered == 1)
            #expect(receiver.sent.count == 1)
        }
    }

    @Test func `an older webhook that is resent waits for the one that is being sent`() async throws {
        try await withWorld { world in
            // Given an order whose first webhook was acknowledged, and whose second is being sent.
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number, times: 2)
            _ = try await teller.events.runOnce(at: world.clock.now(), limit: 1)
            let hold = receiver.willHold()
            let run = Task { try await teller.events.runOnce(at: world.clock.now(), limit: 1) }
            await hold.waitForArrival()

            // When
            let old = try #require(try await world.outbox().first?.id)
            _ = try await world.resend(.these([old]))
            #expect(try await world.teller(receiver).events.runOnce(at: world.clock.now()).isEmpty)
            hold.release()
            _ = try await run.value

            // Then
            #expect(try await teller.events.runOnce(at: world.clock.now()).delivered == 1)
            #expect(receiver.sent.map(\.event.kind) == [.orderPaid, .paymentDuplicate, .orderPaid])
            #expect(!receiver.overlapped)
        }
    }

    @Test func `a cancelled webhook run begins nothing more, and finishes the sendings in progress`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number, times: 2)
            let hold = receiver.willHold()
            let run = Task { try await teller.events.runOnce(at: world.clock.now()) }
            await hold.waitForArrival()
            run.cancel()
            hold.release()
            #expect(try await run.value.delivered == 1)
            #expect(receiver.sent.count == 1)
            #expect(try await world.outbox().map(\.state) == [.delivered, .pending])

            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await teller.events.runOnce(at: world.clock.now())
            }
            #expect(try await cancelled.value.isEmpty)
            #expect(receiver.sent.count == 1)
        }
    }
}
