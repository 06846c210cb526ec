import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

/// A channel that accepts no new attempts, by HTTP and on the checkout page.
@Suite(.timeLimit(.minutes(5))) struct ChannelTests {
    private static func switchedOff(_ channel: String) -> TestSetup {
        var setup = TestSetup.twoChannels()
        setup.switchedOff = [channel]
        return setup
    }

    @Test func `a disabled channel refuses new attempts with 422, and its live page stays`() async throws {
        try await withService(Self.switchedOff("sandbox2")) { service in
            _ = try await service.client.pay()
            expectProblem(try await service.client.goTo("sandbox2"), 422, "PAY_CHANNEL_UNAVAILABLE")
            let first = try await service.client.pay(
                Sample.body("20261122_0009", ["channel": "sandbox2"]), key: "first")
            expectProblem(first, 422, "PAY_CHANNEL_UNAVAILABLE")
            #expect(try await service.client.get("/v1/payments/20261122_0009").status == 404)
            #expect(try await service.client.repay().cacheStatus?.hasPrefix("paypage; hit") == true)
            #expect(try await service.attempts() == ["_1 open"])
        }
    }

    @Test func `the checkout page offers a disabled channel only for its live attempt`() async throws {
        try await withService(Self.switchedOff("sandbox2")) { service in
            _ = try await service.client.pay()
            let choice = #"name="channel" value="sandbox2""#
            #expect(!(try await service.shopper().look().text.contains(choice)))
            let pressed = try await service.shopper().press("sandbox2")
            #expect(pressed.notice == "unavailable")
        }
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            let choice = #"name="channel" value="sandbox2""#
            #expect(try await service.shopper().look().text.contains(choice))
        }
    }

    @Test func `readyz names channels that are missing in the configuration, and stays ready`() async throws {
        var setup = TestSetup()
        setup.withoutChannels = ["wechat"]
        try await withService(setup) { service in
            let ready = try await service.client.get("/readyz", as: .nobody)
            expectJSON(ready, 200, keys: ["status", "without_channels"])
            #expect(ready.json["status"] == "ready" && ready.json["without_channels"] == ["wechat"])
        }
    }
}
