import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct OneCallTests {
    enum Keys: CaseIterable {
        case one, eachItsOwn
    }

    /// The provider answers only after all calls have arrived, so that they run concurrently.
    @Test(arguments: Keys.allCases)
    func `200 concurrent first pay calls make one order, one attempt, one create and one page`(
        keys: Keys
    ) async throws {
        try await withService { service in
            try await service.setFaults([["operation": "create", "fault": "slow", "ms": 5]])
            async let answers = concurrently(200) { index in
                try await service.client.pay(key: keys == .one ? "the-key" : "key-\(index)")
            }
            await service.clock.waitForSleepers()
            await service.ledger.waitForReads(of: OrderNumber(Sample.number)!, 200)
            service.clock.advance(by: .milliseconds(5))

            let all = try await answers
            #expect(all.count == 200)
            #expect(all.allSatisfy { [200, 201].contains($0.status) })
            #expect(all.contains { $0.status == 201 })
            #expect(Set(all.map(\.page)).count == 1)
            #expect(all.count { $0.cacheStatus == "paypage; fwd=uri-miss; stored" } == 1)
            #expect(
                Set(all.map(\.cacheStatus)).isSubset(of: [
                    "paypage; fwd=uri-miss; stored", "paypage; fwd=uri-miss; collapsed", "paypage; hit; ttl=300",
                ]))
            #expect(try await service.creates() == 1)
            #expect(try await service.tradeCount() == 1)
            #expect(try await service.client.get("/v1/payments").json["payments"].items.count == 1)
            #expect(try await service.client.order().json["attempts"].items.count == 1)
        }
    }

    @Test func `concurrent repays of an expired page make one create`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            service.clock.advance(by: .seconds(300))
            try await service.setFaults([["operation": "create", "fault": "slow", "ms": 5]])
            async let answers = concurrently(100) { _ in try await service.client.repay() }
            await service.clock.waitForSleepers()
            await service.ledger.waitForReads(of: OrderNumber(Sample.number)!, 101)
            service.clock.advance(by: .milliseconds(5))

            let all = try await answers
            #expect(all.allSatisfy { $0.status == 200 })
            #expect(all.count { $0.cacheStatus == "paypage; fwd=stale; stored" } == 1)
            #expect(all.contains { $0.cacheStatus == "paypage; fwd=stale; collapsed" })
            #expect(try await service.creates() == 2)
            #expect(try await service.tradeCount() == 1)
        }
    }
}
