import GRDB
import Migrations
import PayFlow
import Testing

@testable import PayCore
@testable import LedgerSQL
@testable import SQLiteStore

struct OutboxTests {
    private let first = trade("order_1", 1)

    @Test func `a message has its order's, payment's and refund's particulars`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.tell([
                event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2"),
                event(.refundNeedsAttention, of: first, "tx-2", code: "NOT_ENOUGH"),
                event(.refundSucceeded, of: first, "tx-2"), event(.orderClosed),
            ])
            var sent: [Delivery] = []
            while let claim = try await ledger.claim(61).first {
                sent.append(claim.delivery)
                #expect(try await ledger.finish(claim, .accepted, 61))
            }
            let full = fullOrder()
            #expect(
                sent.map(\.event.kind) == [
                    .orderPaid, .paymentDuplicate, .refundNeedsAttention, .refundSucceeded, .orderClosed,
                ])
            #expect(sent.map(\.event.providerCode) == [nil, nil, "NOT_ENOUGH", nil, nil])
            #expect(
                sent.allSatisfy {
                    $0.order.number == full.number && $0.order.userID == full.userID && $0.order.money == yuan
                        && $0.order.subject == full.subject && $0.event.at == at(61)
                })
            #expect(sent.map { $0.payment?.transactionID.text } == ["tx-1", "tx-2", "tx-2", "tx-2", nil])
            #expect(sent[1].payment == full.receipts[1].receipt)
            #expect(sent.map { $0.refund?.number } == [nil, nil, "order_1_1_r2", "order_1_1_r2", nil])
            #expect(sent[2].refund?.money == yuan)
        }
    }

    @Test func `a claim holds up to, not at, its end, and only the latest one is answered, once`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            let old = try #require(try await ledger.claim(61).first)
            #expect(try await ledger.claim(80).isEmpty)
            let new = try #require(try await ledger.claim(81).first)
            #expect(old.delivery == new.delivery && old.tries == 1 && new.tries == 2)
            #expect(try await ledger.finish(old, .accepted, 82) == false)
            #expect(try await ledger.records().map(\.state) == [.pending])
            #expect(try await ledger.finish(new, .refused(status: 503), 83))
            #expect(try await ledger.finish(new, .accepted, 84) == false)
            let record = try #require(try await ledger.records().first)
            #expect(record.state == .pending && record.lastAnswer == "answered with 503" && record.nextAt == at(113))
        }
    }

    @Test func `a pending message holds back later messages of its order only`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2")])
            try await ledger.tell([event(.orderPaid, of: trade("order_2", 1), "tx-1")], of: "order_2")
            let claims = try await ledger.claim(61)
            #expect(claims.map(\.delivery.order.number.text) == ["order_1", "order_2"])
            #expect(try await ledger.claim(61).isEmpty)
            #expect(try await ledger.finish(claims[0], .unanswered(reason: "no"), 62))
            #expect(try await ledger.claim(66).isEmpty)
            let again = try await ledger.claim(67)
            #expect(again.map(\.delivery) == [claims[0].delivery])
            #expect(try await ledger.finish(again[0], .accepted, 68))
            #expect(try await ledger.claim(68).map(\.delivery.event.kind) == [.paymentDuplicate])
        }
    }

    @Test func `a claim without due messages writes nothing`() async throws {
        try await withScratch { scratch in
            // Given one that was delivered, one that waits with another behind it, and one that is being sent.
            let ledger = try scratch.ledger()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2")])
            for claim in try await ledger.claim(61) { _ = try await ledger.finish(claim, .accepted, 61) }
            for claim in try await ledger.claim(61) { _ = try await ledger.finish(claim, .refused(status: 500), 61) }
            try await ledger.tell([event(.orderClosed)])
            try await ledger.tell([event(.orderClosed)], of: "order_3")
            #expect(try await ledger.claim(61).count == 1)

            // When, then
            let watcher = try scratch.connection()
            let before = try watcher.dataVersion()
            for _ in 0..<1_000 { #expect(try await ledger.claim(65).isEmpty) }
            #expect(try watcher.dataVersion() == before)
            #expect(try await ledger.claim(66).count == 1)
            #expect(try watcher.dataVersion() != before, "else the watcher sees nothing")
        }
    }

    @Test func `due messages are found by their index, without those behind a pending one`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let plan = try await scratch.connection().read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + OutboxStatements.due, arguments: ["now": 1, "limit": 1]
                ).map { $0["detail"] as String }
            }
            #expect(plan.first?.contains("deliveries_due (next_at<?)") == true, "\(plan)")
            #expect(plan.contains { $0.contains("deliveries_waiting (order_number=?)") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")

            for number in 1...50 {
                let name = "order_\(number)"
                try await ledger.tell(
                    [event(.orderPaid, of: trade(name, 1), "tx-\(number)"), event(.orderClosed)], of: name)
            }
            for claim in try await ledger.claim(61) {
                _ = try await ledger.finish(claim, .unanswered(reason: "down"), 61)
            }
            for number in 1...50 { try await ledger.tell([event(.orderExpired)], of: "order_\(number)") }
            let looked = try scratch.connection().number(
                "SELECT count(*) FROM deliveries WHERE state = 'pending' AND next_at < \(at(66).milliseconds)")
            #expect(looked == 0)
            #expect(try await ledger.claim(66).count == 50)
        }
    }

    @Test func `an unreadable message is parked, and holds up no other`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.orderClosed)])
            try await ledger.tell([event(.orderClosed)], of: "order_2")
            try await scratch.connection().write { db in
                try db.execute(
                    sql:
                        "DROP TRIGGER receipts_keep_their_particulars; UPDATE receipts SET channel = 'sandbox', standing"
                        + " = standing, paid_at = 1; PRAGMA ignore_check_constraints = ON;"
                        + " UPDATE receipts SET names_our_account = 7 WHERE trade_no = 'order_1_1'")
            }
            let claimed = try await ledger.claimDeliveries(dueAt: at(61), until: at(81), limit: 10)
            #expect(claimed.unreadable == [orderNumber("order_1")])
            #expect(claimed.claims.map(\.delivery.order.number.text) == ["order_2"])
            let parked = try #require(try await ledger.records(.parked).first)
            #expect(parked.lastAnswer?.contains("column names_our_account") == true)
            #expect(try await ledger.claim(61).map(\.delivery.event.kind) == [.orderClosed])
        }
    }

    @Test func `messages are listed by state and order, the latest first`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            for name in ["order_1", "order_2", "order_3"] {
                try await ledger.tell([event(.orderClosed), event(.orderExpired)], of: name)
            }
            let claim = try #require(try await ledger.claim(61, limit: 1).first)
            #expect(try await ledger.finish(claim, .accepted, 62))
            #expect(try await ledger.records().map(\.id.number) == [6, 5, 4, 3, 2, 1])
            #expect(try await ledger.records(limit: 2).map(\.id.number) == [6, 5])
            #expect(try await ledger.records(of: "order_1").map(\.state) == [.pending, .delivered])
            #expect(try await ledger.records(.pending, of: "order_1").map(\.id.number) == [2])
            let delivered = try #require(try await ledger.records(.delivered).first)
            #expect(delivered.deliveredAt == at(62) && delivered.tries == 1 && delivered.lastAnswer == "accepted")
            #expect(try await ledger.records(.parked) == [])
        }
    }
}
