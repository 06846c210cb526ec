import PayProviders
import Testing

/// A channel is taken out of service while the service runs, and across a restart.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ChannelTests {
    private static let two = ["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]

    private func channels(_ arguments: String..., in story: Story) async throws -> Paypage.Run {
        try await Paypage.run(["channels"] + arguments, settings: story.database, in: story.folder)
    }

    private func switchTo(_ channel: String, _ order: String, _ service: Service) async throws -> ProviderReply {
        try await service.call(
            .post, "/v1/payments/\(order)/repay", json: #"{"channel":"\#(channel)","terminal":"pc"}"#)
    }

    @Test func `a channel is paused and resumed while the service runs`() async throws {
        try await Story.run(Self.two) { story, sandbox, service in
            _ = try await service.firstPay("paused_1")
            #expect(try await channels("pause", "sandbox2", in: story).end == .exited(0))

            let refused = try await switchTo("sandbox2", "paused_1", service)
            #expect(refused.status == 422 && refused.code == "PAY_CHANNEL_UNAVAILABLE")
            let first = try await service.firstPay("paused_2", channel: "sandbox2")
            #expect(first.status == 422 && first.code == "PAY_CHANNEL_UNAVAILABLE")
            #expect(try await service.repay("paused_1").cacheStatus?.hasPrefix("paypage; hit") == true)
            #expect(try await service.attempts("paused_1") == ["_1 open"])

            let list = try await channels("list", in: story).output
            #expect(list.contains("sandbox2") && list.contains("paused since"))

            #expect(try await channels("resume", "sandbox2", in: story).end == .exited(0))
            #expect(try await switchTo("sandbox2", "paused_1", service).status == 200)
            #expect(try await channels("pause", "Not a name", in: story).isRefusal)
        }
    }

    @Test func `a start without a channel that has unfinished work is refused, unless --without-channel names it`()
        async throws
    {
        try await Story.run(Self.two) { story, sandbox, service in
            _ = try await service.firstPay("missing_1", channel: "sandbox2")
            service.process.signal(15)
            _ = try await service.process.waitForEnd()

            let settings = [
                "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base,
                "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret, "PAYPAGE_API_KEYS": Service.apiKey,
                "PAYPAGE_TOKEN_SECRET": Story.tokenSecret, "PAYPAGE_HTTP_PORT": "0",
                "PAYPAGE_PUBLIC_URL": "http://127.0.0.1",
            ].merging(story.database) { $1 }
            let refused = try await Paypage.run(["serve"], settings: settings, in: story.folder)
            #expect(refused.isRefusal)
            for word in ["sandbox2", "(1 attempts", "0 refunds)", "--without-channel sandbox2"] {
                #expect(refused.errors.contains(word), "\(refused.errors)")
            }

            let without = try await story.startService(
                sandbox, ["PAYPAGE_SANDBOX_CHANNELS": "sandbox"], arguments: ["--without-channel", "sandbox2"])
            let ready = try await without.call(.get, "/readyz")
            #expect(ready.status == 200 && ready.text.contains("sandbox2"))
            let before = try await calls("missing_1", in: story)
            let unsafe = try await switchTo("sandbox", "missing_1", without)
            #expect(unsafe.status == 409 && unsafe.code == "PAY_SWITCH_UNSAFE")
            let close = try await without.call(.post, "/v1/payments/missing_1/close")
            #expect(close.status == 409 && close.code == "PAY_SWITCH_UNSAFE")
            #expect(try await without.attempts("missing_1") == ["_1 open"])
            #expect(try await sandbox.trades(of: "missing_1").map(\.state) == ["unpaid"])
            #expect(try await calls("missing_1", in: story) == before)
            #expect(before.count == 1)
        }
    }

    /// The calls to providers in an order's history.
    private func calls(_ order: String, in story: Story) async throws -> [Substring] {
        try await Paypage.run(["orders", "show", order], settings: story.database, in: story.folder).output
            .split(separator: "\n").filter { $0.contains("  called ") }
    }
}
