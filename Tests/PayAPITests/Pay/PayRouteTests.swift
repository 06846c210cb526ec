import PayAccess
import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PayRouteTests {
    private let paymentKeys: Set = [
        "out_trade_no", "state", "amount", "currency", "expires_at", "expires_in", "page", "checkout_url",
    ]
    private let pageKeys: Set = ["channel", "terminal", "kind", "content", "expires_at", "expires_in"]

    @Test func `a first pay returns a new order and its page`() async throws {
        try await withService { service in
            let answer = try await service.client.pay()
            expectJSON(answer, 201, keys: paymentKeys)
            #expect(answer.page.keys == pageKeys)
            #expect(answer.json["out_trade_no"] == .string(Sample.number))
            #expect(answer.json["state"] == "new")
            #expect(answer.json["amount"] == 9_900)
            #expect(answer.json["currency"] == "CNY")
            #expect(answer.json["expires_at"] == "2026-11-22T10:30:00Z")
            #expect(answer.json["expires_in"] == 1_800)
            #expect(answer.page["channel"] == "sandbox")
            #expect(answer.page["terminal"] == "pc")
            #expect(answer.page["kind"] == "html")
            #expect(answer.page["content"].string?.contains("99.00") == true)
            #expect(answer.header("Idempotent-Replayed") == nil)
        }
    }

    @Test func `the checkout URL has a token for its order, valid beyond the order's end`() async throws {
        try await withService { service in
            let url = try #require(try await service.client.pay().json["checkout_url"].string)
            let start = "http://127.0.0.1:\(service.port)/checkout/"
            #expect(url.hasPrefix(start))
            let token = String(url.dropFirst(start.count))
            // The provider's deadline, the margin, and ten minutes.
            let end = service.clock.now() + .seconds(1_800 + 60 + 600)
            #expect(service.checkouts.order(in: token, at: end - .milliseconds(1)) == OrderNumber(Sample.number))
            #expect(service.checkouts.order(in: token, at: end) == nil)
        }
    }

    @Test func `a first pay call for a known order is a repay`() async throws {
        try await withService { service in
            let first = try await service.client.pay()
            let second = try await service.client.pay(key: "another-key")
            expectJSON(second, 200, keys: paymentKeys)
            #expect(second.cacheStatus == "paypage; hit; ttl=300")
            #expect(second.page == first.page)
        }
    }

    @Test(
        arguments: [
            ["amount": 9_901], ["currency": "USD"], ["user_id": "user_2"], ["subject": "Tea for three"],
            ["return_url": "https://shop.example/thanks"],
        ] as [[String: JSONValue]])
    func `a first pay call with other values for a known order is refused`(change: [String: JSONValue]) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.client.pay(Sample.body(Sample.number, change), key: "another-key")
            expectProblem(answer, 409, "PAY_ORDER_MISMATCH")
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `a repay with an empty body is answered like a first pay`() async throws {
        try await withService { service in
            let first = try await service.client.pay()
            for body in [nil, "", "{}", #"{"channel":null,"terminal":null,"payer":null,"fresh":null}"#] as [String?] {
                let answer = try await service.client.send(.post, "/v1/payments/\(Sample.number)/repay", body)
                expectJSON(answer, 200, keys: paymentKeys)
                #expect(answer.page == first.page)
            }
        }
    }

    @Test func `a page that serves another terminal is returned under that terminal's name`() async throws {
        try await withService { service in
            let first = try await service.client.pay()
            let other = try await service.client.repay(Sample.number, ["terminal": "h5"])
            #expect(other.page["terminal"] == "h5")
            #expect(other.page["content"] == first.page["content"])
            #expect(other.cacheStatus == "paypage; hit; ttl=300")
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `another terminal of the same trade gets a further page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let app = try await service.client.repay(Sample.number, ["terminal": "app"])
            #expect(app.status == 200)
            #expect(app.page["kind"] == "sdk")
            #expect(app.cacheStatus == "paypage; fwd=uri-miss; stored")
            #expect(JSONValue(Array((app.page["content"].string ?? "").utf8))?["trade_no"] == .string(Sample.trade))
            #expect(try await service.creates() == 2)
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test(arguments: [
        ("pc", SandboxPC.html, "html"), ("pc", .qr, "qr"), ("h5", .html, "html"), ("app", .html, "sdk"),
    ])
    func `each terminal gets its own kind of page`(
        terminal: String, pc: SandboxPC, kind: String
    ) async throws {
        try await withService(TestSetup(pcKind: pc == .qr ? .qr : .html)) { service in
            let answer = try await service.client.pay(Sample.body(Sample.number, ["terminal": .string(terminal)]))
            #expect(answer.status == 201)
            #expect(answer.page["kind"] == .string(kind))
            #expect(answer.page["terminal"] == .string(terminal))
        }
    }

    enum SandboxPC {
        case html, qr
    }

    @Test func `a fresh repay calls the provider, a few times a minute`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for count in 2...6 {
                let answer = try await service.client.repay(Sample.number, ["fresh": true])
                #expect(answer.status == 200)
                #expect(answer.cacheStatus == "paypage; fwd=stale; stored")
                #expect(try await service.creates() == .integer(Int64(count)))
            }
            let often = try await service.client.repay(Sample.number, ["fresh": true])
            expectProblem(often, 429, "RATE_LIMITED", retryAfter: "60")
            #expect(try await service.client.repay().status == 200)
            service.clock.advance(by: .seconds(60))
            #expect(try await service.client.repay(Sample.number, ["fresh": true]).status == 200)
        }
    }

    @Test func `in the provider mode each repay calls the provider`() async throws {
        try await withService(TestSetup(repayMode: .provider)) { service in
            _ = try await service.client.pay()
            for count in 2...4 {
                #expect(try await service.client.repay().status == 200)
                #expect(try await service.creates() == .integer(Int64(count)))
            }
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `the sandbox receives the merchant's values of an order`() async throws {
        try await withService { service in
            let changes: [String: JSONValue] = [
                "amount": 1, "currency": "JPY", "subject": "茶 for \"two\" <b>&",
                "return_url": "https://shop.example/a?b=c",
            ]
            let answer = try await service.client.pay(Sample.body(Sample.number, changes))
            #expect(answer.status == 201)
            #expect(answer.page["content"].string?.contains("茶 for &quot;two&quot; &lt;b&gt;&amp;") == true)
            #expect(try await service.trade()["amount"] == 1)
            #expect(try await service.client.order().json["return_url"] == "https://shop.example/a?b=c")
        }
    }
}
