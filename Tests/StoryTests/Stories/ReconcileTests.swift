import Foundation
import Testing

/// `paypage reconcile` and `paypage differences` beside a running service.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ReconcileTests {
    /// The settings that the command shares with the service.
    private func settings(_ story: Story, _ sandbox: Sandbox) -> [String: String] {
        [
            "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base,
            "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret, "PAYPAGE_API_KEYS": Service.apiKey,
            "PAYPAGE_TOKEN_SECRET": Story.tokenSecret, "PAYPAGE_PUBLIC_URL": "http://127.0.0.1",
            "PAYPAGE_PROVIDER_TIMEOUT": "1s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "1s",
        ].merging(story.database) { $1 }
    }

    private func run(
        _ arguments: [String], _ story: Story, _ sandbox: Sandbox
    ) async throws -> Paypage.Run {
        try await Paypage.run(arguments, settings: settings(story, sandbox), in: story.folder)
    }

    @Test func `a day without a bill is reconciled by the command while the service runs`() async throws {
        try await Story.run { story, sandbox, service in
            _ = try await service.firstPay("bill_1")
            let run = try await run(["reconcile", "--channel", "sandbox"], story, sandbox)
            #expect(run.end == .exited(0), "\(run.errors)")
            #expect(run.output.contains("the provider has no bill of this day"), "\(run.output)")
            #expect(run.output.contains("no open differences"))

            let list = try await self.run(["reconcile", "list", "--output", "json"], story, sandbox)
            #expect(list.end == .exited(0))
            #expect(list.output.contains(#""state":"none""#) && list.output.contains(#""channel":"sandbox""#))
            let table = try await self.run(["reconcile", "list"], story, sandbox)
            #expect(table.output.contains("no bill") && table.output.hasPrefix("CHANNEL"))

            let none = try await self.run(["differences", "list"], story, sandbox)
            #expect(none.end == .exited(0) && none.output == "no differences")
            let json = try await self.run(["differences", "list", "--output", "json"], story, sandbox)
            #expect(json.output == #"{"differences":[]}"#)
        }
    }

    @Test func `a provider that does not answer has no bill yet, which is exit status 2`() async throws {
        try await Story.run { story, sandbox, service in
            var settings = settings(story, sandbox)
            settings["PAYPAGE_SANDBOX_BASE_URL"] = "http://127.0.0.1:\(try FreePort.find())"
            let run = try await Paypage.run(
                ["reconcile", "--channel", "sandbox", "--output", "json"], settings: settings, in: story.folder)
            #expect(run.end == .exited(2), "\(run.errors)")
            #expect(run.output.contains(#""result":"unknown""#) && run.output.contains(#""state":"wanted""#))
        }
    }

    @Test func `a day that is not over and a channel without bills are refused with the reason`() async throws {
        try await Story.run { story, sandbox, service in
            let future = try await run(
                ["reconcile", "--channel", "sandbox", "--date", "2999-01-01"], story, sandbox)
            #expect(future.end == .exited(1) && future.errors.contains("is not over in China"))
            let unknown = try await run(["reconcile", "--channel", "alipay"], story, sandbox)
            #expect(unknown.end == .exited(1) && unknown.errors.contains("paypage channels list"))
            for wrong in [["--date", "yesterday"], ["--date", "2026-02-30"]] {
                #expect(try await run(["reconcile", "--channel", "sandbox"] + wrong, story, sandbox).isRefusal)
            }
            let without = try await Paypage.run(
                ["reconcile", "--channel", "sandbox"], settings: story.database, in: story.folder)
            #expect(without.end == .exited(1) && without.errors.contains("needs the settings of the service"))
        }
    }

    @Test func `a decision needs a note and a difference that exists`() async throws {
        try await Story.run { story, sandbox, service in
            let unknown = try await run(["differences", "close", "7", "--note", "booked"], story, sandbox)
            #expect(unknown.end == .exited(1) && unknown.errors.contains("no difference 7"))
            #expect(try await run(["differences", "close", "7"], story, sandbox).isRefusal)
            #expect(try await run(["differences", "explain", "0", "--note", "x"], story, sandbox).isRefusal)
            #expect(try await run(["differences", "list", "--state", "lost"], story, sandbox).isRefusal)
        }
    }
}
