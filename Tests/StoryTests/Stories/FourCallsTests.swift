import Foundation
import PayProviders
import Testing

/// The README's quick start: one command, four calls.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FourCallsTests {
    /// Short enough to see each expiry, with the pauses of a busy machine in between.
    private static let shortLives = [
        "PAYPAGE_SANDBOX_PAGE_TTL": "3s", "PAYPAGE_DEADLINE_MARGIN": "1s", "PAYPAGE_PROVIDER_TIMEOUT": "1s",
        "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "1s",
    ]

    @Test func `a page costs one provider call per lifetime, and none after the order's deadline`() async throws {
        try await Story.run(Self.shortLives) { story in
            let (service, sandbox) = try await story.startDevelopmentService()
            let order = "four_calls"

            let first = try await service.firstPay(order, expiresIn: 9)
            #expect(first.status == 201)
            #expect(first.cacheStatus == "paypage; fwd=uri-miss; stored")
            let page = try first.read(PaymentView.self)
            #expect(page.state == "new" && page.page.kind == "html" && page.page.content.contains("</html>"))

            let second = try await service.repay(order, terminal: "h5")
            #expect(second.status == 200)
            #expect(second.cacheStatus?.hasPrefix("paypage; hit; ttl=") == true)
            #expect(second.pageContent == page.page.content)
            #expect(try await sandbox.creates("\(order)_1") == 1)

            try await poll("the page expires") { try await service.order(order).page == nil ? () : nil }
            let third = try await service.repay(order, terminal: "h5")
            #expect(third.status == 200)
            #expect(third.cacheStatus == "paypage; fwd=stale; stored")
            #expect(third.pageContent != nil)
            #expect(try await sandbox.creates("\(order)_1") == 2)

            try await poll("the order's time ends") { try await service.order(order).expires_in == 0 ? () : nil }
            let fourth = try await service.repay(order)
            #expect(fourth.status == 410)
            #expect(fourth.code == "PAY_ORDER_PAY_TIMEOUT")
            #expect(try await sandbox.trades(of: order).map(\.trade_no) == ["\(order)_1"])
            #expect(try await sandbox.creates("\(order)_1") == 2)
        }
    }

    @Test func `the calls that serve --dev prints work as they are printed`() async throws {
        try await Story.run { story in
            let (service, _) = try await story.startDevelopmentService()
            let calls = service.process.output.lines.filter { $0.hasPrefix("curl -si ") }
            try #require(calls.count >= 2)
            let first = try await Paypage.run("/bin/sh", ["-c", calls[0]], in: story.folder)
            #expect(first.output.contains("HTTP/1.1 201 Created"))
            #expect(first.output.contains("paypage; fwd=uri-miss; stored"))
            let second = try await Paypage.run("/bin/sh", ["-c", calls[1]], in: story.folder)
            #expect(second.output.contains("HTTP/1.1 200 OK"))
            #expect(second.output.contains("paypage; hit; ttl="))
        }
    }
}
