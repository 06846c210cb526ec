import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExpiryTests {
    @Test func `a page is returned up to, not at, its expiry, and then the same trade is created again`()
        async throws
    {
        try await withService { service in
            let first = try await service.client.pay()
            #expect(first.cacheStatus == "paypage; fwd=uri-miss; stored")
            #expect(first.page["expires_in"] == 300)
            #expect(first.page["expires_at"] == "2026-11-22T10:05:00Z")

            service.clock.advance(by: .seconds(299))
            #expect(try await service.client.repay().cacheStatus == "paypage; hit; ttl=1")
            service.clock.advance(by: .milliseconds(999))
            let last = try await service.client.repay()
            #expect(last.cacheStatus == "paypage; hit; ttl=0")
            #expect(last.page["content"] == first.page["content"])
            #expect(try await service.creates() == 1)

            service.clock.advance(by: .milliseconds(1))
            let next = try await service.client.repay()
            #expect(next.status == 200)
            #expect(next.cacheStatus == "paypage; fwd=stale; stored")
            #expect(next.page["expires_at"] == "2026-11-22T10:10:00Z")
            #expect(try await service.client.repay().cacheStatus == "paypage; hit; ttl=300")

            // The sandbox would refuse the same number with another deadline.
            #expect(try await service.creates() == 2)
            #expect(try await service.tradeCount() == 1)
            let attempts = try await service.client.order().json["attempts"]
            #expect(attempts.items.map { $0["trade_no"] } == [.string(Sample.trade)])
            #expect(attempts[0]["provider_deadline"] == "2026-11-22T10:30:00Z")
        }
    }

    @Test func `a page route returns no page at its expiry, and calls no provider`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .milliseconds(299_999))
            #expect(try await service.client.page().status == 200)
            #expect(try await service.client.order().json["page"] != .null)
            service.clock.advance(by: .milliseconds(1))
            expectProblem(try await service.client.page(), 404, "PAY_PAGE_NOT_FOUND")
            #expect(try await service.client.order().json["page"] == .null)
            #expect(try await service.creates() == 1)
        }
    }

    @Test(arguments: [(.reserve, 1_740), (.grace, 1_800)] as [(DeadlinePolicy, Int64)])
    func `pay calls are accepted up to, not at, the cut-off`(policy: DeadlinePolicy, cutOff: Int64) async throws {
        let setup = TestSetup(
            pageTTL: .seconds(7_200), deadlines: Deadlines(policy: policy, margin: .seconds(60)))
        try await withService(setup) { service in
            #expect(try await service.client.pay().status == 201)
            service.clock.advance(by: .milliseconds(cutOff * 1_000 - 1))
            #expect(try await service.client.repay().status == 200)
            #expect(try await service.client.pay(key: "another-key").status == 200)
            service.clock.advance(by: .milliseconds(1))
            expectProblem(try await service.client.repay(), 410, "PAY_ORDER_PAY_TIMEOUT")
            expectProblem(try await service.client.pay(key: "another-key"), 410, "PAY_ORDER_PAY_TIMEOUT")
            expectProblem(try await service.client.pay(), 410, "PAY_ORDER_PAY_TIMEOUT")
            #expect(try await service.creates() == 1)
        }
    }

    @Test func `a page expires with its order, and its countdown stops at zero`() async throws {
        let setup = TestSetup(
            pageTTL: .seconds(7_200), deadlines: Deadlines(policy: .grace, margin: .seconds(60)))
        try await withService(setup) { service in
            let first = try await service.client.pay(Sample.body(Sample.number, ["expires_in": 90]))
            #expect(first.json["expires_in"] == 90)
            #expect(first.page["expires_in"] == 90)
            #expect(first.json["expires_at"] == "2026-11-22T10:01:30Z")
            let deadline = try await service.client.order().json["attempts"][0]["provider_deadline"]
            #expect(deadline == "2026-11-22T10:02:30Z")
            service.clock.advance(by: .seconds(91))
            let order = try await service.client.order()
            #expect(order.json["expires_in"] == 0)
            #expect(order.json["state"] == "new")
        }
    }

    @Test func `a re-mint that would outlive the provider's deadline is refused, and no provider is called`()
        async throws
    {
        // The page expires ten seconds before the cut-off. A call may take eight.
        let setup = TestSetup(
            pageTTL: .seconds(1_795), deadlines: Deadlines(policy: .reserve, margin: .seconds(2)))
        try await withService(setup) { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(1_795))
            expectProblem(try await service.client.repay(), 410, "PAY_ORDER_PAY_TIMEOUT")
            #expect(try await service.creates() == 1)
        }
    }
}
