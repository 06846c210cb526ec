import GRDB
import PayCore
import PayTelemetry
import PayTestSupport
import ServiceTestSupport
import Testing

/// The requests that the fast lane answers. The ledger is broken, so the routes can't answer them.
@Suite(.timeLimit(.minutes(5))) struct FastLaneTests {
    /// A call, and the part of it that requires the routes.
    struct Call: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var line = KeptConnection.page
        var headers: [String] = []
        var key = TestService.keys[0]
        var body: String?

        var text: String { KeptConnection.request(line, headers, key: key, body: body) }
    }

    private static func page(_ query: String) -> String {
        KeptConnection.page.replacing("/page", with: "/page\(query)")
    }

    static let fast = [
        Call(testDescription: "a page"), Call(testDescription: "anything", headers: ["Accept: */*"]),
        Call(testDescription: "the page's own form", headers: ["accept: text/html"]),
        Call(testDescription: "keep-alive", headers: ["Connection: Keep-Alive"]),
        Call(testDescription: "a header that says nothing here", headers: ["X-Forwarded-For: 10.0.0.1"]),
        Call(testDescription: "another key", key: TestService.keys[1]),
        Call(testDescription: "a repay", line: KeptConnection.repay, body: "{}"),
        Call(testDescription: "a repay without a body", line: KeptConnection.repay),
    ]

    static let slow = [
        Call(testDescription: "HEAD", line: KeptConnection.page.replacing("GET", with: "HEAD")),
        Call(testDescription: "HTTP/1.0", line: KeptConnection.page.replacing("1.1", with: "1.0")),
        Call(testDescription: "an unknown parameter", line: page("?x=1")),
        Call(testDescription: "a parameter like an address", line: page("?junk=a://b")),
        Call(testDescription: "another channel and an address", line: page("?channel=sandbox2&openid=://")),
        Call(testDescription: "a size", line: page("?size=4")),
        Call(testDescription: "a terminal that there isn't", line: page("?terminal=tv")),
        Call(testDescription: "another order", line: KeptConnection.page.replacing("_0001", with: "_0002")),
        Call(testDescription: "a percent", line: KeptConnection.page.replacing("_0001", with: "%5F0001")),
        Call(testDescription: "Connection: close", headers: ["Connection: close"]),
        Call(testDescription: "If-None-Match", headers: [#"If-None-Match: "x""#]),
        Call(
            testDescription: "Idempotency-Key", line: KeptConnection.repay, headers: ["Idempotency-Key: k"], body: "{}"),
        Call(testDescription: "Origin", headers: ["Origin: https://shop.example"]),
        Call(testDescription: "Expect", line: KeptConnection.repay, headers: ["Expect: 200-ok"], body: "{}"),
        Call(testDescription: "another form", headers: ["Accept: application/json"]),
        Call(testDescription: "two forms", headers: ["Accept: text/html", "Accept: text/plain"]),
        Call(testDescription: "a wrong key", key: TestService.keys[0] + "x"),
        Call(testDescription: "two keys", headers: ["Authorization: Bearer \(TestService.keys[0])"]),
        Call(testDescription: "a page with a body", body: "{}"),
        Call(testDescription: "made anew", line: KeptConnection.repay, body: #"{"fresh":true}"#),
        Call(testDescription: "a mistake", line: KeptConnection.repay, body: #"{"terminal":"tv"}"#),
        Call(testDescription: "no JSON", line: KeptConnection.repay, body: "{"),
        Call(
            testDescription: "a repay with a query", line: KeptConnection.repay.replacing("/repay", with: "/repay?x=1"),
            body: "{}"),
    ]

    private static func withPage(
        _ setup: TestSetup = TestSetup(), _ body: @Sendable (TestService) async throws -> Void
    ) async throws {
        var setup = setup
        setup.comparesLanes = false
        setup.hasFastLane = true
        try await withService(setup) { service in
            _ = try await service.client.pay()
            _ = try await service.client.page()
            _ = try await service.client.repay()
            service.ledger.setBroken(true)
            try await body(service)
        }
    }

    private static func isAnswered(_ call: Call, by service: TestService) async throws -> Bool {
        let connection = try KeptConnection(port: service.port)
        connection.write(call.text)
        return try await connection.status() == 200
    }

    @Test func `the fast lane answers a hit without the ledger`() async throws {
        try await Self.withPage { service in
            for call in Self.fast {
                let isAnswered = try await Self.isAnswered(call, by: service)
                #expect(isAnswered, "\(call.testDescription)")
            }
        }
    }

    @Test func `the fast lane reads a page that is not in memory, without waiting`() async throws {
        let setup = TestSetup(cacheMemory: 0, hasFastLane: true, comparesLanes: false)
        try await withService(setup) { service in
            _ = try await service.client.pay()
            service.ledger.breakWaiting()
            for call in Self.fast {
                let isAnswered = try await Self.isAnswered(call, by: service)
                #expect(isAnswered, "\(call.testDescription)")
            }
            for call in Self.slow {
                let isAnswered = try await Self.isAnswered(call, by: service)
                #expect(!isAnswered, "\(call.testDescription)")
            }
            #expect(try await service.client.page(as: .user("user_1")).status == 200)
            #expect(try await service.client.page(as: .user("user_2")).status == 500)
            service.clock.advance(by: .seconds(300))
            #expect(try await service.client.page().status == 500)
        }
    }

    @Test func `a page that the fast lane has read is in memory`() async throws {
        let setup = TestSetup(hasFastLane: true, comparesLanes: false)
        try await withService(setup) { service in
            _ = try await service.client.pay()
            service.ledger.breakWaiting()
            #expect(try await service.client.page().status == 200)
            service.ledger.setBroken(true)
            #expect(try await service.client.page().status == 200)
        }
    }

    @Test func `any request beyond a plain call passes to the routes`() async throws {
        try await Self.withPage { service in
            for call in Self.slow {
                let isAnswered = try await Self.isAnswered(call, by: service)
                #expect(!isAnswered, "\(call.testDescription)")
            }
            // The page was live all the time.
            #expect(try await Self.isAnswered(Self.fast[0], by: service))
        }
    }

    @Test func `the fast lane returns a page to its owner and to no other user`() async throws {
        try await Self.withPage { service in
            #expect(try await service.client.page(as: .user("user_1")).status == 200)
            #expect(try await service.client.repay(as: .user("user_1")).status == 200)
            service.ledger.setBroken(false)
            expectProblem(try await service.client.page(as: .user("user_2")), 404, "PAY_ORDER_NOT_EXIST")
            expectProblem(try await service.client.repay(as: .user("user_2")), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test func `the fast lane returns a page up to, not at, its expiry`() async throws {
        try await Self.withPage { service in
            service.clock.advance(by: .milliseconds(299_999))
            let answer = try await service.client.page()
            #expect(answer.status == 200)
            #expect(answer.cacheStatus == "paypage; hit; ttl=0")
            #expect(try await service.client.repay().page["expires_in"] == 0)
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.page().status == 500)
            #expect(try await service.client.repay().status == 500)
        }
    }

    @Test func `from the cut-off on, a page can be read, but a repay does not return it`() async throws {
        try await Self.withPage(TestSetup(pageTTL: .seconds(7_200))) { (service: TestService) async throws in
            service.clock.advance(by: TestService.orderTTL - .seconds(60) - .milliseconds(1))
            #expect(try await service.client.repay().status == 200)
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.repay().status == 500)
            #expect(try await service.client.page().status == 200)
        }
    }

    @Test func `another process's commit invalidates a cached page at once`() async throws {
        try await withService(TestSetup(hasFastLane: true, comparesLanes: false)) {
            (service: TestService) async throws in
            let other = try DatabaseQueue(path: service.databasePath)
            defer { try? other.close() }
            for round in 0..<20 {
                let number = "order_\(round)"
                _ = try await service.client.pay(Sample.body(number), key: number)
                service.clock.advance(by: .milliseconds(1))
                #expect(try await Self.isInMemory(number, of: service))
                // The service gets no notification of this write.
                try await other.write {
                    try $0.execute(
                        sql: "UPDATE pages SET expires_at = minted_at + 1 WHERE trade_no = ?",
                        arguments: ["\(number)_1"])
                }
                expectProblem(try await service.client.page(number), 404, "PAY_PAGE_NOT_FOUND")
            }
        }
    }

    /// Whether the page can be answered without the ledger. It can as soon as the last commit of another process is
    /// detected.
    private static func isInMemory(_ number: String, of service: TestService) async throws -> Bool {
        for _ in 0..<100 {
            _ = try await service.client.page(number)
            service.ledger.setBroken(true)
            let status = try await service.client.page(number).status
            service.ledger.setBroken(false)
            if status == 200 { return true }
        }
        return false
    }

    @Test func `without cache memory, the routes answer every request`() async throws {
        try await Self.withPage(TestSetup(cacheMemory: 0)) { (service: TestService) async throws in
            #expect(try await service.client.page().status == 500)
            #expect(try await service.client.repay().status == 500)
        }
    }

    @Test func `in the provider mode, the fast lane answers no repay`() async throws {
        try await withService(TestSetup(repayMode: .provider)) { service in
            _ = try await service.client.pay()
            #expect(try await service.client.page().status == 200)
            for count in 2...3 as ClosedRange<Int64> {
                #expect(try await service.client.repay().status == 200)
                #expect(try await service.creates() == .integer(count))
            }
        }
    }

    @Test func `both lanes write the same log line and the same metrics`() async throws {
        try await Self.withPage { service in
            for (name, line) in [("page", KeptConnection.page), ("repay", KeptConnection.repay)] {
                let connection = try KeptConnection(port: service.port)
                service.ledger.setBroken(false)
                connection.write(KeptConnection.request(line, id: "\(name)-routes", [#"If-None-Match: "x""#]))
                #expect(try await connection.answer().status == 200)
                service.ledger.setBroken(true)
                connection.write(KeptConnection.request(line, id: "\(name)-fast"))
                #expect(try await connection.answer().status == 200)
                let lines = ["routes", "fast"].map { lane in
                    service.log.all.filter { $0.contains("request.id=\(name)-\(lane)") }.map(Self.withoutItsOwn)
                }
                #expect(lines[0].count == 1)
                #expect(lines[0] == lines[1])
                let durations = service.metrics.exposition().split(separator: "\n").filter {
                    $0.hasPrefix("paypage_http_request_duration_seconds_count{") && $0.contains("/\(name)\"")
                }
                // The first request created the page.
                #expect(durations.count == 1)
                #expect(durations.first?.hasSuffix(" 3") == true, "\(durations)")
            }
            #expect(service.metric(#"paypage_page_requests_total{result="hit"}"#) == "3")
        }
    }

    private static func withoutItsOwn(_ line: String) -> String {
        line.split(separator: " ").filter { !$0.hasPrefix("http.duration_ms=") && !$0.hasPrefix("request.id=") }
            .joined(separator: " ")
    }
}
