import Foundation
import PayProviders
import Testing

/// The app, played by the example's program: its output, and its exit status.
@Suite(.serialized, .timeLimit(.minutes(3))) struct MobileClientTests {
    /// Each terminal has its own trade, as with WeChat, so that taking over closes the desktop's.
    private static let settings = [
        "PAYPAGE_SANDBOX_TRADE_SCOPE": "terminal", "PAYPAGE_USER_JWT_SECRET": Examples.userSecret,
    ]

    @Test func `the app takes over an order from a desktop, and reports when it is paid`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            _ = try await service.firstPay("app_paid")
            let app = try story.startApp("app_paid", at: service, as: Examples.token(of: "u1"))
            try await waits(app)
            #expect(try await service.attempts("app_paid") == ["_1 closed", "_2 open"])
            try await sandbox.pay("app_paid_2")
            #expect(try await app.waitForEnd() == .exited(0))
            let said = try await app.output.all()
            #expect(said[0].hasPrefix("To pay: ") && said[0].contains("99.00"))
            #expect(said.contains("The provider created this page."))
            #expect(said.contains { $0.hasPrefix("The app passes this to the SDK of sandbox within ") })
            #expect(said.contains { $0.contains(#""trade_no":"app_paid_2""#) })
            #expect(said.last?.hasPrefix("Paid: A book, ") == true)
            #expect(try await app.errors.all() == [])
        }
    }

    @Test func `the app gets the stored page the second time, without a provider call`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            _ = try await service.firstPay("app_twice")
            for line in ["The provider created this page.", "This is the stored page. No provider was called."] {
                let app = try story.startApp("app_twice", at: service, as: Examples.token(of: "u1"))
                try await waits(app)
                #expect(app.output.lines.contains(line))
                app.signal(SIGKILL)
            }
            #expect(try await sandbox.creates("app_twice_2") == 1)
        }
    }

    @Test(arguments: [[], ["--poll"]])
    func `the app reports that the shop closed the order`(how: [String]) async throws {
        try await Story.run(Self.settings) { story, _, service in
            _ = try await service.firstPay("app_closed")
            let app = try story.start(
                Paypage.product("mobile-client"), ["app_closed", "--server", service.client.base] + how,
                ["MOBILE_TOKEN": Examples.token(of: "u1")])
            try await waits(app)
            #expect(try await service.call(.post, "/v1/payments/app_closed/close").status == 200)
            #expect(try await app.waitForEnd() == .exited(3))
            #expect(try await app.output.all().last == "The shop closed the order. Nothing is due.")
        }
    }

    @Test func `the app continues after a restart of the service, and misses nothing`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            _ = try await service.firstPay("app_gone")
            let app = try story.startApp("app_gone", at: service, as: Examples.token(of: "u1"))
            try await waits(app)
            try await service.crash()
            try await sandbox.pay("app_gone_2")
            _ = try await story.startService(sandbox, on: service.port)
            #expect(try await app.waitForEnd(within: .seconds(60)) == .exited(0))
            let said = try await app.output.all()
            #expect(said.last?.hasPrefix("Paid: ") == true)
            #expect(!said.contains { $0.hasPrefix("The event stream is not available") })
        }
    }

    @Test func `the app reports an order that is over at once`() async throws {
        try await Story.run(Self.settings) { story, _, service in
            _ = try await service.firstPay("app_late")
            #expect(try await service.call(.post, "/v1/payments/app_late/close").status == 200)
            let app = try story.startApp("app_late", at: service, as: Examples.token(of: "u1"))
            #expect(try await app.waitForEnd() == .exited(3))
            #expect(try await app.output.all() == ["The shop closed the order. Nothing is due."])
        }
    }

    @Test func `the app is refused another user's order, and no page is created`() async throws {
        try await Story.run(Self.settings) { story, _, service in
            _ = try await service.firstPay("app_other")
            let app = try story.startApp("app_other", at: service, as: Examples.token(of: "u2"))
            #expect(try await app.waitForEnd() == .exited(1))
            #expect(try await app.output.all() == [])
            let complaint = "mobile-client: The order does not exist or belongs to another user."
            #expect(try await app.errors.all() == [complaint])
            #expect(try await service.attempts("app_other") == ["_1 open"])
        }
    }

    @Test func `the app without a valid token reports what is missing`() async throws {
        try await Story.run(Self.settings) { story, _, service in
            let bare = try story.start(Paypage.product("mobile-client"), ["app_none"], ["MOBILE_TOKEN": ""])
            #expect(try await bare.waitForEnd() == .exited(64))
            let stranger = try story.startApp("app_none", at: service, as: "nobody")
            #expect(try await stranger.waitForEnd() == .exited(1))
            let complaint = "mobile-client: The token in MOBILE_TOKEN is not valid."
            #expect(try await stranger.errors.all() == [complaint])
        }
    }

    private func waits(_ app: ChildProcess) async throws {
        _ = try await app.output.first("the app waits for the money") {
            $0.hasPrefix("Waiting for the payment") ? $0 : nil
        }
    }
}
