import PayProviders
import Testing

/// The buyer pays, and the provider sends a notice.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PaidTests {
    @Test func `a payment's notice pays the order, and no page is served any more`() async throws {
        try await Story.run { story, sandbox, service in
            let order = "paid_0001"
            let page = try await service.firstPay(order).read(PaymentView.self).page
            try await sandbox.pay("\(order)_1")
            let paid = try await waitUntilPaid(order, service)

            let again = try await service.repay(order)
            #expect(again.status == 409)
            let problem = try again.read(ProblemView.self)
            #expect(problem.code == "PAY_ORDER_STATE_ERROR" && problem.state == "paid")
            #expect(try await service.firstPay(order).code == "PAY_ORDER_STATE_ERROR", "the same key again")

            #expect(paid.attempts.map(\.state) == ["paid"])
            #expect(paid.page == nil)
            let receipt = try #require(paid.receipts.first)
            #expect(paid.receipts.count == 1)
            #expect(receipt.trade_no == "\(order)_1" && receipt.amount == 9_900)

            let shown = try await Paypage.run(["orders", "show", order], settings: story.database, in: story.folder)
            #expect(shown.end == .exited(0))
            #expect(shown.output.contains("order \(order)  paid  "))
            #expect(shown.output.contains("attempt \(order)_1  paid since "))
            #expect(shown.output.contains("receipt \(receipt.transaction_id)  \(receipt.standing)  9900 CNY"))
            #expect(!shown.output.contains(page.content))
        }
    }

    @Test func `a repeated notice is one receipt`() async throws {
        try await Story.run { story, sandbox, service in
            _ = try await service.firstPay("paid_twice")
            let twice = #"[{"operation":"notify","fault":"notify_twice"}]"#
            #expect(try await sandbox.client.send(.put, "/faults", json: twice).status == 200)
            try await sandbox.pay("paid_twice_1")
            try await poll("both notices were taken") {
                let metrics = try await service.call(.get, "/metrics").text
                let lines = metrics.split(separator: "\n").filter { $0.hasPrefix("paypage_notices_total{") }
                let taken = lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
                return taken == 2 ? () : nil
            }
            let order = try await waitUntilPaid("paid_twice", service)
            #expect(order.receipts.count == 1)
        }
    }

    @Test func `an unsigned notice is refused, and changes nothing`() async throws {
        try await Story.run { _, _, service in
            _ = try await service.firstPay("paid_forged")
            let forged = try await service.client.send(
                .post, "/v1/notices/sandbox", headers: SandboxSample.forgedSignature,
                json: #"{"id":"n1","channel":"sandbox","trade_no":"paid_forged_1"}"#)
            #expect(forged.status == 401)
            #expect(try await service.order("paid_forged").state == "new")
        }
    }

    @Test func `a payment while the service is down is reported again after its start`() async throws {
        try await Story.run { story, sandbox, service in
            _ = try await service.firstPay("paid_down")
            try await service.crash()
            try await sandbox.pay("paid_down_1")
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await waitUntilPaid("paid_down", next).receipts.count == 1)
        }
    }

    private func waitUntilPaid(_ order: String, _ service: Service) async throws -> OrderView {
        try await poll("\(order) is paid") {
            let order = try await service.order(order)
            return order.state == "paid" ? order : nil
        }
    }
}

/// A forged notice in the sandbox's name.
enum SandboxSample {
    static let forgedSignature = [
        Header(name: "Sandbox-Timestamp", value: "1795388279000"),
        Header(name: "Sandbox-Signature", value: String(repeating: "5a", count: 32)),
    ]
}
