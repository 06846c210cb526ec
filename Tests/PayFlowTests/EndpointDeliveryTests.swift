import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Telling several endpoints` {
    private let books = EndpointName("books")!

    private func events(_ world: World, to endpoint: EndpointName, _ receiver: ScriptedReceiver) -> DeliverEvents {
        DeliverEvents(
            to: endpoint, outbox: world.store, receiver: receiver, clock: world.clock, observer: RecordingObserver())
    }

    private func keep(_ world: World) async throws {
        let endpoints = [EndpointName.standard, books].map { EndpointEntry($0, origin: "https://\($0).example") }
        try await world.store.keepEndpoints(endpoints, at: world.clock.now())
    }

    @Test func `an endpoint that hangs or is down delays no other`() async throws {
        try await withWorld { world in
            // Given as many orders as one endpoint may have in flight, and an endpoint that hangs.
            try await keep(world)
            let (hanging, healthy) = (ScriptedReceiver(), ScriptedReceiver())
            let count = DeliverEvents.deliveriesAtATime
            let holds = (0..<count).map { _ in hanging.willHold(then: .unanswered(reason: "timed out")) }
            for order in 1...count { try await world.paid(many(order), times: 2) }
            let toBooks = events(world, to: books, hanging)
            let run = Task { try await toBooks.runOnce(at: world.clock.now()) }
            for hold in holds { await hold.waitForArrival() }

            // When, then
            let report = try await events(world, to: .standard, healthy).runOnce(at: world.clock.now())
            #expect(report.delivered == 2 * count)
            #expect(healthy.sent.told(of: many(1)) == ["order.paid tx-many_1-1", "payment.duplicate tx-many_1-2"])
            for hold in holds { hold.release() }
            #expect(try await run.value.failed == count)
            #expect(hanging.sent.count == count, "no second event before the first was accepted")
        }
    }

    @Test func `an event has the same id and content at every endpoint`() async throws {
        try await withWorld { world in
            try await keep(world)
            try await world.paid(number)
            let receivers = [ScriptedReceiver(), ScriptedReceiver()]
            for (endpoint, receiver) in zip([EndpointName.standard, books], receivers) {
                #expect(try await events(world, to: endpoint, receiver).runOnce(at: world.clock.now()).delivered == 1)
            }
            #expect(receivers[0].sent == receivers[1].sent && receivers[0].sent.count == 1)
            #expect(receivers[0].sent.first?.messageID == receivers[1].sent.first?.messageID)
        }
    }

    @Test func `a try is stored with its time, its duration and its answer`() async throws {
        try await withWorld { world in
            let receiver = ScriptedReceiver()
            try await world.paid(number)
            let hold = receiver.willHold(then: .refused(status: 503))
            let run = Task { try await events(world, to: .standard, receiver).runOnce(at: world.clock.now()) }
            await hold.waitForArrival()
            let began = world.clock.now()
            world.clock.advance(by: .seconds(3))
            hold.release()
            #expect(try await run.value.failed == 1)
            let id = try #require(try await world.outbox().first?.id)
            let attempt = try #require(try await world.store.delivery(id)?.attempts.first)
            #expect(attempt.beganAt == began && attempt.took == .seconds(3))
            #expect(attempt.outcome == .refused && attempt.answer == "answered with 503")
        }
    }

    @Test func `a test of an endpoint is sent once, leaves an entry, and tells the answer`() async throws {
        try await withWorld { world in
            let tester = ScriptedTester(DeliveryReply(.refused(status: 404), status: 404, excerpt: "no such page"))
            let test = TestEndpoint(tester, audit: world.store, clock: world.clock)
            #expect(try await test(books, by: .tester) == nil)
            #expect(try await world.store.auditEntries(AuditListing(limit: 9)).isEmpty)

            let result = try #require(try await test(.standard, by: .tester))
            #expect(result.reply.status == 404 && result.messageID.hasPrefix("test_"))
            let entry = try #require(try await world.store.auditEntries(AuditListing(limit: 9)).first?.note)
            #expect(entry == AuditNote(.tester, .webhookTested, on: "default"))
            #expect(try await world.outbox().isEmpty)
        }
    }
}

/// One endpoint, `default`, with a fixed answer.
private struct ScriptedTester: EndpointTester {
    let reply: DeliveryReply

    init(_ reply: DeliveryReply) {
        self.reply = reply
    }

    var endpointNames: [EndpointName] { [.standard] }

    func sendTest(_ messageID: String, to endpoint: EndpointName, at now: Instant) async -> DeliveryReply { reply }
}
