import GRDB
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OpenOrderTests {
    private let keys: Set = [
        "out_trade_no", "state", "amount", "currency", "expires_at", "expires_in", "checkout_url",
    ]
    private let open: JSONValue = Sample.body(Sample.number, ["channel": .null, "terminal": .null])

    @Test func `a first pay without a channel returns the order alone`() async throws {
        try await withService { service in
            let answer = try await service.client.pay(open)
            expectJSON(answer, 201, keys: keys)
            #expect(answer.json["state"] == "new")
            #expect(answer.json["amount"] == 9_900)
            #expect(answer.json["expires_at"] == "2026-11-22T10:30:00Z")
            #expect(answer.json["expires_in"] == 1_800)
            #expect(answer.cacheStatus == nil && answer.header("Idempotent-Replayed") == nil)
            #expect(try await service.tradeCount() == 0)
            #expect(
                service.metric(#"paypage_provider_calls_total{channel="sandbox",operation="create",outcome="ok"}"#)
                    == "0")
            let url = try await service.client.order().json["checkout_url"]
            #expect(answer.json["checkout_url"] == url)
        }
    }

    @Test func `an order without an attempt is read, listed and searched like any other`() async throws {
        try await withService { service in
            _ = try await service.client.pay(open)
            let order = try await service.client.order()
            #expect(order.status == 200)
            #expect(order.json["state"] == "new")
            #expect(order.json["attempts"].items.isEmpty)
            #expect(order.json["page"] == .null)
            for query in ["", "?state=new", "?user_id=user_1"] {
                let list = try await service.client.get("/v1/payments" + query)
                #expect(list.json["payments"].items.map { $0["out_trade_no"] } == [.string(Sample.number)])
            }
            expectProblem(try await service.client.page(), 404, "PAY_PAGE_NOT_FOUND")
        }
    }

    @Test func `a replay is marked, and has the page that the buyer chose since`() async throws {
        try await withService { service in
            let first = try await service.client.pay(open)
            let replay = try await service.client.pay(open)
            expectJSON(replay, 201, keys: keys)
            #expect(replay.header("Idempotent-Replayed") == "true")
            #expect(replay.json == first.json)

            let chosen = try await service.client.repay(Sample.number, ["channel": "sandbox", "terminal": "h5"])
            #expect(chosen.status == 200)
            let later = try await service.client.pay(open)
            expectJSON(later, 201, keys: keys.union(["page"]))
            #expect(later.page == chosen.page)
            #expect(later.header("Idempotent-Replayed") == "true")
            #expect(try await service.creates() == 1)
            expectProblem(try await service.client.pay(Sample.body()), 422, "IDEMPOTENCY_KEY_REUSED")
        }
    }

    @Test func `another first pay for the order answers 200, and calls a provider only for a channel`() async throws {
        try await withService { service in
            _ = try await service.client.pay(open)
            let again = try await service.client.pay(open, key: "key-2")
            expectJSON(again, 200, keys: keys)
            #expect(again.header("Idempotent-Replayed") == nil)
            let other = Sample.body(Sample.number, ["channel": .null, "terminal": .null, "amount": 1])
            expectProblem(try await service.client.pay(other, key: "key-3"), 409, "PAY_ORDER_MISMATCH")
            #expect(try await service.tradeCount() == 0)

            let named = try await service.client.pay(Sample.body(), key: "key-4")
            expectJSON(named, 200, keys: keys.union(["page"]))
            let live = try await service.client.pay(open, key: "key-5")
            #expect(live.status == 200 && live.page == named.page)
            #expect(live.cacheStatus == "paypage; hit; ttl=300")
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `the cache never serves the order alone in place of a page`() async throws {
        try await withService { service in
            _ = try await service.client.pay(open)
            for _ in 0..<3 {
                let named = try await service.client.repay(Sample.number, [:])
                expectProblem(named, 400, "INVALID_REQUEST", fields: ["errors"])
            }
            let chosen = try await service.client.repay(Sample.number, ["channel": "sandbox", "terminal": "pc"])
            for _ in 0..<3 { #expect(try await service.client.repay().page == chosen.page) }
            // The page expires: the order alone is told again.
            service.clock.advance(by: .seconds(300))
            expectJSON(try await service.client.pay(open, key: "key-2"), 200, keys: keys)
        }
    }

    @Test func `an order without an attempt is closed by the merchant`() async throws {
        try await withService { service in
            _ = try await service.client.pay(open)
            let closed = try await service.client.close()
            #expect(closed.status == 200)
            #expect(closed.json["state"] == "closed")
            expectProblem(
                try await service.client.pay(open), 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
        }
    }

    @Test func `the buyer chooses on the checkout page, and the browser names the terminal`() async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"])) { service in
            _ = try await service.client.pay(open)
            let look = try await service.shopper().look()
            #expect(look.status == 200 && look.state == "choose")
            #expect(look.text.contains(#"name="channel" value="sandbox2""#))
            #expect(look.text.contains(#"name="terminal" value="pc""#))
            #expect(try await service.tradeCount() == 0)

            #expect(try await service.shopper().press("sandbox2").state == "ready")
            let order = try await service.client.order()
            #expect(order.json["page"]["channel"] == "sandbox2" && order.json["page"]["terminal"] == "pc")
        }
    }
}
