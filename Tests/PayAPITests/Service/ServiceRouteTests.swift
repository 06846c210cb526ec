import Foundation
import PayCore
import PayTelemetry
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServiceRouteTests {
    @Test func `health and readiness need no key`() async throws {
        try await withService { service in
            let health = try await service.client.get("/healthz", as: .nobody)
            expectJSON(health, 200, keys: ["status"])
            #expect(health.json["status"] == "ok")
            let ready = try await service.client.get("/readyz", as: .nobody)
            expectJSON(ready, 200, keys: ["status"])
            #expect(ready.json["status"] == "ready")
        }
    }

    @Test func `a service that can't write to its database is alive but not ready`() async throws {
        try await withService { service in
            service.ledger.setBroken(true)
            #expect(try await service.client.get("/healthz", as: .nobody).status == 200)
            let refused = try await service.client.get("/readyz", as: .nobody)
            expectProblem(refused, 503, "NOT_READY", retryAfter: "5")
            service.ledger.setBroken(false)
            service.clock.advance(by: .seconds(1))
            #expect(try await service.client.get("/readyz", as: .nobody).status == 200)
        }
    }

    @Test func `a valid request id of the caller is used, and otherwise a new one`() async throws {
        try await withService { service in
            func id(for given: String?) async throws -> String? {
                try await service.client.get("/healthz", headers: given.map { ["X-Request-Id": $0] } ?? [:])
                    .header("X-Request-Id")
            }
            #expect(try await id(for: "shop-42") == "shop-42")
            let longest = String(repeating: "x", count: 64)
            #expect(try await id(for: longest) == longest)
            for unfit in [nil, longest + "x", "two words", "caf\u{e9}"] {
                let made = try await id(for: unfit)
                #expect(made?.count == 36)
                #expect(made != unfit)
            }
            let (one, other) = (try await id(for: nil), try await id(for: nil))
            #expect(one != other)
        }
    }

    @Test func `metrics need an API key, and have Prometheus' format`() async throws {
        try await withService { service in
            let answer = try await service.client.get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == PrometheusMetrics.contentType)
            expectProblem(try await service.client.get("/metrics", as: .nobody), 401, "UNAUTHORIZED")
            expectProblem(try await service.client.get("/metrics", as: .user("user_1")), 403, "FORBIDDEN")
        }
    }

    @Test func `every metric is exposed at zero from the start`() async throws {
        try await withService { service in
            let text = try await service.client.get("/metrics").text
            var expected: [String] = []
            for operation in ["create", "query", "close", "refund"] {
                let calls = #"paypage_provider_calls_total{channel="sandbox",operation="\#(operation)",outcome"#
                expected += ["ok", "refused"].map { #"\#(calls)="\#($0)"} 0"# }
                expected += [
                    "timeout", "connection", "tls", "http_5xx", "unreadable", "signature", "serial", "other_trade",
                ].map { #"\#(calls)="unknown",reason="\#($0)"} 0"# }
            }
            for terminal in ["pc", "h5", "app"] {
                expected.append(#"paypage_pages_minted_total{channel="sandbox",terminal="\#(terminal)"} 0"#)
            }
            for result in ["hit", "miss", "stale", "collapsed"] {
                expected.append(#"paypage_page_requests_total{result="\#(result)"} 0"#)
            }
            for state in ["new", "paid", "closed", "expired"] {
                expected.append(#"paypage_orders_total{state="\#(state)"} 0"#)
            }
            expected.append(#"paypage_duplicate_payments_total{channel="sandbox"} 0"#)
            expected.append(#"paypage_returned_payments_total{channel="sandbox"} 0"#)
            expected.append(#"paypage_late_payments_total{channel="sandbox"} 0"#)
            for outcome in ["settled", "repeated", "disputed", "orphan"] {
                expected.append(#"paypage_notices_total{channel="sandbox",outcome="\#(outcome)"} 0"#)
            }
            expected += ["signature", "serial", "too_old", "unreadable", "decryption"].map {
                #"paypage_notices_total{channel="sandbox",outcome="refused",reason="\#($0)"} 0"#
            }
            let lines = Set(text.split(separator: "\n").map(String.init))
            #expect(expected.filter { !lines.contains($0) } == [])
            #expect(lines.contains("# TYPE paypage_http_request_duration_seconds histogram"))
        }
    }

    @Test func `the metrics count provider calls, pages, orders, payments and notices`() async throws {
        try await withService(TestSetup(comparesLanes: false)) { service in
            _ = try await service.client.pay()
            _ = try await service.client.repay()
            _ = try await service.client.repay(Sample.number, ["terminal": "h5"])
            service.clock.advance(by: .seconds(300))
            _ = try await service.client.repay()
            try await service.payAndSettle()
            _ = try await service.send(service.notice(transaction: "sbx_2"))
            _ = try await service.client.pay(Sample.body("order_2"), key: "key-2")
            _ = try await service.client.close("order_2")
            _ = try await service.send(service.notice(of: "order_2_1", transaction: "sbx_3"))
            try await service.setFaults([
                ["operation": "create", "fault": "refused"], ["operation": "create", "fault": "error"],
            ])
            _ = try await service.client.pay(Sample.body("order_3"), key: "key-3")
            _ = try await service.client.pay(Sample.body("order_4"), key: "key-4")

            let calls = "paypage_provider_calls_total"
            let expected = [
                (#"\#(calls){channel="sandbox",operation="create",outcome="ok"}"#, "3"),
                (#"\#(calls){channel="sandbox",operation="create",outcome="refused"}"#, "1"),
                (#"\#(calls){channel="sandbox",operation="create",outcome="unknown",reason="http_5xx"}"#, "1"),
                (#"\#(calls){channel="sandbox",operation="close",outcome="ok"}"#, "1"),
                (#"\#(calls){channel="sandbox",operation="query",outcome="ok"}"#, "1"),
                (#"paypage_pages_minted_total{channel="sandbox",terminal="pc"}"#, "3"),
                (#"paypage_page_requests_total{result="hit"}"#, "2"),
                (#"paypage_page_requests_total{result="miss"}"#, "2"),
                (#"paypage_page_requests_total{result="stale"}"#, "1"),
                (#"paypage_orders_total{state="new"}"#, "4"),
                (#"paypage_orders_total{state="paid"}"#, "1"),
                (#"paypage_orders_total{state="closed"}"#, "1"),
                (#"paypage_duplicate_payments_total{channel="sandbox"}"#, "1"),
                (#"paypage_late_payments_total{channel="sandbox"}"#, "1"),
                (#"paypage_notices_total{channel="sandbox",outcome="settled"}"#, "3"),
            ]
            for (series, value) in expected { #expect(service.metric(series) == value, "\(series)") }
        }
    }

    @Test func `requests are timed by method, route and status, without a client's own words`()
        async throws
    {
        try await withService { service in
            _ = try await service.client.pay()
            for number in ["order_1", "order_2"] { _ = try await service.client.order(number) }
            for method in ["PROPFIND", "MKCOL"] {
                _ = try await RawConnection.send(port: service.port, ["\(method) /nowhere/\(method) HTTP/1.1"])
            }
            let text = service.metrics.exposition()
            let name = "paypage_http_request_duration_seconds"
            #expect(text.contains(#"\#(name)_count{method="POST",route="/v1/payments",status="201"} 1"#))
            #expect(text.contains(#"\#(name)_count{method="GET",route="/v1/payments/{out_trade_no}",status="404"} 2"#))
            #expect(text.contains(#"\#(name)_count{method="other","#))
            for stranger in ["order_1", "PROPFIND", "nowhere"] { #expect(!text.contains(stranger)) }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct MethodTests {
    @Test(arguments: [
        ("/v1/payments", ["GET", "HEAD", "POST"]), ("/v1/payments/\(Sample.number)", ["GET", "HEAD"]),
        ("/v1/payments/\(Sample.number)/repay", ["POST"]), ("/v1/payments/\(Sample.number)/page", ["GET", "HEAD"]),
        ("/v1/payments/\(Sample.number)/events", ["GET", "HEAD"]), ("/checkout/token/events", ["GET", "HEAD"]),
        ("/v1/payments/\(Sample.number)/close", ["POST"]), ("/v1/notices/sandbox", ["POST"]),
        ("/checkout/x/payment", ["GET", "HEAD"]), ("/checkout/x/repay", ["POST"]),
        ("/checkout/x/page", ["GET", "HEAD"]), ("/healthz", ["GET", "HEAD"]), ("/readyz", ["GET", "HEAD"]),
        ("/metrics", ["GET", "HEAD"]),
        ("/openapi.yaml", ["GET", "HEAD"]),
    ])
    func `a 405 lists the allowed methods of its path`(path: String, methods: [String]) async throws {
        try await withService { service in
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
                let answer = try await RawConnection.send(
                    port: service.port, ["\(method) \(path) HTTP/1.1", "Content-Length: 0"])
                if methods.contains(method) {
                    #expect(answer.status != 405, "\(method) \(path)")
                } else {
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(Set((answer.header("Allow") ?? "").components(separatedBy: ", ")) == Set(methods))
                    if method != "HEAD" { expectProblem(answer, 405, "METHOD_NOT_ALLOWED") }
                }
            }
        }
    }

    @Test func `HEAD is answered as GET is, without the body`() async throws {
        try await withService { service in
            let get = try await service.client.get("/healthz")
            let head = try await RawConnection.send(port: service.port, ["HEAD /healthz HTTP/1.1"])
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.header("Content-Type") == get.header("Content-Type"))
        }
    }

    @Test(arguments: ["/", "/v1", "/v1/payment", "/v1/payments/a/b/c", "/v2/payments", "/checkout", "/%2e%2e/x", "//"])
    func `an unknown path gets a 404`(path: String) async throws {
        try await withService { service in
            expectProblem(try await service.client.get(path), 404, "NOT_FOUND")
        }
    }
}
