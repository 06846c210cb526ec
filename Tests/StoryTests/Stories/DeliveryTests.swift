import Foundation
import PayProviders
import Testing

/// The shop gets every webhook, whatever happens to the shop or the service.
@Suite(.serialized, .timeLimit(.minutes(4))) struct DeliveryTests {
    private func pay(_ order: String, _ service: Service, _ sandbox: Sandbox) async throws {
        #expect(try await service.firstPay(order).status == 201)
        try await sandbox.pay("\(order)_1")
    }

    private func deliveries(_ arguments: [String], _ story: Story) async throws -> Paypage.Run {
        try await Paypage.run(["deliveries"] + arguments, settings: story.database, in: story.folder)
    }

    /// Waits until the list shows these words for the only webhook.
    private func wait(for words: String, _ story: Story) async throws {
        try await poll("a message is \(words)", every: .milliseconds(200)) {
            try await deliveries(["list"], story).output.contains(words) ? () : nil
        }
    }

    @Test func `a payment is reported by one signed webhook, with the data to book it`() async throws {
        let shop = try Shop()
        try await Story.run(shop.settings) { story, sandbox, service in
            try await pay("told_once", service, sandbox)
            let message = try #require(try await shop.messages(1).first)
            #expect(message.isSigned)
            let body = try #require(message.body)
            #expect(body.type == "order.paid" && body.data.out_trade_no == "told_once" && body.data.user_id == "u1")
            #expect(body.data.amount == 9_900 && body.data.currency == "CNY" && body.data.trade_no == "told_once_1")
            let receipts = try await service.order("told_once").receipts
            #expect(body.data.transaction_id == receipts.first?.transaction_id)

            try await wait(for: "  delivered ", story)
            let metrics = try await service.call(.get, "/metrics").text
            #expect(metrics.contains(#"paypage_deliveries_total{outcome="delivered"} 1"#))
            // The merchant's close is reported after it, and no webhook is repeated.
            #expect(try await service.firstPay("told_close").status == 201)
            #expect(try await service.call(.post, "/v1/payments/told_close/close").status == 200)
            #expect(try await shop.messages(2).map { $0.body?.type } == ["order.paid", "order.closed"])

            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd() == .exited(0))
            for line in try await service.process.errors.all() {
                #expect(!line.contains(Shop.secret) && !line.contains("v1,") && !line.contains("/told"))
            }
        }
    }

    @Test func `a kill while the shop has the webhook leads to the same webhook after the restart`() async throws {
        let shop = try Shop()
        shop.behave(.hangs)
        try await Story.run(shop.settings) { story, sandbox, service in
            try await pay("told_crash", service, sandbox)
            _ = try await shop.messages(1)
            try await service.crash()
            shop.behave(.answers(200))
            _ = try await story.startService(sandbox, on: service.port)
            let messages = try await shop.messages(2)
            #expect(messages[0].bytes == messages[1].bytes && messages[0].id == messages[1].id)
            #expect(messages.allSatisfy { $0.isSigned })
            try await wait(for: "  delivered ", story)
            #expect(shop.all.count == 2)
        }
    }

    @Test func `a shop that hangs or answers 500 slows no payment, and gets its webhooks when it recovers`()
        async throws
    {
        let shop = try Shop()
        shop.behave(.hangs)
        try await Story.run(shop.settings) { story, sandbox, service in
            // Given
            try await pay("told_hang", service, sandbox)
            _ = try await shop.messages(1)

            // When orders are paid in the meantime, then their payments are settled while the shop hangs.
            shop.behave(.answers(500))
            for order in ["told_one", "told_two"] {
                try await pay(order, service, sandbox)
                try await poll("\(order) is paid") {
                    try await service.order(order).state == "paid" ? () : nil
                }
            }
            try await wait(for: "answered with 500", story)

            // When
            shop.behave(.answers(204))
            try await poll("all are told", within: .seconds(90), every: .milliseconds(500)) { () -> Void? in
                let list = try await deliveries(["list", "--state", "delivered"], story).output
                return ["told_hang", "told_one", "told_two"].allSatisfy(list.contains) ? () : nil
            }
            #expect(shop.all.allSatisfy { $0.isSigned })
            #expect(Set(shop.all.compactMap(\.id)).count == 3)
        }
    }

    @Test func `events from before a shop was configured are sent by a recovery, and can be resent by hand`()
        async throws
    {
        try await Story.run { story, sandbox, service in
            // Given
            try await pay("told_late", service, sandbox)
            try await poll("the order is paid") { try await service.order("told_late").state == "paid" ? () : nil }
            #expect(try await deliveries(["list"], story).output.hasPrefix("no webhooks"))
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd() == .exited(0))

            // When the shop is configured.
            let shop = try Shop()
            let next = try await story.startService(sandbox, on: service.port, shop.settings)
            let recovered = try await deliveries(["recover", "--since", "2026-01-01T00:00:00Z"], story)
            #expect(recovered.output.hasPrefix("1 queued, 1 of them for the first time"), "\(recovered)")
            let first = try #require(try await shop.messages(1).first)
            try await wait(for: "  delivered ", story)

            // When the webhook is resent by hand while the service runs.
            let resent = try await deliveries(["resend", "1"], story)
            #expect(resent.end == .exited(0) && resent.output.hasPrefix("1 queued"), "\(resent)")
            #expect(try await shop.messages(2)[1].id == first.id)
            let parked = try await deliveries(["resend", "--parked"], story)
            #expect(parked.output.hasPrefix("0 queued"))
            let unknown = try await deliveries(["resend", "99"], story)
            #expect(unknown.isRefusal && unknown.errors.contains("no webhook 99"), "\(unknown)")
            _ = next
        }
    }
}
