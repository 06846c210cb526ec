import Foundation
import PayProviders
import Testing

/// Kills at random moments, repeatedly. `STORY_SEED` repeats a run, as far as processes can be repeated.
@Suite(.timeLimit(.minutes(3))) struct RandomKillTests {
    private static let rounds = 10
    private static let ordersPerRound = 3

    @Test func `after a kill at any moment every order comes to one trade and one page`() async throws {
        let given = ProcessInfo.processInfo.environment["STORY_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: .min ... .max)
        print("random kills: STORY_SEED=\(seed)")
        var dice = SplitMix(state: seed)
        let channels = (1...Self.ordersPerRound).map { "sandbox\($0)" }
        try await Story.run(["PAYPAGE_SANDBOX_CHANNELS": channels.joined(separator: ",")]) { story, sandbox, service in
            var service = service
            for round in 1...Self.rounds {
                let faults = channels.map { ($0, fault: Self.faults[dice.below(Self.faults.count)]) }
                try await sandbox.plan(faults.compactMap { channel, fault in fault.map { (channel, $0) } })
                let orders = channels.map { (order: "kill_\(round)_\($0)", channel: $0) }
                // Half of the kills fall within the milliseconds of a normal first pay, half within a time-out.
                let killAfter = Duration.milliseconds(dice.below(2) == 0 ? dice.below(60) : dice.below(1_300))
                try await killDuring(orders, service, after: killAfter)
                // A fault that was planned and not used would occur now.
                try await sandbox.plan([])
                service = try await story.startService(sandbox, on: service.port)
                // At once: an attempt that stays unknown for three leases may be superseded.
                try await expectOnePageEach(orders, service, sandbox)
            }
        }
    }

    /// No fault, as often as a fault.
    private static let faults: [Fault?] = [
        nil, nil, nil, nil, .timeout, .lost, .error, .garbage, .slow(milliseconds: 100), .slow(milliseconds: 700),
    ]

    private func killDuring(
        _ orders: [(order: String, channel: String)], _ service: Service, after pause: Duration
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (order, channel) in orders {
                group.addTask { _ = try? await service.firstPay(order, channel: channel) }
            }
            try await Task.sleep(for: pause)
            try await service.crash()
            try await group.waitForAll()
        }
    }

    private func expectOnePageEach(
        _ orders: [(order: String, channel: String)], _ service: Service, _ sandbox: Sandbox
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (order, channel) in orders {
                group.addTask {
                    // By the same call again: some orders were never stored.
                    let again = try await service.firstPay(order, channel: channel)
                    let reply = again.retryAfter == nil ? again : try await service.repayUntilPaged(order)
                    #expect([200, 201].contains(reply.status), "\(order): \(reply.text.prefix(300))")
                    let attempts = try await service.attempts(order)
                    #expect(attempts == ["_1 open"], "\(order)")
                    let trades = try await sandbox.trades(of: order).map(\.trade_no)
                    #expect(trades == ["\(order)_1"], "\(order)")
                    #expect(try await service.repay(order).pageContent == reply.pageContent, "\(order)")
                }
            }
            try await group.waitForAll()
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SplitMix {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}
