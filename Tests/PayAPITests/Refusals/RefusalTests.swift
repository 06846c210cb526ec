import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// Each code of the API, by a call that leads to it.
@Suite(.timeLimit(.minutes(5))) struct RefusalTests {
    @Test func `an unknown order number and an invalid one get the same response`() async throws {
        try await withService { service in
            for number in ["20269999_none", "x", "no-such-name", String(repeating: "9", count: 300), "%00", "%FF"] {
                expectProblem(try await service.client.repay(number), 404, "PAY_ORDER_NOT_EXIST")
                expectProblem(try await service.client.order(number), 404, "PAY_ORDER_NOT_EXIST")
                expectProblem(try await service.client.page(number), 404, "PAY_ORDER_NOT_EXIST")
                expectProblem(try await service.client.close(number), 404, "PAY_ORDER_NOT_EXIST")
            }
        }
    }

    @Test func `a provider's refusal gets a 502, and the next call uses another number`() async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": "refused"]])
            let refused = try await service.client.pay()
            expectProblem(refused, 502, "PAY_ORDER_FAIL", fields: ["provider_code"])
            #expect(refused.json["provider_code"] == "REFUSED")
            let next = try await service.client.pay()
            #expect(next.status == 200)
            #expect(next.header("Idempotent-Replayed") == nil)
            let attempts = try await service.client.order().json["attempts"]
            #expect(attempts.items.map { $0["state"] } == ["failed", "open"])
            #expect(attempts[1]["trade_no"] == "20261122_0001_2")
        }
    }

    @Test(arguments: [("error", "http_5xx"), ("garbage", "unreadable")])
    func `an unclear provider response is unknown, and a retry is safe at once`(
        fault: String, reason: String
    ) async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": .string(fault)]])
            let unknown = try await service.client.pay()
            expectProblem(unknown, 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "1")
            #expect(unknown.json["reason"] == .string(reason))
            let warning = service.log.all.first { $0.contains("provider call outcome unknown") }
            #expect(warning?.contains("provider.reason=\(reason)") == true, "\(warning ?? "no line")")
            #expect(try await service.client.pay().status == 200)
            let attempts = try await service.client.order().json["attempts"]
            #expect(attempts.items.map { $0["trade_no"] } == [.string(Sample.trade)])
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test(arguments: ["timeout", "lost"])
    func `without a provider response, callers wait out the lease`(fault: String) async throws {
        try await withService(TestSetup(transportTimeout: .milliseconds(1_500))) { service in
            try await service.setFaults([["operation": "create", "fault": .string(fault)]])
            let unanswered = try await service.client.pay()
            expectProblem(unanswered, 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "10")
            #expect(unanswered.json["reason"] == "timeout")
            service.clock.advance(by: .milliseconds(9_999))
            expectProblem(try await service.client.repay(), 504, "PAY_PROVIDER_UNKNOWN", retryAfter: "1")
            service.clock.advance(by: .milliseconds(1))
            #expect(try await service.client.repay().status == 200)
            let attempts = try await service.client.order().json["attempts"]
            #expect(attempts.items.map { $0["trade_no"] } == [.string(Sample.trade)])
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test func `a call waits briefly for another process, and then gets a 409 with Retry-After`() async throws {
        try await withService { service in
            try await service.leaseToAnotherProcess()
            async let answer = service.client.repay()
            await service.clock.waitForSleepers()
            service.clock.advance(by: .seconds(2))
            expectProblem(try await answer, 409, "PAY_IN_PROGRESS", retryAfter: "8")
            #expect(try await service.tradeCount() == 0)

            // The other process has died. Its work is resumed under the same number.
            service.clock.advance(by: .seconds(8))
            let next = try await service.client.repay()
            #expect(next.status == 200)
            #expect(try await service.creates() == 1)
        }
    }

    @Test(arguments: [["terminal": "h5"], ["channel": "sandbox2"]] as [[String: JSONValue]])
    func `policy strict refuses a switch from a page that is not proven closed`(
        _ wish: [String: JSONValue]
    ) async throws {
        let setup = TestSetup(channels: ["sandbox", "sandbox2"], tradeScope: .terminal, switchPolicy: .strict)
        try await withService(setup) { service in
            _ = try await service.client.pay()
            try await service.setFaults([["operation": "close", "fault": "close_too_early"]])
            expectProblem(try await service.client.repay(Sample.number, .object(wish)), 409, "PAY_SWITCH_UNSAFE")
            #expect(try await service.trade()["state"] == "unpaid")
            #expect(try await service.tradeCount() == 1)
        }
    }

    @Test(
        arguments: [
            ["channel": "alipay"], ["terminal": "jsapi"], ["terminal": "jsapi", "payer": ["openid": "o1"]],
        ] as [[String: JSONValue]])
    func `a channel that is unknown or lacks the terminal is unavailable`(
        change: [String: JSONValue]
    ) async throws {
        try await withService { service in
            let answer = try await service.client.pay(Sample.body(Sample.number, change))
            expectProblem(answer, 422, "PAY_CHANNEL_UNAVAILABLE")
            expectProblem(try await service.client.order(), 404, "PAY_ORDER_NOT_EXIST")
        }
    }

    @Test func `an order with twenty attempts gets no further one`() async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": "refused", "times": 20]])
            let refused = try await service.client.pay()
            expectProblem(refused, 502, "PAY_ORDER_FAIL", fields: ["provider_code"])
            #expect(refused.json["provider_code"] == "REFUSED")
            for _ in 2...20 {
                expectProblem(
                    try await service.client.repay(Sample.number, ["channel": "sandbox", "terminal": "pc"]), 502,
                    "PAY_ORDER_FAIL", fields: ["provider_code"])
            }
            expectProblem(try await service.client.repay(), 409, "PAY_TOO_MANY_ATTEMPTS")
            #expect(try await service.client.order().json["attempts"].items.count == 20)
        }
    }

    @Test func `an internal error reveals only its instance`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.ledger.setBroken(true)
            let answers = [
                try await service.client.pay(), try await service.client.repay(), try await service.client.order(),
                try await service.client.page(), try await service.client.close(),
                try await service.client.get("/v1/payments"),
            ]
            for answer in answers {
                expectProblem(answer, 500, "INTERNAL")
                #expect(!answer.text.contains("Broken"))
            }
            service.ledger.setBroken(false)
            #expect(try await service.client.repay().status == 200)
        }
    }
}

extension TestService {
    /// Another process on the same database has stored the intention and waits for the provider.
    fileprivate func leaseToAnotherProcess() async throws {
        let now = clock.now()
        let number = try #require(OrderNumber(Sample.number))
        let draft = Order(
            number: number, userID: UserID("user_1")!, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
            subject: Subject("Tea for two")!, returnURL: nil, createdAt: now, deadline: now + Self.orderTTL)
        let terms = TradeTerms(
            serves: [.pc, .h5, .app], shortestLife: .refuseBelow(.seconds(1)), closeCanBeProven: true,
            numberMayBeAskedAgain: true, exposedCanBeRevived: false)
        let call = OpeningCall(
            wish: PageWish(channel: Channel("sandbox")!, terminal: .pc), clientIP: nil, takesStoredPage: true,
            notifyURL: "http://127.0.0.1:\(port)/v1/notices/sandbox",
            channels: [Channel("sandbox")!: ProviderTerms(trades: [.pc: terms, .h5: terms, .app: terms])], rules: rules,
            worker: WorkerID("another process"))
        let step = try await ledger.update(number, creating: draft, at: now) { order in
            Decision(try order.beginOpening(call, at: now))
        }
        guard case .create = step else { throw TestServiceError(text: "\(step as Any)") }
    }
}
