import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// A change of terminal or channel during a payment.
@Suite(.timeLimit(.minutes(5))) struct SwitchRouteTests {
    @Test func `another terminal gets a page of the same trade, and the first page stays live`() async throws {
        try await withService { service in
            let desktop = try await service.client.pay()
            let phone = try await service.client.repay(Sample.number, ["terminal": "app"])
            #expect(phone.status == 200)
            #expect(phone.cacheStatus == "paypage; fwd=uri-miss; stored")
            #expect(phone.page["kind"] == "sdk")
            #expect(try await service.attempts() == ["_1 open"])
            #expect(try await service.books() == ["_1 unpaid 2"])
            #expect(service.calls() == ["create _1 ok", "create _1 ok"])

            let again = try await service.client.repay(Sample.number, ["terminal": "pc"])
            #expect(again.cacheStatus == "paypage; hit; ttl=300")
            #expect(again.page["content"] == desktop.page["content"])
            // One HTML page serves both the mobile browser and the desktop.
            let mobile = try await service.client.repay(Sample.number, ["terminal": "h5"])
            #expect(mobile.page["content"] == desktop.page["content"])
            #expect(try await service.books() == ["_1 unpaid 2"])
        }
    }

    @Test(arguments: ["h5", "app"])
    func `a switch of terminal closes and queries the old trade before it opens the next`(
        terminal: String
    ) async throws {
        try await withService(TestSetup(tradeScope: .terminal)) { service in
            _ = try await service.client.pay()
            let phone = try await service.client.repay(Sample.number, ["terminal": .string(terminal)])
            #expect(phone.status == 200)
            #expect(phone.page["terminal"] == .string(terminal))
            #expect(try await service.attempts() == ["_1 closed", "_2 open"])
            #expect(try await service.books() == ["_1 closed 1", "_2 unpaid 1"])
            #expect(service.calls() == ["create _1 ok", "close _1 ok", "query _1 ok", "create _2 ok"])
        }
    }

    @Test func `a switch of channel closes and queries the old trade before it opens the next`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let switched = try await service.client.goTo("sandbox2")
            #expect(switched.status == 200)
            #expect(switched.cacheStatus == "paypage; fwd=uri-miss; stored")
            #expect(switched.page["channel"] == "sandbox2")
            #expect(try await service.attempts() == ["_1 closed", "_2 open"])
            #expect(try await service.books() == ["_1 closed 1", "_2 unpaid 1"])
            #expect(service.calls() == ["create _1 ok", "close _1 ok", "query _1 ok", "create _2 ok"])
            expectProblem(
                try await service.client.page(Sample.number, "?channel=sandbox"), 404, "PAY_PAGE_NOT_FOUND")

            let back = try await service.client.goTo("sandbox")
            #expect(back.status == 200)
            #expect(try await service.attempts() == ["_1 closed", "_2 closed", "_3 open"])
            #expect(try await service.books() == ["_1 closed 1", "_2 closed 1", "_3 unpaid 1"])
        }
    }

    @Test(arguments: SwitchPolicy.allCases)
    func `a payment found during a switch makes the order paid, and no trade is opened`(
        policy: SwitchPolicy
    ) async throws {
        try await withService(.twoChannels(policy)) { service in
            _ = try await service.client.pay()
            try await service.setFault("notify", "notify_never")
            try await service.payInSandbox()
            let switched = try await service.client.goTo("sandbox2")
            expectProblem(switched, 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            #expect(switched.json["state"] == "paid")
            #expect(try await service.attempts() == ["_1 paid"])
            #expect(try await service.books() == ["_1 paid 1"])
            let order = try await service.client.order()
            #expect(order.json["receipts"].items.map { $0["standing"] } == ["honest"])
            #expect(order.json["refunds"] == [])
        }
    }

    @Test func `a replay whose page was superseded returns no page and switches nothing`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay(key: "K1")
            _ = try await service.client.goTo("sandbox2", key: "K2")
            let calls = service.calls()
            for _ in 1...2 {
                expectProblem(try await service.client.pay(key: "K1"), 409, "PAY_PAGE_SUPERSEDED")
            }
            let replay = try await service.client.goTo("sandbox2", key: "K2")
            #expect(replay.header("Idempotent-Replayed") == "true")
            #expect(service.calls() == calls)
            #expect(try await service.attempts() == ["_1 closed", "_2 open"])
        }
    }

    @Test func `after 20 attempts a switch is refused, and the live page stays`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            for attempt in 2...20 {
                let answer = try await service.client.goTo(attempt % 2 == 0 ? "sandbox2" : "sandbox")
                #expect(answer.status == 200)
            }
            expectProblem(try await service.client.goTo("sandbox"), 409, "PAY_TOO_MANY_ATTEMPTS")
            #expect(try await service.client.goTo("sandbox2").cacheStatus == "paypage; hit; ttl=300")
            #expect(try await service.attempts().last == "_20 open")
            #expect(try await service.books().last == "_20 unpaid 1")
        }
    }

    @Test(arguments: ["refused", "error", "timeout", "lost"])
    func `after a failed switch, the buyer can switch back to the first channel`(fault: String) async throws {
        try await withService(.twoChannels(transportTimeout: .milliseconds(1_500))) { service in
            _ = try await service.client.pay()
            try await service.setFault("create", fault)
            let switched = try await service.client.goTo("sandbox2")
            #expect(switched.code == (fault == "refused" ? "PAY_ORDER_FAIL" : "PAY_PROVIDER_UNKNOWN"))
            let second = fault == "refused" ? "_2 failed" : "_2 creating"
            #expect(try await service.attempts() == ["_1 closed", second])
            // No caller has a page of the second channel, so the way back needs no close.
            #expect(try await service.client.goTo("sandbox").status == 200)
            let given = fault == "refused" ? "_2 failed" : "_2 exposed"
            #expect(try await service.attempts() == ["_1 closed", given, "_3 open"])
        }
    }
}
