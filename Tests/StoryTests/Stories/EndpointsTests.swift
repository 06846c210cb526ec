import PayProviders
import Testing

/// A shop with two webhook endpoints, through the running service and its commands.
@Suite(.serialized, .timeLimit(.minutes(4))) struct EndpointsTests {
    private func settings(_ shop: Shop, _ books: Shop) -> [String: String] {
        shop.settings.merging([
            "PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_URL": "http://127.0.0.1:\(books.port)/books",
            // The receiver knows the second secret alone: every webhook is signed by both.
            "PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_SECRET": "whsec_aHVzaGh1c2hodXNoaHVzaGh1c2hodXNo,\(Shop.secret)",
            "PAYPAGE_WEBHOOK_ENDPOINTS_BOOKS_EVENTS": "order.*",
        ]) { $1 }
    }

    private func run(_ arguments: [String], _ story: Story, _ settings: [String: String] = [:]) async throws
        -> Paypage.Run
    {
        try await Paypage.run(arguments, settings: story.database.merging(settings) { $1 }, in: story.folder)
    }

    @Test func `an endpoint that is down delays no other, is found by its answers, and is recovered`() async throws {
        let (shop, books) = (try Shop(), try Shop())
        books.behave(.answers(503))
        let settings = settings(shop, books)
        try await Story.run(settings) { story, sandbox, service in
            // Given two events of an order, of which one endpoint takes none.
            #expect(try await service.firstPay("two_ends").status == 201)
            try await sandbox.pay("two_ends_1")
            let paid = try #require(try await shop.messages(1).first)
            #expect(paid.isSigned && paid.body?.type == "order.paid")
            #expect(try #require(try await books.messages(1).first).isSigned)
            #expect(try await service.firstPay("two_more").status == 201)
            #expect(try await service.call(.post, "/v1/payments/two_more/close").status == 200)
            #expect(try await shop.messages(2).map { $0.body?.type } == ["order.paid", "order.closed"])

            // When an operator looks for the cause.
            let list = try await run(["webhooks", "list"], story)
            #expect(list.output.contains("books") && list.output.contains("order.closed,order.expired,order.paid"))
            let pending = try await run(["deliveries", "list", "--endpoint", "books", "--output", "json"], story).output
            #expect(pending.contains(#""endpoint":"books""#) && !pending.contains(#""endpoint":"default""#))
            let test = try await run(["webhooks", "test", "books"], story, settings)
            #expect(test.output.contains("answered with 503") && test.end != .exited(0), "\(test)")

            // When it is repaired, then a test is accepted, and a recovery sends everything since a time.
            books.behave(.answers(204))
            let good = try await run(["webhooks", "test", "books"], story, settings)
            #expect(good.end == .exited(0) && good.output.contains("accepted"), "\(good)")
            let recovered = try await run(
                ["deliveries", "recover", "--since", "2026-01-01T00:00:00Z", "--endpoint", "books"], story)
            #expect(recovered.end == .exited(0) && recovered.output.contains(" queued, 0 of them"), "\(recovered)")
            try await poll("books has both") { () -> Void? in
                let output = try await run(["deliveries", "list", "--state", "delivered"], story).output
                return output.split(separator: "\n").count { $0.contains("  books  ") } == 2 ? () : nil
            }
            let answers = try await service.call(.get, "/v1/events?limit=10").text
            #expect(answers.contains("order.paid") && answers.contains("order.closed"))
            let audit = try await run(["audit", "list"], story).output
            #expect(audit.contains("delivery.recover") && audit.contains("webhook.test"))
            #expect(shop.all.count == 2, "the other endpoint is sent nothing again")
        }
    }
}
