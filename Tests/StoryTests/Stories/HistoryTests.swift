import PayProviders
import Testing

/// The history that `paypage orders show` prints.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HistoryTests {
    /// The history's lines, without their times.
    private func history(_ order: String, _ story: Story) async throws -> [String] {
        let shown = try await Paypage.run(["orders", "show", order], settings: story.database, in: story.folder)
        #expect(shown.end == .exited(0), "\(shown.errors)")
        let lines = shown.output.split(separator: "\n").map(String.init)
        let begin = try #require(lines.firstIndex(of: "history, times in UTC"))
        for line in lines { #expect(line.count <= 100, "\(line)") }
        return lines[begin...].compactMap { line in
            line.firstMatch(of: /^ {4}\d\d:\d\d:\d\d\.\d{3}  (.*)$/).map { String($0.1) }
        }
    }

    @Test func `the history of a switched and paid order runs from its creation to the webhook`() async throws {
        let shop = try Shop()
        let settings = shop.settings.merging(["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]) { $1 }
        try await Story.run(settings) { story, sandbox, service in
            // Given
            let order = "history_0001"
            let first = try await service.firstPay(order).read(PaymentView.self)
            let switched = try await service.call(
                .post, "/v1/payments/\(order)/repay", json: #"{"channel":"sandbox2","terminal":"h5"}"#)
            let second = try switched.read(PaymentView.self)
            try await sandbox.pay("\(order)_2")
            try await poll("\(order) is paid") { try await service.order(order).state == "paid" ? () : nil }
            let transaction = try #require(try await service.order(order).receipts.first).transaction_id

            // When
            let told = "webhook  order.paid (delivery 1): delivered, 1 try"
            let history = try await poll("the shop is told") { () -> [String]? in
                let lines = try await self.history(order, story)
                return lines.contains(told) ? lines : nil
            }

            // Then
            let pages = history.filter { $0.hasPrefix("page ") }
            #expect(pages.count == 2)
            #expect(pages[0].hasPrefix("page     _1 html for pc, until "))
            #expect(pages[1].hasPrefix("page     _2 html for h5, until "))
            #expect(
                history.filter { !$0.hasPrefix("page ") } == [
                    "order    made", "request  sandbox pc", "attempt  _1 began: sandbox pc",
                    "called   create _1: made", "attempt  _1 creating -> open",
                    "request  sandbox2 h5", "attempt  _1 open -> closing", "called   close _1: accepted",
                    "called   query _1: closed", "attempt  _1 closing -> closed",
                    "attempt  _2 began: sandbox2 h5", "called   create _2: made", "attempt  _2 creating -> open",
                    "notice   sandbox2 about _2: paid",
                    "money    9900 CNY by _2, honest, transaction \(transaction)",
                    "attempt  _2 open -> paid", "order    new -> paid",
                    told,
                ])
            for page in [first.page.content, second.page.content] {
                #expect(!history.joined(separator: "\n").contains(page))
            }
        }
    }

    @Test func `the history shows an unanswered provider call as unknown`() async throws {
        try await Story.run { story, sandbox, service in
            try await sandbox.plan(.error)
            #expect(try await service.firstPay("history_0002").status == 504)
            #expect(try await service.repayUntilPaged("history_0002").status == 200)
            let calls = try await history("history_0002", story).filter { $0.hasPrefix("called ") }
            #expect(calls == ["called   create _1: unknown: http_5xx", "called   create _1: made"])
        }
    }
}
