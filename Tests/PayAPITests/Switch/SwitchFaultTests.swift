import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

/// The result of each fault of the close, and of the query after it, under both policies.
@Suite(.timeLimit(.minutes(5))) struct SwitchFaultTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let operation: String
        let fault: String
        /// The state of the old attempt after the fault.
        let attempt: String
        /// The state of the old trade in the sandbox.
        let trade: String
        /// Whether the result is unknown, so that the lease is kept if the call ends here.
        var isUnanswered = false

        var isProven: Bool { attempt == "_1 closed" }

        var testDescription: String { "\(operation) \(fault)" }
    }

    static let table = [
        Row(operation: "close", fault: "close_too_early", attempt: "_1 exposed", trade: "_1 unpaid 1"),
        Row(operation: "close", fault: "no_such_trade", attempt: "_1 exposed", trade: "_1 unpaid 1"),
        Row(operation: "close", fault: "refused", attempt: "_1 exposed", trade: "_1 unpaid 1"),
        Row(operation: "close", fault: "error", attempt: "_1 exposed", trade: "_1 unpaid 1"),
        Row(operation: "close", fault: "timeout", attempt: "_1 exposed", trade: "_1 unpaid 1", isUnanswered: true),
        Row(operation: "close", fault: "garbage", attempt: "_1 closed", trade: "_1 closed 1"),
        Row(operation: "close", fault: "lost", attempt: "_1 closed", trade: "_1 closed 1", isUnanswered: true),
        Row(operation: "query", fault: "no_such_trade", attempt: "_1 exposed", trade: "_1 closed 1"),
        Row(operation: "query", fault: "refused", attempt: "_1 exposed", trade: "_1 closed 1"),
        Row(operation: "query", fault: "error", attempt: "_1 exposed", trade: "_1 closed 1"),
        Row(operation: "query", fault: "garbage", attempt: "_1 exposed", trade: "_1 closed 1"),
        Row(operation: "query", fault: "timeout", attempt: "_1 exposed", trade: "_1 closed 1", isUnanswered: true),
        Row(operation: "query", fault: "lost", attempt: "_1 exposed", trade: "_1 closed 1", isUnanswered: true),
    ]

    private static func setup(_ policy: SwitchPolicy) -> TestSetup {
        .twoChannels(policy, transportTimeout: .milliseconds(1_500))
    }

    @Test(arguments: table)
    func `policy allow switches after any close result, and retries the close of an exposed trade`(
        _ row: Row
    ) async throws {
        try await withService(Self.setup(.allow)) { service in
            _ = try await service.client.pay()
            try await service.setFault(row.operation, row.fault)
            #expect(try await service.client.goTo("sandbox2").status == 200)
            #expect(try await service.attempts() == [row.attempt, "_2 open"])
            #expect(try await service.books() == [row.trade, "_2 unpaid 1"])

            // The old attempt is queried often while a sibling is open.
            service.clock.advance(by: .seconds(15))
            try await service.queryAttempts()
            #expect(try await service.attempts() == ["_1 closed", "_2 open"])
            #expect(try await service.books() == ["_1 closed 1", "_2 unpaid 1"])
        }
    }

    @Test(arguments: table)
    func `policy strict opens no page beside a payable old page, and allows the way back`(
        _ row: Row
    ) async throws {
        try await withService(Self.setup(.strict)) { service in
            _ = try await service.client.pay()
            try await service.setFault(row.operation, row.fault)
            let switched = try await service.client.goTo("sandbox2")
            guard !row.isProven else {
                #expect(switched.status == 200)
                #expect(try await service.attempts() == ["_1 closed", "_2 open"])
                #expect(try await service.books() == ["_1 closed 1", "_2 unpaid 1"])
                return
            }
            expectProblem(switched, 409, "PAY_SWITCH_UNSAFE")
            #expect(try await service.attempts() == [row.attempt])
            #expect(try await service.books() == [row.trade])

            if row.isUnanswered {
                // A request without an answer may still arrive, so no other is sent beside it.
                #expect(try await service.client.goTo("sandbox").code == "PAY_PROVIDER_UNKNOWN")
                #expect(try await service.attempts() == [row.attempt])
                service.clock.advance(by: service.rules.leaseLength)
            }
            #expect(try await service.client.goTo("sandbox").status == 200)
            #expect(try await service.attempts() == ["_1 closed", "_2 open"])
            #expect(try await service.books() == ["_1 closed 1", "_2 unpaid 1"])
        }
    }

    @Test(arguments: table)
    func `after a failed close, a payment of the old page pays the order and closes the new page`(
        _ row: Row
    ) async throws {
        try await withService(Self.setup(.allow)) { service in
            _ = try await service.client.pay()
            try await service.setFault(row.operation, row.fault)
            _ = try await service.client.goTo("sandbox2")
            try await service.payAtThePrompt(Sample.trade, on: "sandbox")
            let order = try await service.client.order()
            #expect(order.json["state"] == "paid")
            #expect(order.json["refunds"] == [])
            expectProblem(
                try await service.client.goTo("sandbox2"), 409, "PAY_ORDER_STATE_ERROR", fields: ["state"])
            try await service.recover()
            #expect(try await service.attempts() == ["_1 paid", "_2 closed"])
            #expect(try await service.books() == ["_1 paid 1", "_2 closed 1"])
        }
    }
}
