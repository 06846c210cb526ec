import Foundation
import PayProviders
import Testing

/// A bad day of an operator who has the docs and a shell: from each alarm to the end of its trouble by the commands of
/// docs/operations/operators-day.md, without SQL and without a restart.
@Suite(.serialized, .timeLimit(.minutes(5))) struct OperatorsDayTests {
    private static let twoChannels = ["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]

    private func pay(_ order: String, _ service: Service, _ sandbox: Sandbox) async throws {
        #expect(try await service.firstPay(order).status == 201)
        try await sandbox.pay("\(order)_1")
        try await poll("\(order) is paid") { try await service.order(order).state == "paid" ? () : nil }
    }

    @Test func `every alert of the page is a rule`() throws {
        let rules = try Repository.text("deploy/alerts.yml")
        for page in ["docs/operations/operators-day.md", "docs/zh/operations/operators-day.md"] {
            let alerts = Set(try Repository.text(page).matches(of: /`(Paypage\w+)`/).map { String($0.1) })
            #expect(alerts.count > 5)
            for alert in alerts { #expect(rules.contains("alert: \(alert)\n"), "\(alert) of \(page)") }
        }
    }

    @Test func `one command shows that nothing waits`() async throws {
        try await Story.run { story, _, service in
            let day = try OperatorsDay("Before you begin", of: story)
            #expect(try await day.run("paypage attention").output == "nothing waits for a person")
            day.end()
            #expect(service.process.end == nil)
        }
    }

    @Test func `a buyer paid twice, and the operator finds the refund that goes back by itself`() async throws {
        try await Story.run(Self.twoChannels) { story, sandbox, service in
            #expect(try await service.firstPay("tea_1").status == 201)
            try await sandbox.plan(faults: [
                PlannedFault(operation: "close", fault: "close_too_early", channel: "sandbox")
            ])
            #expect(try await service.goOn("tea_1", channel: "sandbox2").status == 200)
            // The payment that is noticed first counts.
            try await sandbox.pay("tea_1_2")
            try await poll("tea_1 is paid") { try await service.order("tea_1").state == "paid" ? () : nil }
            try await sandbox.pay("tea_1_1")
            try await poll("the alarm rises") {
                try await service.metric("paypage_duplicate_payments_total") == 1 ? () : nil
            }

            let day = try OperatorsDay("A buyer paid twice", of: story)
            let order = try await day.run("paypage orders show").output
            #expect(order.hasPrefix("order tea_1  paid") && order.contains("duplicate") && order.contains("honest"))
            try await day.run("paypage refunds show", until: "the refund has gone back") {
                $0.hasPrefix("refund tea_1_1_r1  succeeded  9900 CNY") && $0.contains("refunded")
            }
            day.end()
            let trade = try await sandbox.trade("tea_1_1")
            #expect(trade.refunded == 9_900)
            #expect(try await sandbox.trade("tea_1_2").refunded == 0)
            #expect(service.process.end == nil)
        }
    }

    @Test func `a refund is stuck until the operator has retried it`() async throws {
        try await Story.run { story, sandbox, service in
            try await pay("tea_2", service, sandbox)
            try await sandbox.plan(faults: [PlannedFault(operation: "refund", fault: "refused")])
            let asked = try await service.call(
                .post, "/v1/payments/tea_2/refunds", key: "back", json: #"{"refund_no":"back_2","reason":"a tear"}"#)
            #expect(asked.status == 201)
            try await poll("the alarm rises") {
                try await service.metric("paypage_refunds_total", #"outcome="failed""#) == 1 ? () : nil
            }

            let day = try OperatorsDay("A refund is stuck", of: story)
            let waiting = try await day.run("paypage attention").output
            #expect(waiting.contains("critical") && waiting.contains("paypage refunds retry tea_2_1_m1"), "\(waiting)")
            let stuck = try await day.run("paypage refunds show").output
            #expect(stuck.hasPrefix("refund tea_2_1_m1  failed") && stuck.contains("refused"), "\(stuck)")
            let retried = try await day.run("paypage refunds retry")
            #expect(retried.end == .exited(0), "\(retried.errors)")
            try await day.run("paypage refunds show", until: "the refund has gone back") {
                $0.hasPrefix("refund tea_2_1_m1  succeeded")
            }
            try await day.run("paypage attention", until: "nothing waits") { $0 == "nothing waits for a person" }
            let audit = try await day.run("paypage audit list").output.split(separator: "\n")
            #expect(audit.count == 3, "\(audit)")
            #expect(audit[1].contains("  ann ") && audit[1].contains("  refund.retry  "), "\(audit)")
            #expect(audit[2].contains("  api  ") && audit[2].contains("  refund.create  "), "\(audit)")
            day.end()
            #expect(try await sandbox.trade("tea_2_1").refunded == 9_900)
            #expect(service.process.end == nil)
        }
    }

    @Test func `a shop's endpoint was down, and gets every message once it is back`() async throws {
        let shop = try Shop()
        shop.behave(.answers(500))
        try await Story.run(shop.settings) { story, sandbox, service in
            try await pay("tea_3", service, sandbox)
            try await poll("the alarm rises") {
                try await service.metric("paypage_deliveries_total", #"outcome="failed""#) > 0 ? () : nil
            }
            let day = try OperatorsDay("The shop gets no webhooks", of: story, settings: shop.settings)
            let pending = try await day.run("paypage deliveries list").output
            #expect(pending.contains("order.paid") && pending.contains("answered with 500"), "\(pending)")
            #expect(try await day.run("paypage deliveries show").output.contains("answered with 500"))
            shop.behave(.answers(204))
            let tested = try await day.run("paypage webhooks test")
            #expect(tested.end == .exited(0), "\(tested)")
            let before = shop.all.count
            let resent = try await day.run("paypage deliveries resend")
            #expect(resent.end == .exited(0), "\(resent.errors)")
            _ = try await shop.messages(before + 1)
            let parked = try await day.run("paypage deliveries resend --parked")
            #expect(parked.end == .exited(0), "\(parked.errors)")
            try await day.run("paypage deliveries list", until: "the message is delivered") { $0.contains("tea_3") }
            try await day.run("paypage attention", until: "nothing waits") { $0 == "nothing waits for a person" }
            let recovered = try await day.run("paypage deliveries recover")
            #expect(recovered.end == .exited(0) && recovered.output.hasPrefix("1 queued"), "\(recovered)")
            _ = try await shop.messages(before + 2)
            day.end()
            let paid = shop.all.filter { $0.body?.type == "order.paid" }
            #expect(Set(paid.compactMap(\.id)).count == 1 && shop.all.allSatisfy { $0.isSigned })
            #expect(service.process.end == nil)
        }
    }
}
