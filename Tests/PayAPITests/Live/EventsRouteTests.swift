import PayAPI
import PayAccess
import PayCore
import PayTestSupport
import SQLiteStore
import ServiceTestSupport
import Testing

/// The content of event streams.
@Suite(.timeLimit(.minutes(5))) struct EventsRouteTests {
    @Test(arguments: TestService.Door.allCases)
    func `the first event is sent at once, and has the content of GET`(door: TestService.Door) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stream = try await service.follow(as: door)
            #expect(stream.head.status == 200)
            #expect(stream.head.header("Content-Type") == "text/event-stream")
            #expect(stream.head.header("Cache-Control") == "no-store")
            #expect(stream.head.header("X-Accel-Buffering") == "no")
            #expect(stream.head.header("X-Content-Type-Options") == "nosniff")
            let order = try await service.order(as: door)
            #expect(order["state"] == "new")
            #expect(await stream.next() == .retry("2000"))
            #expect(await stream.next() == .event(id: order["revision"].string ?? "", order))
        }
    }

    @Test func `a payment is sent to every event stream, with the content of its caller's GET`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            var streams: [(door: TestService.Door, stream: EventClient)] = []
            for door in TestService.Door.allCases + TestService.Door.allCases {
                streams.append((door, try await service.follow(as: door)))
            }
            for (_, stream) in streams { #expect(await stream.nextEvent()?.order["state"] == "new") }
            try await service.payAndSettle()
            for (door, stream) in streams {
                let told = await stream.nextEvent()
                #expect(told?.order["state"] == "paid")
                let order = try await service.order(as: door)
                #expect(told?.order == order)
                #expect(told?.id == told?.order["revision"].string)
            }
        }
    }

    @Test func `a switch of channel is sent step by step on the event stream`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let stream = try await service.follow(as: .checkout)
            #expect(await stream.nextEvent()?.order["page"]["channel"] == "sandbox")
            try await service.setFaults([
                ["operation": "close", "fault": "slow", "ms": 1_000],
                ["operation": "create", "fault": "slow", "ms": 1_000],
            ])
            async let switched = service.client.goTo("sandbox2")
            let closing = await stream.nextEvent()?.order
            #expect(closing?["activity"] == "closing")
            #expect(closing?["page"] == .null)
            await service.clock.waitForSleepers()
            service.clock.advance(by: .seconds(1))
            // If the timing allows, an event may show the state between the two calls.
            var opening = await stream.nextEvent()?.order
            while opening?["activity"] == .null { opening = await stream.nextEvent()?.order }
            #expect(opening?["activity"] == "opening")
            await service.clock.waitForSleepers()
            service.clock.advance(by: .seconds(1))
            let open = await stream.nextEvent()?.order
            #expect(open?["activity"] == .null)
            #expect(open?["page"]["channel"] == "sandbox2")
            #expect(try await switched.status == 200)
        }
    }

    @Test func `a refund is sent on the payer's event stream`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stream = try await service.follow(as: .checkout)
            #expect(await stream.nextEvent()?.order["given_back"] == .null)
            for transaction in ["sbx_1", "sbx_2"] {
                #expect(try await service.send(service.notice(transaction: transaction)).status == 200)
            }
            var told = await stream.nextEvent()?.order
            if told?["given_back"] == .null { told = await stream.nextEvent()?.order }
            #expect(told?["given_back"][0]["amount"] == 9_900)
            #expect(told?["given_back"][0]["state"] == "pending")
        }
    }

    @Test func `a change that the caller can't see sends no event`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let stream = try await service.follow()
            #expect(await stream.nextEvent() != nil)
            service.live.changed(OrderNumber(Sample.number)!)
            try await service.payAndSettle()
            guard case .event(_, let order) = await stream.next() else {
                Issue.record("something else was told")
                return
            }
            #expect(order["state"] == "paid")
        }
    }
}

/// Reconnection with a known event id.
@Suite(.timeLimit(.minutes(5))) struct ResumeTests {
    /// Expects a stream without a first event: the first one is a payment.
    private func expectNothingNew(_ service: TestService, query: String = "", headers: [String] = []) async throws {
        let stream = try await service.follow(as: .checkout, query: query, headers: headers)
        #expect(await stream.next() == .retry("2000"))
        service.live.beat()
        #expect(await stream.next() == .comment("still here"))
    }

    private func expectTold(_ service: TestService, query: String = "", headers: [String] = []) async throws {
        let stream = try await service.follow(as: .checkout, query: query, headers: headers)
        #expect(await stream.next() == .retry("2000"))
        guard case .event = await stream.next() else {
            Issue.record("nothing was told")
            return
        }
    }

    @Test func `a client that knows the current revision gets no first event`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let known = try #require(try await service.order(as: .checkout)["revision"].string)
            try await expectNothingNew(service, headers: ["Last-Event-ID: \(known)"])
            try await expectNothingNew(service, query: "?last_event_id=\(known)")
            // The header overrides the query, because the browser sets it when it reconnects.
            try await expectNothingNew(service, query: "?last_event_id=stale", headers: ["Last-Event-ID: \(known)"])
            try await expectTold(service, query: "?last_event_id=\(known)", headers: ["Last-Event-ID: stale"])
        }
    }

    @Test(arguments: ["stale", "", String(repeating: "x", count: 65), "two words", "caf\u{e9}"])
    func `a client with any other event id gets the order first`(id: String) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await expectTold(service, headers: ["Last-Event-ID: \(id)"])
        }
    }

    @Test func `a client that was disconnected during the payment gets it on reconnection`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let before = try await service.follow(as: .checkout)
            let known = try #require(await before.nextEvent()?.id)
            before.hangUp()
            try await service.payAndSettle()
            let after = try await service.follow(as: .checkout, headers: ["Last-Event-ID: \(known)"])
            #expect(await after.nextEvent()?.order["state"] == "paid")
        }
    }

    @Test func `the merchant's and the payer's events differ in content and id`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let known = try #require(try await service.order(as: .merchant)["revision"].string)
            try await expectTold(service, headers: ["Last-Event-ID: \(known)"])
        }
    }
}

/// Access to event streams.
@Suite(.timeLimit(.minutes(5))) struct EventsAccessTests {
    @Test func `an unauthorized caller gets no event and takes no stream`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let events = "/v1/payments/\(Sample.number)/events"
            func get(_ path: String, _ who: Client.Who) async throws -> Answer {
                try await service.client.get(path, as: who)
            }
            expectProblem(try await get(events, .nobody), 401, "UNAUTHORIZED")
            expectProblem(try await get(events, .header("Bearer of bad news")), 401, "UNAUTHORIZED")
            expectProblem(try await get(events, .user("user_2")), 404, "PAY_ORDER_NOT_EXIST")
            expectProblem(try await get("/v1/payments/order_2/events", .merchant), 404, "PAY_ORDER_NOT_EXIST")
            expectProblem(try await get("/v1/payments/order_2/events", .user("user_1")), 404, "PAY_ORDER_NOT_EXIST")
            let token = service.checkouts.token(
                for: OrderNumber(Sample.number)!, expiresAt: service.clock.now() + .seconds(60))
            let forged = CheckoutTokens(secret: Secret("another secret of more than thirty-two bytes"))
                .token(for: OrderNumber(Sample.number)!, expiresAt: service.clock.now() + .seconds(60))
            let elsewhere = token.replacing(Sample.number, with: "20261122_0002")
            for bad in [forged, elsewhere, "c1", "%2e%2e"] {
                expectProblem(try await get("/checkout/\(bad)/events", .nobody), 404, "NOT_FOUND")
            }
            service.clock.advance(by: .seconds(60))
            expectProblem(try await get("/checkout/\(token)/events", .nobody), 404, "NOT_FOUND")
            #expect(service.live.count == 0)
        }
    }

    @Test func `an event stream ends when its token expires`() async throws {
        try await withService { service in
            _ = try await service.client.pay(Sample.body(Sample.number, ["expires_in": 86_400]))
            var streams: [(life: Duration, stream: EventClient)] = []
            streams.append((.seconds(1_800), try await service.follow(as: .checkout)))
            let token = TestService.token("user_1", expiresAt: service.clock.now() + .seconds(2_400))
            streams.append(
                (
                    .seconds(2_400),
                    try await EventClient.open(
                        port: service.port, "/v1/payments/\(Sample.number)/events",
                        headers: ["Authorization: Bearer \(token)"])
                ))
            streams.append((.seconds(3_600), try await service.follow(as: .merchant)))
            for (_, stream) in streams { #expect(await stream.nextEvent() != nil) }
            let start = service.clock.now()
            for (index, (life, _)) in streams.enumerated() {
                service.clock.advance(by: start + life - .milliseconds(1) - service.clock.now())
                service.live.beat()
                // The page has expired by the first of these; later there is nothing new.
                for (_, stream) in streams[index...] { #expect(await stream.next() != .ended(isClean: true)) }
                service.clock.advance(by: .milliseconds(1))
                service.live.beat()
                #expect(await streams[index].stream.next() == .ended(isClean: true))
                for (_, stream) in streams[(index + 1)...] { #expect(await stream.next() == .comment("still here")) }
            }
        }
    }

    @Test func `HEAD of an event stream is answered like GET, and takes no stream`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let key = "Authorization: Bearer \(TestService.keys[0])"
            let events = "/v1/payments/\(Sample.number)/events"
            let head = try await RawConnection.send(port: service.port, ["HEAD \(events) HTTP/1.1", key])
            #expect(head.status == 200)
            #expect(head.header("Content-Type") == "text/event-stream")
            #expect(head.body.isEmpty)
            let nowhere = "HEAD /v1/payments/none/events HTTP/1.1"
            let none = try await RawConnection.send(port: service.port, [nowhere, key])
            #expect(none.status == 404)
            #expect(service.live.count == 0)
        }
    }

    @Test(arguments: ["Content-Length: 5", "Transfer-Encoding: chunked"])
    func `a request for an event stream with a body is refused`(header: String) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await RawConnection.send(
                port: service.port,
                [
                    "GET /v1/payments/\(Sample.number)/events HTTP/1.1",
                    "Authorization: Bearer \(TestService.keys[0])", header,
                ], body: Array("0\r\n\r\n".utf8))
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
        }
    }
}
