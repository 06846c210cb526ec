import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Telling the merchant` {
    @Test func `a payment is reported by one webhook, with the data to book it`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number)

            let report = try await teller.events.runOnce(at: world.clock.now())
            #expect(report.delivered == 1 && !report.isEmpty && !report.reachedLimit)
            #expect(try await teller.events.runOnce(at: world.clock.now()).isEmpty)

            let delivery = try #require(receiver.sent.first)
            #expect(receiver.sent.count == 1)
            #expect(delivery.event.kind == .orderPaid && delivery.event.at == world.clock.now())
            #expect(delivery.order.number == number && delivery.order.money == yuan)
            #expect(delivery.payment == receipt(of: first, "tx-\(number)-1") && delivery.refund == nil)
            #expect(try await world.outbox().map(\.state) == [.delivered])
            #expect(teller.observer.observations == [.delivery(.delivered, number, to: .standard)])
        }
    }

    @Test func `the next webhook of an order follows after the one before it was acknowledged`()
        async throws
    {
        try await withWorld { world in
            // Given an order with three webhooks, and another order.
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(many(1), times: 3)
            try await world.paid(many(2))

            // When the first order's first webhook is not acknowledged.
            receiver.willAnswer(.refused(status: 500))
            let refused = try await teller.events.runOnce(at: world.clock.now())

            // Then none of its later webhooks is sent, and the other order's is.
            #expect(refused.failed == 1 && refused.delivered == 1)
            #expect(receiver.sent.told(of: many(1)) == ["order.paid tx-many_1-1"])
            world.clock.advance(by: .seconds(5) - millisecond)
            #expect(try await teller.events.runOnce(at: world.clock.now()).isEmpty)

            // When it is acknowledged, then all are sent in one run, in their order.
            world.clock.advance(by: millisecond)
            #expect(try await teller.events.runOnce(at: world.clock.now()).delivered == 3)
            #expect(
                receiver.sent.told(of: many(1)) == [
                    "order.paid tx-many_1-1", "order.paid tx-many_1-1", "payment.duplicate tx-many_1-2",
                    "payment.duplicate tx-many_1-3",
                ])
            #expect(!receiver.overlapped)
        }
    }

    @Test func `a new webhook waits behind an earlier one that waits`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            let process = try await world.withPage()
            for (index, id) in ["tx-1", "tx-2"].enumerated() {
                let notice = world.sandbox.notice(.payment(receipt(of: first, id)), about: "\(first)", id: id)
                _ = await process.settle(notice, from: sandbox)
                if index == 0 { receiver.willAnswer(.unanswered(reason: "nobody there")) }
                _ = try await teller.events.runOnce(at: world.clock.now())
            }
            #expect(receiver.sent.count == 1)
            let due = world.at(5)
            #expect(try await world.outbox().map(\.nextAt) == [due, due])
        }
    }

    @Test func `a receiver that is down for a day gets every webhook when it is back`() async throws {
        try await withWorld { world in
            // Given
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            receiver.alwaysAnswers { _ in .unanswered(reason: "no connection could be made") }
            for order in 1...3 { try await world.paid(many(order), times: 2) }

            // When it is down for a day, in which other events happen.
            let back = world.at(24 * 3_600)
            while world.clock.now() < back {
                _ = try await teller.events.runOnce(at: world.clock.now())
                world.clock.advance(by: .seconds(300))
            }
            try await world.paid(many(4))
            receiver.alwaysAnswers { _ in .accepted }
            #expect(try await world.outbox().allSatisfy { $0.state == .pending })

            // Then each is sent, after no more than the current pause.
            let tries = receiver.sent.count
            for _ in 0..<(12 * 12) {
                _ = try await teller.events.runOnce(at: world.clock.now())
                world.clock.advance(by: .seconds(300))
            }
            #expect(try await world.outbox().allSatisfy { $0.state == .delivered })
            #expect(receiver.sent.count == tries + 7, "each once more")
            // The pauses within the day: 5 s to 8 h, ten tries of each order's first webhook.
            #expect(tries == 3 * 10)
            for order in 1...3 {
                #expect(
                    receiver.sent.told(of: many(order)).suffix(2) == [
                        "order.paid tx-many_\(order)-1", "payment.duplicate tx-many_\(order)-2",
                    ])
            }
        }
    }

    @Test func `a webhook that fails for three days is parked, unblocks the next one, and can be resent`()
        async throws
    {
        try await withWorld { world in
            // Given
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number, times: 2)
            receiver.alwaysAnswers { $0.event.kind == .orderPaid ? .refused(status: 500) : .accepted }

            // When
            for pause in DeliveryBackOff.pauses {
                #expect(try await teller.events.runOnce(at: world.clock.now()).failed == 1)
                world.clock.advance(by: pause - millisecond)
                #expect(try await teller.events.runOnce(at: world.clock.now()).isEmpty, "before \(pause)")
                world.clock.advance(by: millisecond)
            }
            let days = world.clock.now() - world.start
            #expect(days > .seconds(71 * 3_600) && days <= .seconds(72 * 3_600))
            let last = try await teller.events.runOnce(at: world.clock.now())

            // Then
            #expect(last.parked == 1 && last.delivered == 1)
            #expect(try await world.outbox().map(\.state) == [.parked, .delivered])
            #expect(try await world.outbox().map(\.lastAnswer) == ["answered with 500", "accepted"])
            #expect(teller.observer.count(.failed) == 12 && teller.observer.count(.parked) == 1)
            world.clock.advance(by: .seconds(86_400))
            #expect(try await teller.events.runOnce(at: world.clock.now()).isEmpty)

            // When it is resent by hand, then it has all its tries under the same ID.
            let parked = try #require(try await world.outbox().first?.id)
            #expect(try await world.resend(.everyParked) == ResendReport(due: [parked], beingSent: [], unknown: []))
            #expect(try await teller.events.runOnce(at: world.clock.now()).failed == 1)
            world.clock.advance(by: .seconds(5))
            receiver.alwaysAnswers { _ in .accepted }
            #expect(try await teller.events.runOnce(at: world.clock.now()).delivered == 1)
            let first = try #require(try await world.outbox().first?.event)
            let names = Set(receiver.sent.filter { $0.id == first }.map(\.messageID))
            #expect(names == ["evt_\(first)_\(world.start.milliseconds)"])
            #expect(try await world.outbox().first?.tries == 15)
        }
    }

    @Test func `an acknowledged webhook can be resent by hand, unchanged`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            try await world.paid(number)
            _ = try await teller.events.runOnce(at: world.clock.now())
            let id = try #require(try await world.outbox().first?.id)
            world.clock.advance(by: .seconds(60))

            let nobody = try #require(DeliveryID(id.number + 1))
            #expect(
                try await world.resend(.these([id, nobody, id]))
                    == ResendReport(due: [id], beingSent: [], unknown: [nobody]))
            #expect(try await teller.events.runOnce(at: world.clock.now()).delivered == 1)
            #expect(receiver.sent.count == 2 && receiver.sent[0] == receiver.sent[1])
            #expect(try await world.outbox().map(\.deliveredAt) == [world.at(60)])
        }
    }

    @Test func `a webhook run ends at its limit, and reports that`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            for order in 1...5 { try await world.paid(many(order)) }
            let reports = [
                try await teller.events.runOnce(at: world.clock.now(), limit: 3),
                try await teller.events.runOnce(at: world.clock.now(), limit: 3),
            ]
            #expect(reports.map(\.delivered) == [3, 2] && reports.map(\.reachedLimit) == [true, false])
            #expect(reports[0].figures.contains(ClockFigure("delivered", 3)))
        }
    }
}
