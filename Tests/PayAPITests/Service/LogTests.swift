import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LogTests {
    @Test func `no line of the log holds a secret, a token, a signature, a page or a body`() async throws {
        try await withService { service in
            let token = TestService.token("user_1", expiresAt: service.clock.now() + .seconds(60))
            let paid = try await service.client.pay()
            let checkout = try #require(paid.json["checkout_url"].string?.split(separator: "/").last.map { String($0) })
            let notice = service.notice()
            _ = try await service.client.repay(as: .header("Bearer \(token)"))
            _ = try await service.client.get("/checkout/\(checkout)", as: .nobody)
            _ = try await service.client.get("/v1/payments?token=\(token)", as: .header("Bearer \(token)x"))
            _ = try await service.client.page()
            _ = try await service.send(notice)
            _ = try await service.client.pay(Sample.body("x", ["subject": "a secret\nsubject"]), key: "key-2")
            service.ledger.setBroken(true)
            _ = try await service.client.pay(Sample.body("order_2"), key: "key-2")

            let log = service.log.all.joined(separator: "\n")
            #expect(service.log.all.count >= 9)
            let signature = try #require(notice.headers[SandboxSignature.signatureHeader])
            let secrets =
                TestService.keys + [
                    token, checkout, signature, TestService.userSecret, TestService.sandboxSecret.reveal(), "DOCTYPE",
                    "Tea for two", "secret", "Bearer",
                ]
            for secret in secrets { #expect(!log.contains(secret), "\(secret.prefix(12))…") }
        }
    }

    @Test func `each request has one log line with its id, route and status`() async throws {
        try await withService { service in
            let answer = try await service.client.get(
                "/v1/payments/20269999_none?x=1", headers: ["X-Request-Id": "shop-1"])
            #expect(answer.status == 404)
            let lines = service.log.all.filter { $0.contains("request.id=shop-1") }
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            for field in ["http.method=GET", "http.route=/v1/payments/{out_trade_no}", "http.status=404"] {
                #expect(line.contains(field), "\(line)")
            }
        }
    }

    @Test func `every log line of a pay call's work has its request id`() async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": "error"]])
            let number = Sample.number
            // The lines of the start come before.
            let start = service.log.all.count
            _ = try await service.client.send(
                .post, "/v1/payments", Sample.body(number).text,
                headers: ["X-Request-Id": "shop-1", "Idempotency-Key": "key-1"])
            let before = service.log.all.count
            service.clock.advance(by: .seconds(60))
            let answer = try await service.client.send(
                .post, "/v1/payments/\(number)/repay", "{}", headers: ["X-Request-Id": "shop-2"])
            #expect(answer.status == 200)
            // The sandbox in the same process has requests of its own.
            let lines = service.log.all.enumerated().filter {
                $0.offset >= start && !$0.element.contains("http.route=/sandbox")
            }
            let (first, second) = (lines.filter { $0.offset < before }, lines.filter { $0.offset >= before })
            #expect(first.contains { $0.element.contains("provider call outcome unknown") })
            #expect(second.contains { $0.element.contains("provider call succeeded") })
            #expect(first.count >= 2 && second.count >= 2)
            for line in first { #expect(line.element.contains("request.id=shop-1"), "\(line)") }
            for line in second { #expect(line.element.contains("request.id=shop-2"), "\(line)") }
        }
    }

    @Test func `an internal error is logged under the instance of its response`() async throws {
        try await withService { service in
            service.ledger.setBroken(true)
            let answer = try await service.client.order()
            let id = try #require(answer.json["instance"].string?.split(separator: ":").last)
            let lines = service.log.all.filter { $0.contains("ERROR") && $0.contains("request.id=\(id)") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains("Broken") == true)
        }
    }
}
