import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// A provider that is down, as the shop sees it: first unknown results, then fast refusals, then one probe.
@Suite(.timeLimit(.minutes(5))) struct PauseTests {
    private func number(_ index: Int) -> String { "20261122_1\(index + 100)" }

    /// Makes ten first pays that the sandbox answers with a 500.
    private func open(_ service: TestService, _ channel: String = "sandbox") async throws {
        try await service.setFault("create", "error", times: 100)
        for index in 0..<10 {
            let answer = try await service.client.pay(
                Sample.body(number(index), ["channel": .string(channel)]), key: "down-\(index)")
            expectProblem(answer, 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "1")
        }
    }

    @Test func `after ten failures the circuit opens, one probe is sent, and a success closes it`() async throws {
        try await withService { service in
            // Given
            _ = try await service.client.pay()
            try await open(service)

            // Then
            let refused = try await service.client.pay(Sample.body(number(10)), key: "down-10")
            expectProblem(refused, 503, "PAY_PROVIDER_UNAVAILABLE", retryAfter: "5")
            let again = try await service.client.repay(number(0), ["channel": "sandbox", "terminal": "pc"])
            expectProblem(again, 503, "PAY_PROVIDER_UNAVAILABLE", retryAfter: "5")
            #expect(try await service.client.repay().cacheStatus?.hasPrefix("paypage; hit") == true)
            #expect(service.calls(number(10)).isEmpty)

            // When the pause ends, the first call is the probe. The probe fails, and the pause doubles.
            service.clock.advance(by: .seconds(5))
            let probe = try await service.client.repay(number(0), ["channel": "sandbox", "terminal": "pc"])
            expectProblem(probe, 504, "PAY_PROVIDER_UNKNOWN", fields: ["reason"], retryAfter: "1")
            let after = try await service.client.pay(Sample.body(number(10)), key: "down-10")
            expectProblem(after, 503, "PAY_PROVIDER_UNAVAILABLE", retryAfter: "10")

            // When the provider is available again
            service.clock.advance(by: .seconds(10))
            try await service.setFaults([])
            #expect(try await service.client.pay(Sample.body(number(10)), key: "down-10").status == 201)
            for index in 0..<10 {
                let page = try await service.client.repay(number(index), ["channel": "sandbox", "terminal": "pc"])
                #expect(page.status == 200)
            }
            #expect(service.calls(number(10)) == ["create _1 ok"])
            #expect(service.calls(number(9)) == ["create _1 unknown", "create _1 ok"])
        }
    }

    @Test func `an open circuit of one channel does not affect other channels`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            try await open(service)
            try await service.setFaults([])
            let refused = try await service.client.pay(Sample.body(number(10)), key: "down-10")
            expectProblem(refused, 503, "PAY_PROVIDER_UNAVAILABLE", retryAfter: "5")
            let other = try await service.client.pay(
                Sample.body(number(10), ["channel": "sandbox2"]), key: "down-10")
            #expect(other.status == 201)
            #expect(try await service.client.goTo("sandbox2").status == 200)
            #expect(try await service.attempts() == ["_1 exposed", "_2 open"])
        }
    }
}
