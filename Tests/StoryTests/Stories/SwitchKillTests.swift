import PayProviders
import Testing

/// Kills in the middle of a switch: at the close, at the query after it, and at the create of the next trade.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SwitchKillTests {
    /// The faults that keep a call in flight. Each has its own two channels, so that one kill hits all of them.
    private struct Window: Sendable {
        let number: Int
        let operation: String
        let fault: String
        /// The states of the attempts when the process is gone.
        let left: [String]
        /// How often the second trade was created in the end.
        let creates: Int

        var order: String { "cut_\(number)" }
        var old: String { "sandbox\(number)" }
        var new: String { "sandbox\(number)0" }

        var planned: PlannedFault {
            PlannedFault(operation: operation, fault: fault, channel: operation == "create" ? new : old)
        }
    }

    private static let windows = [
        Window(number: 1, operation: "close", fault: "timeout", left: ["_1 closing"], creates: 1),
        Window(number: 2, operation: "close", fault: "lost", left: ["_1 closing"], creates: 1),
        Window(number: 3, operation: "query", fault: "timeout", left: ["_1 closing"], creates: 1),
        Window(number: 4, operation: "create", fault: "timeout", left: ["_1 closed", "_2 creating"], creates: 1),
        Window(number: 5, operation: "create", fault: "lost", left: ["_1 closed", "_2 creating"], creates: 2),
    ]

    private static let settings = [
        "PAYPAGE_SANDBOX_CHANNELS": windows.flatMap { [$0.old, $0.new] }.joined(separator: ","),
        // All calls must be in flight together, also on a busy machine.
        "PAYPAGE_PROVIDER_TIMEOUT": "2s",
    ]

    /// Leaves one order for each fault, killed while its call was in flight.
    private func leaveOrders(_ service: Service, _ sandbox: Sandbox) async throws {
        for window in Self.windows {
            #expect(try await service.firstPay(window.order, channel: window.old).status == 201)
        }
        try await sandbox.plan(faults: Self.windows.map(\.planned))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for window in Self.windows {
                group.addTask { _ = try? await service.goOn(window.order, channel: window.new) }
            }
            try await sandbox.faultsBegan()
            try await service.crash()
            try await group.waitForAll()
        }
    }

    private func expectSwitched(_ service: Service, _ sandbox: Sandbox) async throws {
        let books = try await Books.agree(service, sandbox)
        for order in books.orders {
            #expect(order.attemptStates == ["_1 closed", "_2 open"], "\(order.out_trade_no)")
        }
        for window in Self.windows {
            #expect(try await sandbox.creates("\(window.order)_2") == window.creates, "\(window.planned)")
            #expect(try await sandbox.trade("\(window.order)_1").state == "closed", "\(window.planned)")
        }
    }

    @Test func `after a kill in a switch the next call ends the old trade and opens the new one, each once`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            let next = try await story.startService(sandbox, on: service.port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for window in Self.windows {
                    group.addTask {
                        let reply = try await next.goOnUntilPaged(window.order, channel: window.new)
                        #expect(reply.status == 200, "\(window.planned)")
                    }
                }
                try await group.waitForAll()
            }
            try await expectSwitched(next, sandbox)
        }
    }

    @Test func `after a kill in a switch a start finishes the close and the create without a call`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            let next = try await story.startService(sandbox, on: service.port)
            let books = try await Books.agree(next, sandbox)
            for (order, window) in zip(books.orders, Self.windows) {
                #expect(order.out_trade_no == window.order)
                let expected = window.left == ["_1 closing"] ? ["_1 closed"] : ["_1 closed", "_2 open"]
                #expect(order.attemptStates == expected, "\(window.planned)")
            }
            // The buyer can continue, and in no more steps than before.
            for window in Self.windows {
                #expect(try await next.goOn(window.order, channel: window.new).status == 200, "\(window.planned)")
            }
            try await expectSwitched(next, sandbox)
        }
    }

    @Test func `a payment while the process is gone is honest, and the unfinished switch stops`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            try await leaveOrders(service, sandbox)
            for window in Self.windows { try await sandbox.press("\(window.order)_1", atThePrompt: true) }
            let next = try await story.startService(sandbox, on: service.port)
            try await poll("all are paid", within: .seconds(60)) {
                try await Books.read(next, sandbox).count { $0.state != "paid" } == 0 ? () : nil
            }
            let books = try await Books.agree(next, sandbox)
            #expect(books.count { $0.receipts.count == 1 && $0.attemptStates.first == "_1 paid" } == Self.windows.count)
            for window in Self.windows {
                #expect(try await next.goOn(window.order, channel: window.new).code == "PAY_ORDER_STATE_ERROR")
            }
        }
    }

    @Test func `when one of two processes is killed during a switch, the other continues it`() async throws {
        try await Story.run(Self.settings) { story, sandbox, first in
            let second = try await story.startService(sandbox)
            try await leaveOrders(first, sandbox)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for window in Self.windows {
                    group.addTask {
                        let reply = try await second.goOnUntilPaged(window.order, channel: window.new)
                        #expect(reply.status == 200, "\(window.planned)")
                    }
                }
                try await group.waitForAll()
            }
            try await expectSwitched(second, sandbox)
        }
    }
}
