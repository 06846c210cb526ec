import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ListRouteTests {
    private func numbers(_ answer: Answer) -> [String] {
        answer.json["payments"].items.compactMap { $0["out_trade_no"].string }
    }

    /// Creates five orders, one second apart. The second one is closed after that.
    private func fiveOrders(_ service: TestService) async throws {
        for index in 1...5 {
            let answer = try await service.client.pay(Sample.body("order_\(index)"), key: "key-\(index)")
            #expect(answer.status == 201)
            service.clock.advance(by: .seconds(1))
        }
        #expect(try await service.client.close("order_2").status == 200)
    }

    @Test func `the list has every order in its usual form, the longest unchanged first`() async throws {
        try await withService { service in
            try await fiveOrders(service)
            let answer = try await service.client.get("/v1/payments")
            expectJSON(answer, 200, keys: ["payments"])
            #expect(numbers(answer) == ["order_1", "order_3", "order_4", "order_5", "order_2"])
            var entry = answer.json["payments"][0].fields
            #expect(entry.removeValue(forKey: "updated_at") == "2026-11-22T10:00:00Z")
            #expect(JSONValue.object(entry) == (try await service.client.order("order_1")).json)
        }
    }

    @Test func `following the list's cursors returns every order once`() async throws {
        try await withService { service in
            try await fiveOrders(service)
            var seen: [String] = []
            var path = "/v1/payments?limit=2"
            for expected in [2, 2, 1] {
                let answer = try await service.client.get(path)
                #expect(numbers(answer).count == expected)
                seen += numbers(answer)
                guard let cursor = answer.json["next_cursor"].string else { break }
                path = "/v1/payments?limit=2&cursor=\(cursor)"
            }
            #expect(seen == ["order_1", "order_3", "order_4", "order_5", "order_2"])
        }
    }

    @Test(arguments: [
        ("?state=new", ["order_1", "order_3", "order_4", "order_5"]), ("?state=closed", ["order_2"]),
        ("?state=paid", []), ("?state=expired", []), ("?limit=1", ["order_1"]),
        ("?limit=200&state=closed", ["order_2"]),
        ("?updated_after=2026-11-22T10:00:02.5Z", ["order_4", "order_5", "order_2"]),
        ("?updated_after=2026-11-22T10:00:01.999Z", ["order_3", "order_4", "order_5", "order_2"]),
        ("?updated_after=2026-11-22T18:00:03.5%2B08:00", ["order_5", "order_2"]),
        ("?updated_after=2026-11-22T10:00:03.5Z&state=new", ["order_5"]),
    ])
    func `the list is filtered by state and updated_after`(query: String, expected: [String]) async throws {
        try await withService { service in
            try await fiveOrders(service)
            let answer = try await service.client.get("/v1/payments" + query)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(numbers(answer) == expected)
        }
    }

    @Test(arguments: [
        ("?state=lost", ["/state"]), ("?state=", ["/state"]), ("?updated_after=yesterday", ["/updated_after"]),
        ("?limit=0", ["/limit"]), ("?limit=201", ["/limit"]), ("?limit=-1", ["/limit"]), ("?limit=two", ["/limit"]),
        ("?limit=99999999999999999999", ["/limit"]), ("?cursor=x", ["/cursor"]), ("?cursor=-order_1", ["/cursor"]),
        ("?limit=1&limit=2", ["/limit"]), ("?page=2", ["/page"]), ("?a/b~c=1", ["/a~1b~0c"]),
        ("?created_after=today", ["/created_after"]), ("?created_before=", ["/created_before"]),
        ("?trade_no=20261122_0001", ["/trade_no"]), ("?trade_no=20261122_0001_01", ["/trade_no"]),
        ("?transaction_id=", ["/transaction_id"]), ("?refund_no=a%20b", ["/refund_no"]), ("?user_id=", ["/user_id"]),
        ("?user_id=a%0Ab", ["/user_id"]), ("?out_trade_no=20261122_0001", ["/out_trade_no"]),
        ("?user_id=user_1&cursor=1-order_1", ["/cursor"]), ("?cursor=c1-order_1", ["/cursor"]),
        (
            "?state=lost&user_id=&trade_no=x&transaction_id=&refund_no=&created_after=x&created_before=x"
                + "&updated_after=x&limit=0&cursor=x&who=1",
            [
                "/state", "/user_id", "/trade_no", "/transaction_id", "/refund_no", "/created_after",
                "/created_before", "/updated_after", "/limit", "/cursor", "/who",
            ]
        ),
    ])
    func `an invalid query of the list gets all its mistakes`(query: String, expected: [String]) async throws {
        try await withService { service in
            let answer = try await service.client.get("/v1/payments" + query)
            expectProblem(answer, 400, "INVALID_REQUEST", fields: ["errors"])
            #expect(pointers(answer) == expected)
        }
    }

    @Test func `an updated_after beyond the largest time returns an empty list`() async throws {
        try await withService { service in
            for time in ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "999999999999-01-01T00:00:00Z"] {
                let answer = try await service.client.get("/v1/payments?updated_after=\(time)")
                #expect([200, 400].contains(answer.status))
            }
            let cursor = "9223372036854775807-order_1"
            let last = try await service.client.get("/v1/payments?cursor=\(cursor)")
            #expect(last.json["payments"] == [])
        }
    }

    @Test(arguments: [
        ("?user_id=user_1", ["order_5", "order_4", "order_3", "order_2", "order_1"]), ("?user_id=user_2", []),
        ("?user_id=user_1&state=closed", ["order_2"]),
        ("?created_after=2026-11-22T10:00:02Z", ["order_5", "order_4"]),
        ("?created_before=2026-11-22T10:00:01Z", ["order_1"]),
        ("?created_after=2026-11-22T10:00:00Z&created_before=2026-11-22T18:00:03%2B08:00", ["order_3", "order_2"]),
        ("?user_id=user_1&updated_after=2026-11-22T10:00:03.5Z", ["order_5", "order_2"]),
        ("?trade_no=order_3_1", ["order_3"]), ("?trade_no=order_3_2", []), ("?transaction_id=sbx_9", []),
        ("?refund_no=order_3_1_r1", []),
    ])
    func `orders are found by user, time and number, the latest first`(
        query: String, expected: [String]
    ) async throws {
        try await withService { service in
            try await fiveOrders(service)
            let answer = try await service.client.get("/v1/payments" + query)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(numbers(answer) == expected)
        }
    }

    @Test func `following the cursors of a user's orders returns each of them once`() async throws {
        try await withService { service in
            try await fiveOrders(service)
            var seen: [String] = []
            var path = "/v1/payments?user_id=user_1&limit=2"
            for expected in [2, 2, 1] {
                let answer = try await service.client.get(path)
                #expect(numbers(answer).count == expected)
                seen += numbers(answer)
                guard let cursor = answer.json["next_cursor"].string else { break }
                path = "/v1/payments?user_id=user_1&limit=2&cursor=\(cursor)"
            }
            #expect(seen == ["order_5", "order_4", "order_3", "order_2", "order_1"])
        }
    }

    @Test func `an order is found by a payment and by a refund of it`() async throws {
        try await withService { service in
            try await fiveOrders(service)
            #expect(try await service.send(service.notice(of: "order_4_1", transaction: "sbx_4")).status == 200)
            #expect(try await service.send(service.notice(of: "order_4_1", transaction: "sbx_5")).status == 200)
            let order = try await service.client.order("order_4")
            let refund = try #require(order.json["refunds"][0]["refund_no"].string)
            for query in ["transaction_id=sbx_4", "transaction_id=sbx_5", "refund_no=\(refund)"] {
                #expect(numbers(try await service.client.get("/v1/payments?" + query)) == ["order_4"], "\(query)")
            }
            let both = try await service.client.get("/v1/payments?transaction_id=sbx_4&user_id=user_2")
            #expect(both.json["payments"] == [])
        }
    }

    @Test func `only the merchant can search`() async throws {
        try await withService { service in
            try await fiveOrders(service)
            expectProblem(
                try await service.client.get("/v1/payments?user_id=user_1", as: .user("user_1")), 403, "FORBIDDEN")
            expectProblem(
                try await service.client.get("/v1/payments?user_id=user_1", as: .nobody), 401, "UNAUTHORIZED")
        }
    }
}
