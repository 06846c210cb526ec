import ArgumentParser
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// `paypage refunds create`, `show` and `retry`, on a database beside a service.
@Suite(.timeLimit(.minutes(5))) struct RefundCommandTests {
    private let create = ["refunds", "create", "order_1"]

    @Test func `create stores a part, and then all that is left`() async throws {
        try await CommandDatabase.with { database in
            try await database.run(create + ["--amount", "6000", "--refund-no", "R1", "--reason", "a tear"])
            try await database.run(create)
            let refunds = try await database.refunds()
            #expect(refunds.map(\.money.amount) == [6_000, 3_900])
            #expect(refunds.map(\.number) == ["order_1_1_m1", "order_1_1_m2"])
            #expect(refunds[0].merchantNumber?.text == "R1" && refunds[0].reason?.text == "a tear")
            #expect(refunds.map(\.state) == [.pending, .pending])
            #expect(await database.failure(create) == "0 minor units are left to refund: pass an --amount up to that")
        }
    }

    @Test func `create with a known refund number or key is the same refund`() async throws {
        try await CommandDatabase.with { database in
            for _ in 0..<2 { try await database.run(create + ["--amount", "100", "--refund-no", "R1"]) }
            for _ in 0..<2 { try await database.run(create + ["--amount", "200", "--key", "k"]) }
            #expect(try await database.refunds().map(\.money.amount) == [100, 200])
            let other = await database.failure(create + ["--amount", "101", "--refund-no", "R1"])
            #expect(other?.contains("another refund with this --refund-no") == true)
            let reused = await database.failure(create + ["--amount", "201", "--key", "k"])
            #expect(reused?.contains("--key was used") == true)
            #expect(try await database.refunds().count == 2)
        }
    }

    @Test func `create says why it refuses`() async throws {
        try await CommandDatabase.with { database in
            for (arguments, words) in [
                (["--amount", "9901"], "9900 minor units are left"),
                (["--refundable", "1"], "9900 minor units are left to refund, which is not --refundable"),
                (["--refund-no", "order_1_1_m1"], "choose another"),
            ] {
                let failure = await database.failure(create + arguments)
                #expect(failure?.contains(words) == true, "\(failure ?? "none")")
            }
            let unknown = await database.failure(["refunds", "create", "order_2"])
            #expect(unknown?.contains("no order order_2") == true)
            let refunds = try await database.refunds()
            #expect(refunds.isEmpty)
        }
        try await CommandDatabase.with(channels: "sandbox2") { database in
            let missing = await database.failure(create)
            #expect(missing?.contains("channel sandbox, which is not configured here") == true)
        }
        try await CommandDatabase.with(paid: 9_800) { database in
            #expect(await database.failure(create)?.contains("order_1 is new") == true)
        }
    }

    @Test(arguments: [
        ["--amount", "0"], ["--amount", "60.00"], ["--amount", "-1"], ["--refundable", "-1"],
        ["--refund-no", "no-dashes"], ["--reason", ""], ["--key", "two words"],
    ])
    func `create refuses an invalid option`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Paypage.parseAsRoot(create + arguments) }
    }

    @Test func `retry and show take the shop's number and the provider's`() async throws {
        try await CommandDatabase.with { database in
            try await database.run(create + ["--refund-no", "R1"])
            for number in ["R1", "order_1_1_m1"] {
                try await database.run(["refunds", "show", number])
                try await database.run(["refunds", "show", number, "--order", "order_1", "--output", "json"])
                let early = await database.failure(["refunds", "retry", number])
                #expect(early?.contains("is pending: only one that failed or needs attention is retried") == true)
            }
            for number in ["R1", "order_1_1_m1"] {
                let now = SystemClock().now()
                _ = try await database.ledger.update(CommandDatabase.number, creating: nil, at: now) { order in
                    Decision(order.finishRefund("order_1_1_m1", .refused(reason: "NO"), at: now))
                }
                #expect(try await database.refunds()[0].state == .failed)
                try await database.run(["refunds", "retry", number])
                #expect(try await database.refunds()[0].state == .pending)
            }
            let unknown = await database.failure(["refunds", "retry", "R2"])
            #expect(unknown?.contains("no refund R2") == true)
        }
    }

    @Test func `a number that two orders use needs --order`() async throws {
        let other = OrderNumber("order_2")!
        try await CommandDatabase.with(numbers: [CommandDatabase.number, other]) { database in
            for order in ["order_1", "order_2"] {
                try await database.run(["refunds", "create", order, "--amount", "100", "--refund-no", "R1"])
            }
            let several = await database.failure(["refunds", "show", "R1"])
            #expect(several == "2 orders have a refund R1, add one of:\n  --order order_1\n  --order order_2")
            try await database.run(["refunds", "show", "R1", "--order", "order_2"])
        }
    }

    @Test func `a refund is told with its numbers, cause and reason`() async throws {
        try await CommandDatabase.with { database in
            try await database.run(create + ["--amount", "6000", "--refund-no", "R1", "--reason", "a tear"])
            let order = try #require(try await database.order())
            let refund = try #require(order.refunds.first)
            let lines = RefundReport(refund, of: order).text.split(separator: "\n").map(String.init)
            #expect(lines[0] == "refund order_1_1_m1  pending  6000 CNY")
            #expect(lines.contains("  refund_no R1") && lines.contains("  cause     merchant"))
            #expect(lines.contains("  reason    a tear") && lines.contains("  channel   sandbox"))
            let table = RefundTable([ListedRefund(refund: refund, channel: CommandDatabase.sandbox)]).text
            #expect(table.contains("order_1_1_m1  order_1  R1         merchant  sandbox  6000 CNY"))
            let json = JSONObject(RefundListJSON.Entry(refund, of: order))
            #expect(json["refund_no"] == "R1" && json["provider_refund_no"] == "order_1_1_m1")
            #expect(json["out_trade_no"] == "order_1" && json["channel"] == "sandbox" && json["cause"] == "merchant")
        }
        #expect(RefundTable([]).text == "no refunds")
    }
}
