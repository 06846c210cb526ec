import Foundation
import PayProviders
import Testing

/// The service is killed between storing the intent and storing the page.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CrashTests {
    /// The faults that keep a call in flight, each on its own channel, so that one kill hits all of them. The slow
    /// requests arrive after the kill: some before the next request, others after it.
    private static let windows: [(channel: String, fault: Fault)] = [
        ("sandbox", .timeout), ("sandbox2", .lost), ("sandbox3", .slow(milliseconds: 2_000)),
        ("sandbox4", .slow(milliseconds: 5_000)),
    ]

    private static let settings = ["PAYPAGE_SANDBOX_CHANNELS": windows.map(\.channel).joined(separator: ",")]

    /// The provider's time-out of one second, plus the two seconds that a lease is longer.
    private static let lease = Duration.seconds(3)

    private static func order(on channel: String) -> String { "crash_\(channel)" }

    /// Leaves one order for each fault, killed while its provider call was in flight.
    private func leaveOrders(_ service: Service, _ sandbox: Sandbox) async throws {
        try await sandbox.plan(Self.windows)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (channel, fault) in Self.windows {
                group.addTask {
                    let reply = try? await service.firstPay(Self.order(on: channel), channel: channel)
                    #expect(reply == nil || reply?.status == 504, "\(fault) was answered")
                }
            }
            try await sandbox.faultsBegan()
            try await poll("the lost create lands") { try await sandbox.creates("crash_sandbox2_1") }
            try await service.crash()
            try await group.waitForAll()
        }
    }

    /// Each order has its one attempt, and the provider knows no other trade.
    private func expectOneTradeEach(_ service: Service, _ sandbox: Sandbox) async throws {
        for (channel, fault) in Self.windows {
            let order = Self.order(on: channel)
            #expect(try await service.attempts(order) == ["_1 open"], "\(fault)")
            #expect(try await sandbox.trades(of: order).map(\.trade_no) == ["\(order)_1"], "\(fault)")
            let hit = try await service.repay(order)
            #expect(hit.cacheStatus?.hasPrefix("paypage; hit") == true, "\(fault)")
        }
        #expect(try await sandbox.creates("crash_sandbox_1") == 1)
        #expect(try await sandbox.creates("crash_sandbox2_1") == 2)
    }

    @Test func `after a kill the next call brings each order to one page, under its existing trade number`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            let next = try await story.startService(sandbox, on: service.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (channel, fault) in Self.windows {
                    group.addTask {
                        let reply = try await next.repayUntilPaged(Self.order(on: channel))
                        // On a busy machine the timer may be first; the page is the same.
                        #expect(reply.status == 200, "\(fault)")
                    }
                }
                try await group.waitForAll()
            }
            try await expectOneTradeEach(next, sandbox)
            // The slowest request arrives after its retry, and changes nothing.
            try await poll("the slowest create lands") {
                try await sandbox.creates("crash_sandbox4_1") == 2 ? () : nil
            }
            try await expectOneTradeEach(next, sandbox)
        }
    }

    @Test func `a start after the lease brings each order to one page without a call`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            // No signal tells that a lease has expired.
            try await Task.sleep(for: Self.lease)
            let next = try await story.startService(sandbox, on: service.port)
            try await waitForRecovery(next)
            try await expectOneTradeEach(next, sandbox)
        }
    }

    @Test func `a start before the lease's end leaves the order to the timer, without a call`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            let next = try await story.startService(sandbox, on: service.port)
            try await waitForRecovery(next)
            try await expectOneTradeEach(next, sandbox)
        }
    }

    private func waitForRecovery(_ service: Service) async throws {
        for (channel, fault) in Self.windows {
            try await poll("recovery after \(fault)") {
                try await service.order(Self.order(on: channel)).page.map { _ in () }
            }
        }
    }

    @Test func `a kill before the provider reads the request keeps the trade number`() async throws {
        try await Story.run { story in
            let (provider, sandbox) = try await story.startSandbox()
            let service = try await story.startService(sandbox)
            // Stopped, it still accepts connections and requests through the system, and reads none.
            provider.signal(SIGSTOP)
            async let lost = try? service.firstPay("crash_unread")
            try await poll("the intent is stored") {
                try await service.orderIfAny("crash_unread")?.attempts.first?.state == "creating" ? () : nil
            }
            try await service.crash()
            #expect(await lost?.status ?? 504 == 504)
            provider.signal(SIGCONT)
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await next.repayUntilPaged("crash_unread").status == 200)
            #expect(try await next.attempts("crash_unread") == ["_1 open"])
            #expect(try await sandbox.trades(of: "crash_unread").map(\.trade_no) == ["crash_unread_1"])
        }
    }

    @Test func `a kill after a missing answer was stored still leads to a page`() async throws {
        try await Story.run { story, sandbox, service in
            try await sandbox.plan(.lost)
            #expect(try await service.firstPay("crash_unknown").status == 504)
            try await service.crash()
            let next = try await story.startService(sandbox, on: service.port)
            // The lease was stored: a restart is no reason to retry sooner.
            let early = try await next.repay("crash_unknown")
            #expect(early.code == "PAY_PROVIDER_UNKNOWN" || early.status == 200)
            #expect(try await next.repayUntilPaged("crash_unknown").status == 200)
            #expect(try await next.attempts("crash_unknown") == ["_1 open"])
            #expect(try await sandbox.trades(of: "crash_unknown").map(\.creates) == [2])
        }
    }

    @Test func `a kill during the replacement of an expired page leads to the next page of the same trade`()
        async throws
    {
        try await Story.run(["PAYPAGE_SANDBOX_PAGE_TTL": "2s"]) { story, sandbox, service in
            #expect(try await service.firstPay("crash_stale").status == 201)
            try await poll("the page expires") { try await service.order("crash_stale").page == nil ? () : nil }
            try await sandbox.plan(.timeout)
            async let lost = try? service.repay("crash_stale")
            try await sandbox.faultsBegan()
            try await service.crash()
            #expect(await lost?.status ?? 504 == 504)
            let next = try await story.startService(sandbox, on: service.port)
            let reply = try await next.repayUntilPaged("crash_stale")
            #expect(reply.status == 200 && reply.cacheStatus == "paypage; fwd=stale; stored")
            #expect(try await next.attempts("crash_stale") == ["_1 open"])
            #expect(try await sandbox.trades(of: "crash_stale").map(\.creates) == [2])
        }
    }
}
