import PayProviders
import Testing

/// An overlapping restart: two processes share one database for a while.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TwoProcessesTests {
    private static let rounds = 5
    private static let callsPerProcess = 4

    /// The same call to both processes at once, several times.
    private func callBoth(
        _ services: [Service], _ call: @escaping @Sendable (Service, Int) async throws -> ProviderReply
    ) async throws -> [ProviderReply] {
        try await withThrowingTaskGroup(of: ProviderReply.self) { group in
            for number in 0..<Self.callsPerProcess {
                for (process, service) in services.enumerated() {
                    group.addTask { try await call(service, number * services.count + process) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Every answer is the one page, or has a retry time.
    private func expectOnePage(_ replies: [ProviderReply], _ what: Comment) {
        for reply in replies where reply.pageContent == nil {
            #expect(reply.status == 409 && reply.code == "PAY_IN_PROGRESS", what)
            #expect(reply.retryAfter.map { $0 >= 1 } == true, what)
        }
        #expect(Set(replies.compactMap(\.pageContent)).count == 1, what)
        #expect(replies.count { $0.status == 201 } <= 1, what)
    }

    @Test func `first pays and repays to two processes at once cost one provider call`() async throws {
        try await Story.run(["PAYPAGE_SANDBOX_PAGE_TTL": "3s"]) { story, sandbox, first in
            let services = [first, try await story.startService(sandbox)]
            for round in 1...Self.rounds {
                let order = "both_\(round)"
                try await sandbox.plan(.slow(milliseconds: 300))
                let pays = try await callBoth(services) { service, call in
                    try await service.firstPay(order, key: "key-\(order)-\(call)")
                }
                expectOnePage(pays, "first pays of round \(round)")
                #expect(pays.contains { $0.status == 201 })
                #expect(try await sandbox.trades(of: order).map(\.creates) == [1], "round \(round)")

                let hits = try await callBoth(services) { service, _ in try await service.repay(order) }
                expectOnePage(hits, "repays of round \(round)")
                for service in services { #expect(try await service.attempts(order) == ["_1 open"]) }
            }

            let order = "both_\(Self.rounds)"
            try await poll("the page expires") { try await first.order(order).page == nil ? () : nil }
            try await sandbox.plan(.slow(milliseconds: 300))
            expectOnePage(try await callBoth(services) { service, _ in try await service.repay(order) }, "after expiry")
            #expect(try await sandbox.trades(of: order).map(\.creates) == [2])
        }
    }

    @Test func `one key for two orders at two processes lets one of them pass`() async throws {
        try await Story.run { story, sandbox, first in
            let services = [first, try await story.startService(sandbox)]
            for round in 1...20 {
                let replies = try await withThrowingTaskGroup(of: ProviderReply.self) { group in
                    for (process, service) in services.enumerated() {
                        group.addTask { try await service.firstPay("keyed_\(round)_\(process)", key: "key-\(round)") }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(replies.map(\.status).sorted() == [201, 422], "round \(round)")
                #expect(replies.compactMap(\.code) == ["IDEMPOTENCY_KEY_REUSED"], "round \(round)")
            }
        }
    }

    @Test func `a call that has waited long enough gets a retry time, and never calls the provider`() async throws {
        let patientProvider = ["PAYPAGE_PROVIDER_TIMEOUT": "6s"]
        try await Story.run(patientProvider) { story, sandbox, first in
            let services = [first, try await story.startService(sandbox)]
            try await sandbox.plan(.slow(milliseconds: 4_000))
            let replies = try await callBoth(services) { service, call in
                try await service.firstPay("both_slow", key: "key-\(call)")
            }
            expectOnePage(replies, "while the provider is slow")
            #expect(replies.count { $0.code == "PAY_IN_PROGRESS" } >= 1)
            #expect(replies.count { $0.pageContent != nil } >= 1)
            #expect(try await sandbox.trades(of: "both_slow").map(\.creates) == [1])
            for service in services {
                #expect(try await service.repay("both_slow").cacheStatus?.hasPrefix("paypage; hit") == true)
            }
        }
    }

    @Test func `when one of two processes is killed at work, the other continues with the same trade number`()
        async throws
    {
        try await Story.run { story, sandbox, first in
            let second = try await story.startService(sandbox)
            try await sandbox.plan(.lost)
            async let lost = try? first.firstPay("both_killed")
            try await sandbox.faultsBegan()
            async let waiting = second.firstPay("both_killed", key: "another-key")
            try await first.crash()
            #expect(await lost?.status ?? 504 == 504)
            let early = try await waiting
            #expect(early.pageContent != nil || early.retryAfter != nil)
            #expect(try await second.repayUntilPaged("both_killed").status == 200)
            #expect(try await second.attempts("both_killed") == ["_1 open"])
            #expect(try await sandbox.trades(of: "both_killed").map(\.creates) == [2])
        }
    }
}
