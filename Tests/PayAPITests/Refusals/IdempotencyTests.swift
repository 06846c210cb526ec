import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct IdempotencyTests {
    @Test func `a repeated call with its key has the same result, and is marked as a replay`() async throws {
        try await withService { service in
            let first = try await service.client.pay()
            service.clock.advance(by: .seconds(10))
            let again = try await service.client.pay()
            #expect(again.status == 201)
            #expect(again.header("Idempotent-Replayed") == "true")
            #expect(again.cacheStatus == "paypage; hit; ttl=290")
            #expect(again.page["content"] == first.page["content"])
            #expect(again.page["expires_in"] == 290)
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `a replay may have another JSON spelling and another API key`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let spelled = """
                { "terminal":"pc", "channel":"sandbox", "subject":"\\u0054ea for two", "currency":"CNY",
                  "amount": 9900, "user_id":"user_1", "out_trade_no":"\(Sample.number)", "expires_in": null }
                """
            let again = try await service.client.send(
                .post, "/v1/payments", spelled, as: .merchantsOtherKey, headers: ["Idempotency-Key": "key-1"])
            #expect(again.status == 201)
            #expect(again.header("Idempotent-Replayed") == "true")
        }
    }

    @Test(
        arguments: [("key-1", "\"key-1\""), ("\"key-1\"", "key-1"), ("\"a, b\"", nil), ("\"", "\"")]
            as [(String, String?)])
    func `an idempotency key is the same with and without quotes`(first: String, second: String?) async throws {
        try await withService { service in
            let answer = try await service.client.pay(key: first)
            guard let second else { return #expect(answer.status == 400) }
            #expect(answer.status == 201)
            #expect(try await service.client.pay(key: second).header("Idempotent-Replayed") == "true")
        }
    }

    @Test(
        arguments: [
            ["amount": 9_901], ["currency": "USD"], ["subject": "Coffee"], ["user_id": "user_2"], ["terminal": "h5"],
            ["channel": "sandbox2"], ["expires_in": 600], ["payer": ["openid": "o1"]],
            ["out_trade_no": "another_order"],
            ["return_url": "https://shop.example/"], ["payer": ["client_ip": "203.0.113.7"]],
        ] as [[String: JSONValue]])
    func `an idempotency key of one request is refused for another`(change: [String: JSONValue]) async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"])) { service in
            _ = try await service.client.pay()
            let other = try await service.client.pay(Sample.body(Sample.number, change))
            expectProblem(other, 422, "IDEMPOTENCY_KEY_REUSED")
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `a first pay call without an idempotency key is refused`() async throws {
        try await withService { service in
            expectProblem(try await service.client.pay(key: nil), 400, "IDEMPOTENCY_KEY_MISSING")
            expectProblem(try await service.client.order(), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test(arguments: ["", "\"\"", "two words", "tab\there", "caf\u{e9}", String(repeating: "k", count: 256)])
    func `an invalid idempotency key is refused`(key: String) async throws {
        try await withService { service in
            let answer = try await service.client.pay(key: key)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(answer.json["errors"][0]["detail"].string?.contains("Idempotency-Key") == true)
        }
    }

    @Test(arguments: ["k", String(repeating: "k", count: 255), "!~{}[]\"';,:\\"])
    func `any visible ASCII text up to 255 characters is an idempotency key`(key: String) async throws {
        try await withService { service in
            let first = try await service.client.pay(key: key)
            #expect(first.status == 201)
            #expect(try await service.client.pay(key: key).header("Idempotent-Replayed") == "true")
        }
    }

    @Test func `a request with two idempotency keys is refused`() async throws {
        try await withService { service in
            let body = Array(Sample.body().text.utf8)
            let answer = try await RawConnection.send(
                port: service.port,
                [
                    "POST /v1/payments HTTP/1.1", "Authorization: Bearer \(TestService.keys[0])",
                    "Content-Type: application/json", "Content-Length: \(body.count)", "Idempotency-Key: a",
                    "Idempotency-Key: b",
                ], body: body)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
        }
    }

    @Test func `callers and orders have separate idempotency keys`() async throws {
        try await withService { service in
            _ = try await service.client.pay(key: "k")
            _ = try await service.client.pay(Sample.body("order_2"), key: "k2")
            service.clock.advance(by: .seconds(300))
            // Each call creates a page, and so uses the key of its own scope.
            for who in [Client.Who.merchant, .user("user_1")] {
                let answer = try await service.client.repay(Sample.number, ["fresh": true], key: "k", as: who)
                #expect(answer.status == 200)
                #expect(answer.header("Idempotent-Replayed") == nil)
            }
            let other = try await service.client.repay("order_2", key: "k")
            #expect(other.status == 200)
            #expect(other.header("Idempotent-Replayed") == nil)
            let again = try await service.client.repay("order_2", key: "k", as: .merchantsOtherKey)
            #expect(again.header("Idempotent-Replayed") == "true")
            expectProblem(
                try await service.client.repay("order_2", ["terminal": "app"], key: "k"), 422,
                "IDEMPOTENCY_KEY_REUSED")
        }
    }

    @Test func `an unauthorized caller with a used idempotency key gets no information`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(300))
            _ = try await service.client.repay(key: "k", as: .user("user_1"))
            expectProblem(
                try await service.client.repay(key: "k", as: .user("user_2")), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test func `a replay for an order that ended meanwhile gets the current state`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.client.pay(Sample.body("order_2"), key: "key-2")
            _ = try await service.client.pay(Sample.body("order_3"), key: "key-3")
            try await service.payAndSettle()
            _ = try await service.client.close("order_2")
            let paid = try await service.client.pay()
            expectProblem(paid, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(paid.json["state"] == "paid")
            let closed = try await service.client.pay(Sample.body("order_2"), key: "key-2")
            #expect(closed.json["state"] == "closed")
            service.clock.advance(by: .seconds(1_740))
            let late = try await service.client.pay(Sample.body("order_3"), key: "key-3")
            expectProblem(late, 410, "PAY_ORDER_PAY_TIMEOUT")
            #expect(late.header("Idempotent-Replayed") == nil)
        }
    }

    @Test func `a replay renews an expired page of the same attempt`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(300))
            let again = try await service.client.pay()
            #expect([200, 201].contains(again.status))
            #expect(again.cacheStatus == "paypage; fwd=stale; stored")
            #expect(try await service.creates() == 2)
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `a replay never returns a superseded page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(300))
            try await service.setFaults([["operation": "create", "fault": "refused"]])
            expectProblem(try await service.client.repay(), 502, "PAY_ORDER_FAIL", fields: ["provider_code"])
            let next = try await service.client.repay()
            #expect(next.status == 200)
            expectProblem(try await service.client.pay(), 409, "PAY_PAGE_SUPERSEDED")
            #expect(try await service.client.repay().page == next.page)
        }
    }

    @Test func `an idempotency key is kept for a day, or until a later provider's deadline`() async throws {
        try await withService { service in
            let long = Sample.body(Sample.number, ["expires_in": 172_800])
            _ = try await service.client.pay(long)
            service.clock.advance(by: .milliseconds(172_799_999))
            let other = Sample.body("order_2")
            expectProblem(try await service.client.pay(other), 422, "IDEMPOTENCY_KEY_REUSED")
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.pay(other).status == 201)
            service.clock.advance(by: .milliseconds(86_399_999))
            expectProblem(try await service.client.pay(Sample.body("order_3")), 422, "IDEMPOTENCY_KEY_REUSED")
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.pay(Sample.body("order_3")).status == 201)
        }
    }

    enum Refused: CaseIterable {
        case invalid, channel, mismatch, providerRefused, providerUnknown, unauthorized
    }

    @Test(arguments: Refused.allCases)
    func `the idempotency key of a refused request can be used for another`(refused: Refused) async throws {
        try await withService { service in
            var first = Sample.body()
            var status = 400
            switch refused {
            case .invalid: first = Sample.body(Sample.number, ["amount": -1])
            case .channel: (first, status) = (Sample.body(Sample.number, ["channel": "alipay"]), 422)
            case .mismatch:
                _ = try await service.client.pay(key: "another-key")
                (first, status) = (Sample.body(Sample.number, ["amount": 1]), 409)
            case .providerRefused:
                try await service.setFaults([["operation": "create", "fault": "refused"]])
                status = 502
            case .providerUnknown:
                try await service.setFaults([["operation": "create", "fault": "error"]])
                status = 504
            case .unauthorized: status = 401
            }
            let who: Client.Who = refused == .unauthorized ? .nobody : .merchant
            #expect(try await service.client.pay(first, as: who).status == status)
            let other = try await service.client.pay(Sample.body("order_2"))
            #expect(other.status == 201)
            #expect(other.header("Idempotent-Replayed") == nil)
        }
    }

    @Test func `a hit does not use up its idempotency key`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.client.repay(key: "k").cacheStatus == "paypage; hit; ttl=300")
            let other = try await service.client.repay(Sample.number, ["terminal": "h5"], key: "k")
            #expect(other.status == 200)
            #expect(other.header("Idempotent-Replayed") == nil)
        }
    }

    @Test func `the idempotency key of a request in flight is refused for another`() async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": "slow", "ms": 5]])
            async let first = service.client.pay()
            await service.clock.waitForSleepers()
            let other = try await service.client.pay(Sample.body("order_2"))
            expectProblem(other, 422, "IDEMPOTENCY_KEY_REUSED")
            service.clock.advance(by: .milliseconds(5))
            #expect(try await first.status == 201)
            #expect(try await service.tradeCount() == 1)
        }
    }
}
