import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// Duplicate and late payments, from the notice to the completed refund.
@Suite(.timeLimit(.minutes(5))) struct MoneyTwiceTests {
    private static let second = "\(Sample.number)_2"
    private static let refund = "\(Sample.trade)_r1"
    private static let channel = Channel("sandbox")!

    /// Makes an order that was paid by its second page, and then by its first, which could not be closed.
    private func payTwice(_ service: TestService) async throws {
        _ = try await service.client.pay()
        try await service.setFault("close", "close_too_early")
        #expect(try await service.client.goTo("sandbox2").status == 200)
        try await service.pay(Self.second, on: "sandbox2")
        try await service.pay(Sample.trade, on: "sandbox")
    }

    private func refundEnds(_ state: RefundState, _ service: TestService) async {
        await service.observer.wait(for: .refund(Self.channel, state, TradeNumber(Sample.trade)!))
    }

    @Test func `a duplicate payment is reported, counted, and refunded in full`() async throws {
        try await withService(.twoChannels()) { service in
            try await payTwice(service)
            let order = try await service.client.order()
            #expect(order.json["state"] == "paid")
            #expect(order.json["receipts"].items.map { $0["trade_no"] } == [.string(Self.second), "20261122_0001_1"])
            #expect(order.json["receipts"].items.map { $0["standing"] } == ["honest", "duplicate"])
            #expect(order.json["refunds"].items.map { $0["refund_no"] } == [.string(Self.refund)])
            #expect(order.json["refunds"][0]["amount"] == 9_900)
            #expect(order.json["refunds"][0]["state"] == "pending")
            #expect(service.metric(#"paypage_duplicate_payments_total{channel="sandbox"}"#) == "1")
            #expect(service.metric(#"paypage_duplicate_payments_total{channel="sandbox2"}"#) == "0")

            try await service.submitRefunds()
            await refundEnds(.succeeded, service)
            #expect(try await service.client.order().json["refunds"][0]["state"] == "succeeded")
            try await expectOneRefund(service)
            #expect(try await service.books() == ["_1 refunded 1", "_2 paid 1"])
            #expect(service.metric(#"paypage_refunds_total{channel="sandbox",outcome="succeeded"}"#) == "1")
            #expect(service.metric(#"paypage_late_payments_total{channel="sandbox"}"#) == "0")
        }
    }

    private func expectOneRefund(_ service: TestService) async throws {
        let trade = try await service.trade()
        #expect(trade["refunded"] == 9_900)
        #expect(trade["refunds"].items.map { $0["refund_no"] } == [.string(Self.refund)])
    }

    @Test(arguments: ["timeout", "lost", "error", "garbage"])
    func `a refund with an unknown result is retried under its number, and is made once`(
        fault: String
    ) async throws {
        try await withService(.twoChannels(transportTimeout: .milliseconds(1_500))) { service in
            try await payTwice(service)
            try await service.setFault("refund", fault)
            try await service.submitRefunds()
            // Far longer than the first pause.
            service.clock.advance(by: .seconds(60))
            try await service.submitRefunds()
            await refundEnds(.succeeded, service)
            #expect(try await service.client.order().json["refunds"][0]["state"] == "succeeded")
            try await expectOneRefund(service)
            #expect(service.metric(#"paypage_refunds_total{channel="sandbox",outcome="succeeded"}"#) == "1")
        }
    }

    @Test func `a refund that the provider refuses for good is reported and not retried`() async throws {
        try await withService(.twoChannels()) { service in
            try await payTwice(service)
            try await service.setFault("refund", "refused")
            try await service.submitRefunds()
            await refundEnds(.failed, service)
            service.clock.advance(by: .seconds(3_600))
            try await service.submitRefunds()
            #expect(try await service.client.order().json["refunds"][0]["state"] == "failed")
            #expect(try await service.trade()["refunds"] == [])
            #expect(service.metric(#"paypage_refunds_total{channel="sandbox",outcome="failed"}"#) == "1")
        }
    }

    @Test(arguments: [false, true])
    func `a payment after the merchant's close is reported, counted, and refunded`(
        atThePrompt: Bool
    ) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            if !atThePrompt { try await service.setFault("close", "close_too_early") }
            let closed = try await service.client.close()
            #expect(closed.status == 200)
            #expect(closed.json["state"] == "closed")
            #expect(try await service.attempts() == [atThePrompt ? "_1 closed" : "_1 exposed"])

            try await service.payAtThePrompt(Sample.trade, on: "sandbox")
            let order = try await service.client.order()
            #expect(order.json["state"] == "closed")
            #expect(order.json["receipts"].items.map { $0["standing"] } == ["late"])
            #expect(service.metric(#"paypage_late_payments_total{channel="sandbox"}"#) == "1")
            #expect(service.metric(#"paypage_duplicate_payments_total{channel="sandbox"}"#) == "0")

            try await service.submitRefunds()
            await refundEnds(.succeeded, service)
            #expect(try await service.client.order().json["refunds"][0]["state"] == "succeeded")
            try await expectOneRefund(service)
            #expect(service.metric(#"paypage_refunds_total{channel="sandbox",outcome="succeeded"}"#) == "1")
        }
    }

    @Test func `a payment without a notice is found by a query, and a second one is refunded`() async throws {
        try await withService(.twoChannels()) { service in
            _ = try await service.client.pay()
            try await service.setFaults([
                ["operation": "close", "fault": "close_too_early"],
                ["operation": "notify", "fault": "notify_never", "times": 2],
            ])
            #expect(try await service.client.goTo("sandbox2").status == 200)
            try await service.payInSandbox(Sample.trade)
            try await service.payInSandbox(Self.second)
            service.clock.advance(by: .seconds(15))
            try await service.queryAttempts()
            try await service.recover()
            try await service.submitRefunds()
            let order = try await service.client.order()
            #expect(order.json["state"] == "paid")
            let standings = order.json["receipts"].items.map { $0["standing"].string ?? "" }
            #expect(standings.sorted() == ["duplicate", "honest"])
            #expect(order.json["refunds"].items.count == 1)
            #expect(
                try await service.books().sorted().map { $0.split(separator: " ")[1] }.sorted() == ["paid", "refunded"])
        }
    }

    @Test func `two transactions of one trade are one payment and one refund`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(transaction: "sbx_1")).text == "success")
            #expect(try await service.send(service.notice(transaction: "sbx_2")).text == "success")
            let order = try await service.client.order()
            #expect(order.json["receipts"].items.map { $0["standing"] } == ["honest", "duplicate"])
            #expect(order.json["refunds"].items.map { $0["refund_no"] } == [.string("\(Sample.trade)_r2")])
        }
    }
}
