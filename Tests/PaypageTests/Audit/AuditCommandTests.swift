import ArgumentParser
import LedgerSQL
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// `paypage audit list`, and the entries of the commands that change something.
@Suite(.timeLimit(.minutes(5))) struct AuditCommandTests {
    private func entries(_ database: CommandDatabase) async throws -> [AuditNote] {
        try await database.ledger.auditEntries(AuditListing(limit: 100)).map(\.note)
    }

    @Test func `each change by a command leaves one entry, and a refused one leaves none`() async throws {
        let order = CommandDatabase.number
        let by = ["--by", "Ann Lee"]
        try await CommandDatabase.with { database in
            let create = ["refunds", "create", "order_1", "--amount", "600", "--refund-no", "R1", "--reason", "a tear"]
            try await database.run(create + by)
            try await database.run(create + by)
            _ = await database.failure(["refunds", "create", "order_1", "--amount", "99999"] + by)
            _ = await database.failure(["refunds", "retry", "R1"] + by)
            let now = SystemClock().now()
            _ = try await database.ledger.update(order, creating: nil, at: now) { order in
                Decision(order.finishRefund("order_1_1_m1", .refused(reason: "NO"), at: now))
            }
            try await database.run(["refunds", "retry", "R1"] + by)
            for command in ["pause", "pause", "resume", "resume"] {
                try await database.run(["channels", command, "sandbox"] + by)
            }
            let notes = try await entries(database)
            #expect(
                notes.map(\.action) == [.channelResumed, .channelPaused, .refundRetried, .refundRequested])
            #expect(notes.allSatisfy { $0.actor.name.text == "Ann Lee" && $0.actor.way == .cli })
            #expect(notes.map(\.subject) == ["sandbox", "sandbox", "order_1_1_m1", "order_1_1_m1"])
            #expect(notes.map(\.order) == [nil, nil, order, order])
            #expect(notes[3].reason?.text == "a tear" && notes[3].detail == "600 CNY")
        }
    }

    @Test(arguments: [("accept", AuditAction.disputeAccepted), ("refund", .disputeRefunded)])
    func `a decision about a dispute leaves one entry with its reason`(
        _ verdict: String, _ action: AuditAction
    ) async throws {
        try await CommandDatabase.with(paid: 9_800) { database in
            let decide = ["disputes", verdict, "tx-order_1", "--reason", "the bank rounded", "--by", "Ann Lee"]
            try await database.run(decide)
            _ = await database.failure(decide)
            let notes = try await entries(database)
            #expect(notes.map(\.action) == [action] && notes[0].subject == "tx-order_1")
            #expect(notes[0].reason?.text == "the bank rounded" && notes[0].detail == "9800 CNY")
        }
    }

    @Test func `a list takes filters, a limit and a place`() async throws {
        try await CommandDatabase.with { database in
            try await database.run(["channels", "pause", "sandbox", "--by", "Ann"])
            for more in [
                [], ["--actor", "Ann"], ["--action", "channel.pause"], ["--order", "order_1"], ["--before", "9"],
                ["--limit", "1", "--output", "json"],
            ] {
                try await database.run(["audit", "list"] + more)
            }
        }
        for wrong in [["--limit", "0"], ["--action", "channel.paint"], ["--actor", ""], ["--before", "x"]] {
            #expect(throws: (any Error).self) { try AuditCommand.parseAsRoot(["list"] + wrong) }
        }
    }

    @Test func `an entry is printed with all its fields, and control characters of others are not`() {
        let actor = Actor(PersonName("Ann Lee")!, by: .console, from: PersonName("203.0.113.7"))
        let whole = AuditEntry(
            id: 7, at: Instant(milliseconds: 1_795_348_800_000),
            AuditNote(
                actor, .refundRequested, on: "order_1_1_m1\u{1B}[2J\u{202E}", of: OrderNumber("order_1"),
                because: RulingReason("a tear"), detail: "600 CNY"))
        let bare = AuditEntry(
            id: 6, at: whole.at,
            AuditNote(Actor(PersonName("root")!, by: .cli, from: nil), .channelPaused, on: "sandbox"))
        let table = AuditTable([whole, bare], next: 6).text
        let rows = table.split(separator: "\n").map { $0.split(separator: /\s{2,}/).map(String.init) }
        #expect(rows[0] == ["ID", "TIME", "BY", "WAY", "FROM", "ACTION", "ON", "ORDER", "DETAIL", "REASON"])
        #expect(
            rows[1] == [
                "7", "2026-11-22T12:00:00Z", "Ann Lee", "console", "203.0.113.7", "refund.create",
                "order_1_1_m1 [2J", "order_1", "600 CNY", "a tear",
            ])
        #expect(rows[2].dropFirst(2) == ["root", "cli", "-", "channel.pause", "sandbox", "-", "-", "-"])
        #expect(rows[3] == ["more: add --before 6"])
        #expect(AuditTable([], next: nil).text == "no changes")

        let json = JSONObject(AuditListJSON([bare], next: nil))
        #expect(
            json["entries"][0] == [
                "id": 6, "at": "2026-11-22T12:00:00Z", "by": "root", "way": "cli", "action": "channel.pause",
                "on": "sandbox",
            ])
        #expect(JSONObject(AuditListJSON([whole], next: 7))["entries"][0]["out_trade_no"] == "order_1")
        #expect(JSONText.of(AuditListJSON([], next: nil)) == #"{"entries":[]}"#)
        #expect(JSONText.of(AuditListJSON([], next: 7)) == #"{"entries":[],"next":7}"#)
    }
}
