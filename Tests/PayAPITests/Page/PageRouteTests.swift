import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct PageRouteTests {
    @Test func `a page is served to browsers without caching, framing or trust`() async throws {
        try await withService { service in
            let content = try await service.client.pay().page["content"].string
            let answer = try await service.client.page(accept: "text/html")
            #expect(answer.status == 200)
            #expect(answer.text == content)
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
            #expect(answer.header("Cache-Control") == "no-store")
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Cache-Status") == "paypage; hit; ttl=300")
            #expect(answer.header("Vary") == "Accept, Authorization")
            #expect(answer.header("X-Request-Id") != nil)
        }
    }

    /// The form of each kind of page, by the caller's `Accept`.
    @Test(
        arguments: [
            ("pc", nil, "text/html; charset=utf-8"), ("pc", "*/*", "text/html; charset=utf-8"),
            ("pc", "text/plain", "text/plain; charset=utf-8"), ("pc", "application/json", "application/json"),
            ("pc", "application/json;q=0.2, text/plain;q=0.3", "text/plain; charset=utf-8"),
            ("pc", "text/html;q=0, */*", "text/plain; charset=utf-8"),
            ("app", nil, "text/plain; charset=utf-8"), ("app", "text/html, */*;q=0.1", "text/plain; charset=utf-8"),
            ("app", "application/json", "application/json"),
        ] as [(String, String?, String)])
    func `a page is served in the form that Accept prefers`(
        terminal: String, accept: String?, contentType: String
    ) async throws {
        try await withService { service in
            let paid = try await service.client.pay(Sample.body(Sample.number, ["terminal": .string(terminal)]))
            let answer = try await service.client.page(accept: accept)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == contentType)
            #expect(answer.header("Cache-Control") == "no-store")
            #expect(answer.header("ETag") != nil)
            if contentType == "application/json" {
                #expect(answer.json == paid.page)
            } else {
                #expect(answer.text == paid.page["content"].string)
            }
        }
    }

    @Test(arguments: [
        ("pc", "image/png"), ("pc", "text/html;q=0"), ("pc", "image/*, application/xml"), ("app", "text/html"),
    ])
    func `a form that is not available for the page gets a 406`(terminal: String, accept: String) async throws {
        try await withService { service in
            _ = try await service.client.pay(Sample.body(Sample.number, ["terminal": .string(terminal)]))
            expectProblem(try await service.client.page(accept: accept), 406, "NOT_ACCEPTABLE")
        }
    }

    @Test func `a page with a matching If-None-Match gets a 304 until it changes`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let tag = try #require(try await service.client.page().header("ETag"))
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            func ask(_ known: String, accept: String = "text/html") async throws -> Answer {
                try await service.client.get(
                    "/v1/payments/\(Sample.number)/page", headers: ["If-None-Match": known, "Accept": accept])
            }
            for known in [tag, "*", "\"other\", \(tag)", "W/\(tag)"] {
                let answer = try await ask(known)
                #expect(answer.status == 304, "\(known)")
                #expect(answer.body.isEmpty)
                #expect(answer.header("ETag") == tag)
                #expect(answer.header("Cache-Control") == "no-store")
            }
            #expect(try await ask("\"other\"").status == 200)
            #expect(try await ask(tag, accept: "text/plain").status == 200)

            service.clock.advance(by: .seconds(300))
            _ = try await service.client.repay()
            let next = try await ask(tag)
            #expect(next.status == 200)
            #expect(next.header("ETag") != tag)
        }
    }

    @Test(arguments: [
        ("", 200), ("?channel=sandbox", 200), ("?terminal=pc", 200), ("?terminal=h5", 200), ("?openid=", 200),
        ("?channel=sandbox&terminal=h5", 200), ("?terminal=app", 404), ("?terminal=jsapi", 404),
        ("?terminal=mini", 404), ("?terminal=tv", 400),
        ("?channel=alipay", 404), ("?openid=somebody", 200),
    ])
    func `only the requested page is served, and no provider is called`(query: String, status: Int) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.client.page(Sample.number, query)
            #expect(answer.status == status)
            if status == 404 { expectProblem(answer, 404, "PAY_PAGE_NOT_FOUND") }
            #expect(try await service.creates() == 1)
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `the JSON of a page names the caller's terminal`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.client.page(Sample.number, "?terminal=h5", accept: "application/json")
            #expect(answer.json["terminal"] == "h5")
        }
    }

    @Test(arguments: [
        ("?terminal=tv", ["/terminal"]), ("?channel=A%20B", ["/channel"]), ("?format=png", ["/format"]),
        ("?terminal=pc&terminal=h5", ["/terminal"]), ("?token=x&terminal=tv", ["/terminal", "/token"]),
    ])
    func `an invalid query of the page route gets all its mistakes`(query: String, expected: [String]) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.client.page(Sample.number, query)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == expected)
        }
    }

    @Test func `the owner can read the page, and another user gets a 404`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.client.page(as: .user("user_1")).status == 200)
            let other = try await service.client.page(as: .user("user_2"))
            expectProblem(other, 404, "PAY_ORDER_NOT_EXIST")
            #expect(
                try await service.client.page("20269999_none", as: .user("user_2")).json["detail"]
                    == other.json["detail"])
            service.clock.advance(by: .seconds(300))
            expectProblem(try await service.client.page(as: .user("user_2")), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test func `a paid order has no page`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.payAndSettle()
            expectProblem(try await service.client.page(), 404, "PAY_PAGE_NOT_FOUND")
        }
    }
}
