import PayProviders
import Testing

/// The end of an order that is not paid in time.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EndOfTimeTests {
    private static let settings = [
        "PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2", "PAYPAGE_DEADLINE_MARGIN": "2s",
    ]

    /// Polls until the order is in that state.
    private func wait(_ order: String, until state: String, _ service: Service) async throws -> BookedOrder {
        try await poll("\(order) is \(state)", within: .seconds(60)) {
            let booked = try await service.booked(order)
            return booked.state == state ? booked : nil
        }
    }

    @Test func `an unpaid order expires with its trade closed, and later money is refunded`()
        async throws
    {
        try await Story.run(Self.settings) { _, sandbox, service in
            let order = "end_unpaid"
            #expect(try await service.firstPay(order, expiresIn: 8).status == 201)
            let expired = try await wait(order, until: "expired", service)
            #expect(expired.attemptStates == ["_1 closed"])
            #expect(expired.receipts.isEmpty)
            #expect(try await sandbox.trade("\(order)_1").state == "closed")
            #expect(try await service.repay(order).code == "PAY_ORDER_PAY_TIMEOUT")

            // The buyer had the old page open, at the password prompt.
            #expect(try await sandbox.press("\(order)_1", atThePrompt: true))
            try await poll("the late payment is written down") {
                try await service.booked(order).receipts.isEmpty ? nil : ()
            }
            _ = try await Books.agree(service, sandbox)
            let late = try await service.booked(order)
            #expect(late.state == "expired")
            #expect(late.receipts.map(\.standing) == ["late"])
            #expect(late.refunds.map(\.state) == ["succeeded"])
            #expect(try await service.metric("paypage_late_payments_total") == 1)
        }
    }

    @Test func `a payment of the last second without a notice is found before the order would expire`()
        async throws
    {
        try await Story.run(Self.settings) { _, sandbox, service in
            let order = "end_paid"
            #expect(try await service.firstPay(order, expiresIn: 8).status == 201)
            try await sandbox.plan(faults: [PlannedFault(operation: "notify", fault: "notify_never")])
            try await poll("the last call is over") {
                try await service.repay(order).code == "PAY_ORDER_PAY_TIMEOUT" ? () : nil
            }
            #expect(try await sandbox.press("\(order)_1", atThePrompt: true))
            let paid = try await wait(order, until: "paid", service)
            #expect(paid.receipts.map(\.standing) == ["honest"])
            #expect(paid.refunds.isEmpty)
            _ = try await Books.agree(service, sandbox)
        }
    }

    @Test func `a process that is killed before the deadline still expires the order after a restart`() async throws {
        try await Story.run(Self.settings) { story, sandbox, service in
            let order = "end_killed"
            #expect(try await service.firstPay(order, expiresIn: 8).status == 201)
            #expect(try await service.goOn(order, channel: "sandbox2").status == 200)
            try await service.crash()
            let next = try await story.startService(sandbox, on: service.port)
            let expired = try await wait(order, until: "expired", next)
            #expect(expired.attemptStates == ["_1 closed", "_2 closed"])
            let books = try await Books.agree(next, sandbox)
            #expect(books.trades[order]?.map(\.state) == ["closed", "closed"])
        }
    }
}
