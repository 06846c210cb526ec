import Foundation
import PayProviders
import Testing

/// An operator finds an order by a number, and what waits for a person, through the running binary.
@Suite(.serialized, .timeLimit(.minutes(4))) struct FindingTests {
    private static let order = "found_1"

    private func paypage(_ arguments: String..., in story: Story) async throws -> Paypage.Run {
        try await Paypage.run(arguments, settings: story.database, in: story.folder)
    }

    /// Makes an order that was paid twice, whose refund the provider refuses for good.
    private func payTwice(_ sandbox: Sandbox, _ service: Service) async throws {
        let order = Self.order
        #expect(try await service.firstPay(order).status == 201)
        try await sandbox.plan(faults: [
            PlannedFault(operation: "close", fault: "close_too_early", channel: "sandbox"),
            PlannedFault(operation: "refund", fault: "refused"),
        ])
        #expect(try await service.goOn(order, channel: "sandbox2").status == 200)
        // The payment that is noticed first counts.
        try await sandbox.pay("\(order)_2")
        try await poll("the order is paid") { try await service.order(order).state == "paid" ? () : nil }
        try await sandbox.pay("\(order)_1")
        try await poll("the refund failed") {
            try await service.booked(order).refunds.map(\.state) == ["failed"] ? () : nil
        }
    }

    private struct Found: Decodable {
        struct Order: Decodable { let out_trade_no: String }

        let payments: [Order]
    }

    private struct Waiting: Decodable {
        struct Item: Decodable {
            let kind: String
            let refund_no: String?
            let command: String
        }

        let items: [Item]
        let counts: [String: Int]
    }

    /// The output is one line of JSON.
    private func json<Value: Decodable>(_ run: Paypage.Run, as type: Value.Type) throws -> Value {
        #expect(run.end == .exited(0), "\(run.errors)")
        #expect(run.output.split(separator: "\n").count == 1, "\(run.output)")
        return try JSONDecoder().decode(type, from: Data(run.output.utf8))
    }

    @Test func `a failed refund waits for a person until the printed command has decided it`() async throws {
        try await Story.run(["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]) { story, sandbox, service in
            #expect(try await paypage("attention", in: story).output == "nothing waits for a person")
            try await payTwice(sandbox, service)

            let waiting = try json(
                try await paypage("attention", "--output", "json", in: story), as: Waiting.self)
            #expect(waiting.items.map(\.kind) == ["refund_failed"])
            #expect(waiting.counts["refund_failed"] == 1 && waiting.counts["dispute"] == 0)
            let told = try await service.call(.get, "/v1/attention").read(Waiting.self)
            #expect(told.items.map(\.refund_no) == waiting.items.map(\.refund_no))
            try await poll("the gauge shows it", within: .seconds(30), every: .milliseconds(500)) {
                try await service.metric("paypage_attention", #"kind="refund_failed""#) == 1 ? () : nil
            }

            // The printed command decides it.
            let command = try #require(waiting.items.first?.command).split(separator: " ").map(String.init)
            #expect(command.first == "paypage")
            let retry = try await Paypage.run(
                Array(command.dropFirst()), settings: story.database, in: story.folder)
            #expect(retry.end == .exited(0), "\(retry.errors)")
            try await poll("nothing waits", within: .seconds(30), every: .milliseconds(300)) {
                try await paypage("attention", in: story).output == "nothing waits for a person" ? () : nil
            }
            try await poll("the refund succeeds") {
                try await service.booked(Self.order).refunds.map(\.state) == ["succeeded"] ? () : nil
            }
        }
    }

    @Test func `an order is found and shown by every number of it`() async throws {
        try await Story.run(["PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2"]) { story, sandbox, service in
            try await payTwice(sandbox, service)
            let order = try await service.order(Self.order)
            let transactions = order.receipts.map(\.transaction_id)
            #expect(transactions.count == 2)
            let refund = "\(Self.order)_1_r1"
            for number in [Self.order, "\(Self.order)_1", "\(Self.order)_2", refund] + transactions {
                let shown = try await paypage("orders", "show", number, in: story)
                #expect(shown.output.hasPrefix("order \(Self.order)  paid"), "\(number): \(shown)")
            }
            let searches = [
                ["--trade-no", "\(Self.order)_2"], ["--transaction-id", transactions[0]], ["--refund-no", refund],
                ["--user-id", "u1", "--state", "paid"], ["--created-after", "2020-01-01T00:00:00Z"],
            ]
            for search in searches {
                let found = try await Paypage.run(
                    ["orders", "find", "--output", "json"] + search, settings: story.database, in: story.folder)
                #expect(try json(found, as: Found.self).payments.map(\.out_trade_no) == [Self.order], "\(search)")
            }
            let none = try await paypage("orders", "find", "--user-id", "somebody", in: story)
            #expect(none.output == "no orders" && none.end == .exited(0))
            let unknown = try await paypage("orders", "show", "sbx_unknown", "--output", "json", in: story)
            #expect(unknown.isRefusal && unknown.output.isEmpty)
            #expect(unknown.errors.contains("no order, attempt, payment or refund has the number sbx_unknown"))
        }
    }
}
