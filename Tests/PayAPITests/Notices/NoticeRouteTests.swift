import GRDB
import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct NoticeRouteTests {
    /// The stored notices.
    private func stored(_ service: TestService) throws -> [String] {
        let connection = try DatabaseQueue(path: service.databasePath)
        defer { try? connection.close() }
        return try connection.read {
            try String.fetchAll($0, sql: "SELECT notice_id || ' ' || outcome FROM notices ORDER BY id")
        }
    }

    @Test func `a sandbox payment makes the order paid, and a repay is refused`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            try await service.payAndSettle()
            #expect(try await service.client.order().json["state"] == "paid")
            let repay = try await service.client.repay()
            expectProblem(repay, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(repay.json["state"] == "paid")
            let pay = try await service.client.pay(key: "another-key")
            expectProblem(pay, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
        }
    }

    @Test func `a notice is answered exactly as its provider expects`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.send(service.notice())
            #expect(answer.status == 200)
            #expect(answer.text == "success")
            #expect(answer.header("Content-Type") == "text/plain")
            #expect(answer.header("X-Request-Id") != nil)
            #expect(try await service.client.order().json["state"] == "paid")
        }
    }

    @Test(arguments: [
        (Int64.min, "1970-01-01T00:00:00Z"), (-99_999_999_999_999, "1970-01-01T00:00:00Z"),
        (.max, "9999-12-31T23:59:59Z"),
    ])
    func `a payment with an unwritable time pays the order, and the order can be read`(
        _ paidAt: Int64, _ written: String
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(paidAt: paidAt)).status == 200)
            let order = try await service.client.order()
            #expect(order.json["state"] == "paid")
            #expect(order.json["receipts"].items.first?["paid_at"] == .string(written))
        }
    }

    @Test func `an order with a stored payment of an unwritable time can be read`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.send(service.notice())
            let connection = try DatabaseQueue(path: service.databasePath)
            defer { try? connection.close() }
            try await connection.write { db in
                try db.execute(sql: "DROP TRIGGER receipts_keep_their_particulars")
                try db.execute(sql: "UPDATE receipts SET paid_at = -9223372036854775807")
            }
            let order = try await service.client.order()
            #expect(order.status == 200)
            #expect(order.json["receipts"].items.first?["paid_at"] == "1970-01-01T00:00:00Z")
        }
    }

    @Test func `a matching notice resolves a disputed payment, and the history has both`() async throws {
        try await withService { service in
            // Given a payment to another account, as a wrong setting of ours would cause.
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(merchant: "somebody")).status == 200)
            #expect(try await service.client.order().json["state"] == "new")

            // When a matching notice arrives with the same number.
            #expect(try await service.send(service.notice()).status == 200)

            // Then
            let order = try await service.client.order()
            #expect(order.json["state"] == "paid")
            #expect(order.json["receipts"].items.map { $0["standing"] } == ["honest"])
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="disputed"}"#) == "1")
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="settled"}"#) == "1")
        }
    }

    @Test func `the same notice twice is acknowledged twice and counts once`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for _ in 1...2 { #expect(try await service.send(service.notice()).text == "success") }
            // The same payment in a notice with another id is still the same payment.
            #expect(try await service.send(service.notice(id: "notice_again")).text == "success")
            let order = try await service.client.order()
            #expect(order.json["receipts"].items.count == 1)
            #expect(order.json["refunds"] == [])
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="settled"}"#) == "1")
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="repeated"}"#) == "2")
            #expect(try stored(service) == ["notice_sbx_1 paid", "notice_again repeated"])
        }
    }

    @Test func `50 notices of one payment at once are one receipt`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answers = try await concurrently(50) { index in
                try await service.send(service.notice(id: "notice_\(index)"))
            }
            #expect(answers.allSatisfy { $0.text == "success" })
            let order = try await service.client.order()
            #expect(order.json["receipts"].items.count == 1)
            #expect(order.json["refunds"] == [])
        }
    }

    @Test(arguments: ["20261122_9999_1", "20261122_0001_2", "not one of ours!", ""])
    func `a payment of an unknown trade is stored and acknowledged`(trade: String) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.send(service.notice(of: trade, transaction: "sbx_9"))
            #expect(answer.status == 200)
            #expect(answer.text == "success")
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="orphan"}"#) == "1")
            #expect(try await service.client.order().json["state"] == "new")
            #expect(try stored(service) == ["notice_sbx_9 orphan"])
        }
    }

    @Test(arguments: [(9_899, "CNY", "paypage"), (9_900, "USD", "paypage"), (9_900, "CNY", "somebody else")])
    func `a payment of another amount, currency or account is disputed and does not pay`(
        amount: Int64, currency: String, merchant: String
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let answer = try await service.send(
                service.notice(amount: amount, currency: currency, merchant: merchant))
            #expect(answer.text == "success")
            let order = try await service.client.order()
            #expect(order.json["state"] == "new")
            #expect(order.json["receipts"][0]["standing"] == "disputed")
            #expect(order.json["receipts"][0]["amount"] == .integer(amount))
            #expect(service.metric(#"paypage_notices_total{channel="sandbox",outcome="disputed"}"#) == "1")
        }
    }

    enum Forgery: CaseIterable {
        case wrongSecret, otherBody, otherChannel, noSignature, noTimestamp, otherTimestamp, tooOld, tooNew, noNotice
        case empty

        var reason: String {
            switch self {
            case .wrongSecret, .otherBody, .otherChannel, .noSignature, .noTimestamp, .otherTimestamp, .empty:
                "signature"
            case .tooOld, .tooNew: "too_old"
            case .noNotice: "unreadable"
            }
        }
    }

    @Test(arguments: Forgery.allCases)
    func `a notice without a current signature of its provider is refused and not stored`(
        forgery: Forgery
    ) async throws {
        try await withService(TestSetup(channels: ["sandbox", "sandbox2"])) { service in
            _ = try await service.client.pay()
            let answer = try await service.send(forged(forgery, service))
            #expect(answer.status == 401)
            #expect(answer.text == "refused")
            #expect(try await service.client.order().json["state"] == "new")
            #expect(try stored(service) == [])
            let metric = #"paypage_notices_total{channel="sandbox",outcome="refused",reason="\#(forgery.reason)"}"#
            #expect(service.metric(metric) == "1")
            let warnings = service.log.all.filter { $0.contains("notice refused") }
            #expect(warnings.count == 1, "\(warnings)")
            #expect(warnings[0].contains("WARNING") && warnings[0].contains("provider.channel=sandbox"))
            #expect(warnings[0].contains("notice.reason=\(forgery.reason)"))
            #expect(!warnings[0].contains("sbx_") && !warnings[0].contains("{"))
        }
    }

    private func forged(_ forgery: Forgery, _ service: TestService) -> TestNotice {
        var notice = service.notice()
        let now = service.clock.now()
        switch forgery {
        case .wrongSecret: notice = service.notice(secret: Secret("some other secret"))
        case .otherBody: notice.body += [0x20]
        case .otherChannel:
            notice = service.notice(channel: "sandbox2")
            notice.channel = "sandbox"
        case .noSignature: notice.headers[SandboxSignature.signatureHeader] = nil
        case .noTimestamp: notice.headers[SandboxSignature.timestampHeader] = nil
        case .otherTimestamp: notice.headers[SandboxSignature.timestampHeader] = "\(now.milliseconds + 1)"
        case .tooOld: notice = service.notice(signedAt: now - .milliseconds(300_001))
        case .tooNew: notice = service.notice(signedAt: now + .milliseconds(300_001))
        case .noNotice: notice = service.signed(Array("[]".utf8))
        case .empty: notice = TestNotice(channel: "sandbox", body: [], headers: [:])
        }
        return notice
    }

    @Test func `a notice that can't be stored gets an error, so that its provider resends it`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.ledger.setBroken(true)
            let lost = try await service.send(service.notice())
            #expect(lost.status == 500)
            #expect(lost.text == "not stored")
            service.ledger.setBroken(false)
            #expect(try await service.send(service.notice()).status == 200)
            #expect(try await service.client.order().json["state"] == "paid")
        }
    }

    @Test(arguments: ["alipay", "Sandbox", "..", "%00"])
    func `a notice for an unconfigured channel gets a 404`(channel: String) async throws {
        try await withService { service in
            let answer = try await service.client.send(.post, "/v1/notices/\(channel)", "{}", as: .nobody)
            expectProblem(answer, 404, "NOT_FOUND")
        }
    }

    @Test func `a notice that is too large is refused before it is read`() async throws {
        try await withService { service in
            let notice = service.signed(Array(repeating: 0x20, count: 65_537))
            expectProblem(try await service.send(notice), 413, "PAYLOAD_TOO_LARGE")
        }
    }

    @Test func `notices are rate-limited per address, with Retry-After`() async throws {
        try await withService { service in
            let forged = forged(.wrongSecret, service)
            for _ in 1...200 { #expect(try await service.send(forged).status == 401) }
            expectProblem(try await service.send(forged), 429, "RATE_LIMITED", retryAfter: "1")
            #expect(
                service.metric(#"paypage_notices_total{channel="sandbox",outcome="refused",reason="signature"}"#)
                    == "200")
            // The limit refills at 50 per second.
            service.clock.advance(by: .milliseconds(20))
            #expect(try await service.send(forged).status == 401)
            #expect(try await service.send(forged).status == 429)
            // `X-Forwarded-For` of an untrusted client is ignored.
            #expect(try await service.send(forged, headers: ["X-Forwarded-For": "203.0.113.7"]).status == 429)
        }
    }

    @Test func `behind a trusted proxy each notice sender has its own rate limit`() async throws {
        try await withService(TestSetup(trustedProxies: ["127.0.0.1"])) { service in
            let forged = forged(.wrongSecret, service)
            let (one, other) = (["X-Forwarded-For": "203.0.113.7"], ["X-Forwarded-For": "203.0.113.7, 203.0.113.8"])
            for _ in 1...200 { _ = try await service.send(forged, headers: one) }
            #expect(try await service.send(forged, headers: one).status == 429)
            #expect(try await service.send(forged, headers: other).status == 401)
            #expect(try await service.send(forged).status == 401)
        }
    }

    @Test func `notices from one IPv6 prefix of 64 bits share a rate limit`() async throws {
        try await withService(TestSetup(trustedProxies: ["127.0.0.1"])) { service in
            let forged = forged(.wrongSecret, service)
            func send(from address: String) async throws -> Int {
                try await service.send(forged, headers: ["X-Forwarded-For": address]).status
            }
            for index in 1...200 { _ = try await send(from: "[2001:db8:1:2::\(index)]:4\(index)") }
            #expect(try await send(from: "2001:db8:1:2:ffff::1") == 429)
            #expect(try await send(from: "2001:db8:1:3::1") == 401)
        }
    }
}
