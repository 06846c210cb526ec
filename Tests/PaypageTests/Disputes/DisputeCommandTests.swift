import ArgumentParser
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// `paypage disputes list`, `accept` and `refund`, on a database beside a service.
@Suite(.timeLimit(.minutes(5))) struct DisputeCommandTests {
    private func accept(_ more: [String] = []) -> [String] {
        ["disputes", "accept", "tx-order_1", "--reason", "the bank rounded", "--by", "Ann Lee"] + more
    }

    private func refund(_ more: [String] = []) -> [String] {
        ["disputes", "refund", "tx-order_1", "--reason", "a test", "--by", "Ann Lee"] + more
    }

    @Test func `accept pays the order, once, and the history says who and why`() async throws {
        try await CommandDatabase.with(paid: 9_800) { database in
            try await database.run(["disputes", "list"])
            try await database.run(accept(["--output", "json"]))
            #expect(try await database.order()?.state.name == .paid)
            for again in [accept(), refund()] {
                #expect(
                    await database.failure(again)
                        == "payment tx-order_1 of order order_1 is not disputed, or not any more: it is honest")
            }
            let history = try await database.ledger.history(of: CommandDatabase.number)
            let report = HistoryReport(history, of: CommandDatabase.number).text
            #expect(report.contains("decided  accept tx-order_1 of _1, by Ann Lee: the bank rounded"))
            #expect(report.split(separator: "\n").count { $0.contains("decided") } == 1)
            #expect(try await database.ledger.disputes(limit: 10).isEmpty)
        }
    }

    @Test func `refund sends the money back in full, once`() async throws {
        try await CommandDatabase.with(paid: 9_800) { database in
            try await database.run(refund())
            let refunds = try await database.refunds()
            #expect(refunds.map(\.money.amount) == [9_800] && refunds[0].cause == .dispute)
            #expect(try await database.order()?.state.name == .new)
            #expect(await database.failure(refund())?.contains("it is rejected") == true)
            #expect(try await database.refunds() == refunds)
        }
    }

    @Test func `a number that two orders use needs --order`() async throws {
        let transaction = TransactionID("tx-order_1")!
        try await CommandDatabase.with(paid: 9_800) { database in
            #expect(try await database.ledger.ordersWithReceipt(transaction) == [CommandDatabase.number])
            #expect(
                await database.failure(accept(["--order", "order_2"]))
                    == "no order order_2: check --order and database.url")
            try await database.run(accept(["--order", "order_1"]))
        }
    }

    @Test func `an unknown payment and an undecidable one are refused`() async throws {
        try await CommandDatabase.with(paid: 9_800) { database in
            let unknown = await database.failure(["disputes", "accept", "tx-9", "--reason", "so", "--by", "Ann"])
            #expect(unknown == "no payment tx-9: see paypage disputes list")
        }
        try await CommandDatabase.with(paid: 0) { database in
            #expect(await database.failure(refund())?.contains("use the provider's console") == true)
        }
    }

    @Test(arguments: [
        ["accept", "tx"], ["accept", "tx", "--reason", ""], ["accept", "--reason", "so"],
        ["refund", "tx", "--reason", "so", "--by", ""],
    ])
    func `a decision needs a payment, a reason and a name`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Disputes.parseAsRoot(arguments) }
    }

    @Test func `a list of disputes shows each payment beside what its attempt expects`() async throws {
        try await CommandDatabase.with(paid: 9_800) { database in
            let disputes = try await database.ledger.disputes(limit: 10)
            let lines = DisputeTable(disputes).text.split(separator: "\n").map {
                $0.split(separator: /\s{2,}/).map(String.init)
            }
            #expect(
                lines[0] == ["TRANSACTION", "ORDER", "STATE", "CHANNEL", "MONEY", "EXPECTED", "ACCOUNT", "SINCE"])
            #expect(lines[1].dropLast() == ["tx-order_1", "order_1", "new", "sandbox", "9800 CNY", "9900 CNY", "ours"])
            let json = JSONObject(DisputeListJSON(disputes))["disputes"][0]
            #expect(json["transaction_id"] == "tx-order_1" && json["amount"] == 9_800)
            #expect(json["expected"]["amount"] == 9_900 && json["names_our_account"] == true)
        }
        #expect(DisputeTable([]).text == "no disputes")
        #expect(JSONText.of(DisputeListJSON([])) == #"{"disputes":[]}"#)
    }
}
