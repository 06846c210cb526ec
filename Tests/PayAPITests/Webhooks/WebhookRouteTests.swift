import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// Events, deliveries and the test of an endpoint, over HTTP.
@Suite(.timeLimit(.minutes(5))) struct WebhookRouteTests {
    private static let books = EndpointName("books")!

    private func keep(_ names: [EndpointName], _ service: TestService) async throws {
        let entries = names.map { EndpointEntry($0, origin: "https://\($0).example") }
        try await service.database.keepEndpoints(entries, at: service.clock.now())
    }

    /// A try at each due delivery to the endpoint.
    private func deliver(_ reply: DeliveryReply, to endpoint: EndpointName, _ service: TestService) async throws {
        let now = service.clock.now()
        let claimed = try await service.database.claimDeliveries(
            to: endpoint, dueAt: now, until: now + .seconds(20), limit: 10)
        for claim in claimed.claims {
            let made = DeliveryTry(beganAt: now, took: .milliseconds(31), reply: reply)
            let step = reply.answer.step(afterTry: claim.triesSinceResend, at: now)
            #expect(try await service.database.finishDelivery(claim, step, after: made, at: now))
        }
    }

    @Test func `a shop polls its events without an endpoint`() async throws {
        try await withService { service in
            try await service.makePaidOrder()
            let first = try await service.client.get("/v1/events?limit=1").json
            #expect(first["events"][0]["type"] == "order.paid" && first["events"][0]["number"] == 1)
            #expect(first["events"][0]["data"]["out_trade_no"] == .string(Sample.number))
            #expect(first["events"][0]["data"]["amount"] == 9_900)
            #expect(first["events"][0]["id"].string?.hasPrefix("evt_1_") == true && first["has_more"] == false)
            let cursor = try #require(first["next_cursor"].string)
            let second = try await service.client.get("/v1/events?after=\(cursor)").json
            #expect(second["events"] == [] && second["next_cursor"].string == cursor)
            #expect(try await service.client.get("/v1/events?type=order.closed").json["events"] == [])
            #expect(try await service.client.get("/v1/deliveries").json["deliveries"] == [])
        }
    }

    @Test func `a delivery shows its tries, and is sent again by a call`() async throws {
        try await withService { service in
            try await keep([.standard, Self.books], service)
            try await service.makePaidOrder()
            let reply = DeliveryReply(.refused(status: 502), status: 502, excerpt: "<h1>Bad Gateway</h1>")
            try await deliver(reply, to: Self.books, service)
            try await deliver(DeliveryReply(.accepted, status: 204), to: .standard, service)

            let list = try await service.client.get("/v1/deliveries?endpoint=books&out_trade_no=\(Sample.number)").json
            let id = list["deliveries"][0]["id"].text
            #expect(list["deliveries"][0]["state"] == "pending" && list["deliveries"][1] == .null)
            let parts = try await service.client.get("/v1/deliveries?limit=1").json
            let next = try #require(parts["next_cursor"].string)
            #expect(try await service.client.get("/v1/deliveries?cursor=\(next)").json["deliveries"][1] == .null)

            let attempt = try await service.client.get("/v1/deliveries/\(id)").json["attempts"][0]
            #expect(attempt["status"] == 502 && attempt["duration_ms"] == 31 && attempt["outcome"] == "refused")
            #expect(attempt["excerpt"] == "<h1>Bad Gateway</h1>")

            let delivered = try await service.client.get("/v1/deliveries?state=delivered").json
            let other = delivered["deliveries"][0]["id"].text
            let resent = try await service.client.send(.post, "/v1/deliveries/\(other)/resend")
            #expect(resent.status == 202 && resent.json["state"] == "pending")
            let entry = try #require(try await service.database.auditEntries(AuditListing(limit: 9)).first?.note)
            #expect(entry.action == .deliveryResent && entry.actor.way == .api && entry.subject == other)
        }
    }

    @Test func `a delivery that is being sent, or that nobody made, is not sent again`() async throws {
        try await withService { service in
            try await keep([.standard], service)
            try await service.makePaidOrder()
            let now = service.clock.now()
            _ = try await service.database.claimDeliveries(
                to: .standard, dueAt: now, until: now + .seconds(20), limit: 10)
            let answer = try await service.client.send(.post, "/v1/deliveries/1/resend")
            expectProblem(answer, 409, "PAY_IN_PROGRESS", retryAfter: "15")
            for path in ["/v1/deliveries/9/resend", "/v1/deliveries/x/resend"] {
                expectProblem(try await service.client.send(.post, path), 404, "NOT_FOUND")
            }
            expectProblem(try await service.client.get("/v1/deliveries/9"), 404, "NOT_FOUND")
        }
    }

    @Test(arguments: [
        "/v1/events?after=x", "/v1/events?type=order.lost", "/v1/events?limit=0", "/v1/events?cursor=1",
        "/v1/deliveries?state=lost", "/v1/deliveries?endpoint=The%20Shop", "/v1/deliveries?cursor=x",
    ])
    func `an invalid query of events or deliveries is refused`(_ path: String) async throws {
        try await withService { service in
            expectProblem(try await service.client.get(path), 400, "INVALID_REQUEST", fields: ["errors"])
        }
    }

    @Test(arguments: ["/v1/events", "/v1/deliveries", "/v1/deliveries/1"])
    func `events and deliveries are for the merchant alone`(_ path: String) async throws {
        try await withService { service in
            expectProblem(try await service.client.get(path, as: .user("user_1")), 403, "FORBIDDEN")
        }
    }

    @Test func `a test of an endpoint tells what the endpoint answered`() async throws {
        var setup = TestSetup()
        setup.endpointTester = FixedTester()
        try await withService(setup) { service in
            let answer = try await service.client.send(.post, "/v1/webhooks/test", #"{"endpoint": "default"}"#).json
            #expect(answer["accepted"] == false && answer["status"] == 404 && answer["excerpt"] == "no such page")
            #expect(answer["webhook_id"].string?.hasPrefix("test_") == true)
            expectProblem(
                try await service.client.send(.post, "/v1/webhooks/test", #"{"endpoint": "books"}"#), 404, "NOT_FOUND")
            let entries = try await service.database.auditEntries(AuditListing(limit: 9)).map(\.note.action)
            #expect(entries == [.webhookTested])
        }
        try await withService { service in
            expectProblem(try await service.client.send(.post, "/v1/webhooks/test"), 404, "NOT_FOUND")
        }
    }
}

/// One endpoint, `default`, which has no page at its path.
private struct FixedTester: EndpointTester {
    var endpointNames: [EndpointName] { [.standard] }

    func sendTest(_ messageID: String, to endpoint: EndpointName, at now: Instant) async -> DeliveryReply {
        DeliveryReply(.refused(status: 404), status: 404, excerpt: "no such page")
    }
}
