import GRDB
import PayCore
import PayFlow
import StoreTestSupport
import Testing

@testable import LedgerSQL
@testable import SQLiteStore

/// The indexes by which statements find their rows.
struct QueryPlanTests {
    @Test
    func `the live page's statement reads every table by an index`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments: StatementArguments = [
                "number": "order_1", "channel": nil, "openid": nil, "terminal": nil, "now": 1,
            ]
            let plan = try Self.plan(LivePageStatement.sql, arguments, scratch)
            #expect(!plan.isEmpty)
            #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }

    @Test
    func `the live page's statement uses the index of live attempts`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments: StatementArguments = ["number": "", "channel": "", "openid": "", "terminal": 1, "now": 1]
            let plan = try Self.plan(LivePageStatement.sql, arguments, scratch)
            #expect(plan.contains { $0.contains("attempts_one_live") }, "\(plan)")
            #expect(plan.contains { $0.contains("pages_of_trade") }, "\(plan)")
        }
    }

    @Test
    func `the last change and lists of due work are read in the order of their index`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let last = try Self.plan("SELECT max(updated_at) FROM orders", [], scratch)
            #expect(last.count == 1 && last[0].hasPrefix("SEARCH"), "\(last)")
            for sql in [RecoveryStatement.sql, RecoveryStatement.plannedBeforeStep] {
                let recovery = try Self.plan(sql[.sqlite], [1, "[]", 1], scratch)
                #expect(recovery.first?.contains("attempts_to_recover") == true, "\(recovery)")
                #expect(!recovery.contains { $0.contains("TEMP B-TREE") }, "\(recovery)")
            }

            let due: StatementArguments = ["now": 1, "channels": "[]", "limit": 1]
            for (sql, index) in [
                (DueStatements.attemptsToWatch, "attempts_to_ask"), (DueStatements.attemptsToEnd, "attempts_to_end"),
                (DueStatements.refundsToAsk, "refunds_to_ask"),
                (DueStatements.refundsPlannedBeforeStep, "refunds_to_ask"),
            ] {
                let plan = try Self.plan(sql[.sqlite], due, scratch)
                #expect(plan.first?.contains(index) == true, "\(plan)")
                #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            }
            let over = try Self.plan(DueStatements.ordersToExpire[.sqlite], ["now": 1, "limit": 1], scratch)
            #expect(over.first?.contains("orders_to_expire") == true, "\(over)")
            #expect(!over.contains { $0.contains("TEMP B-TREE") }, "\(over)")
        }
    }

    @Test(arguments: [
        PurgeStatements.ordersOver, PurgeStatements.pagesOfOrder, PurgeStatements.orderPurged,
        PurgeStatements.anyExpiredKey, PurgeStatements.expiredKeys, PrivacyStatements.due,
    ])
    func `purges find their rows by an index, without sorting`(_ sql: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments = StatementArguments(Array(repeating: 1, count: sql.count { $0 == "?" }))
            let plan = try scratch.connection().read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map {
                    $0["detail"] as String
                }
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") && $0 != "SCAN CONSTANT ROW" }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    @Test(arguments: [
        (BacklogStatements.attempts, "attempts_in_work"),
        (BacklogStatements.refunds[.sqlite], "refunds_to_ask"),
        (BacklogStatements.disputes, "receipts_disputed"),
        (BacklogStatements.deliveries, "deliveries_due"),
        (BacklogStatements.parked, "deliveries_given_up"),
        (BacklogStatements.lastNotice, "notices_by_time"),
        (AttentionStatements.listedDisputes, "receipts_disputed"),
        (AttentionStatements.listedRefunds, "refunds_for_people"),
        (AttentionStatements.listedParked, "deliveries_given_up"),
        (AttentionStatements.listedDifferences, "differences_by_state"),
        (PrivacyStatements.noticesDue[.sqlite], "notices_of_unknown_orders"),
        (RefundRows.listing(in: .failed), "refunds_by_state (state=?)"),
        (
            DeliveryListStatements.listing(DeliveryListing(endpoint: EndpointName("shop"), limit: 9), in: .sqlite),
            "deliveries_of_endpoint (endpoint=?)"
        ),
        (
            DeliveryListStatements.listing(
                DeliveryListing(state: .pending, endpoint: EndpointName("shop"), limit: 9), in: .sqlite),
            "deliveries_due"
        ),
        (EndpointRows.waiting, "deliveries_due"),
        (EndpointRows.parked[.sqlite], "deliveries_given_up"),
        ("SELECT count(*) " + AttentionStatements.disputes, "receipts_disputed"),
        ("SELECT count(*) " + AttentionStatements.refunds, "refunds_for_people"),
        ("SELECT count(*) " + AttentionStatements.parked, "deliveries_given_up"),
    ])
    func `each list reads an index of exactly its things`(_ sql: String, _ index: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let plan = try await scratch.connection().read { db in
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                let values = Array(repeating: 1, count: sql.matches(of: /\?|:\w+/).count)
                statement.setUncheckedArguments(StatementArguments(values))
                return try Row.fetchAll(statement).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains(index) }, "\(plan)")
            // A partial index may be scanned: it has nothing else.
            let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("USING") && $0 != "SCAN CONSTANT ROW" }
            #expect(scans.isEmpty, "\(plan)")
            #expect(!plan.contains { $0.contains("attempts_in_order") }, "\(plan)")
        }
    }

    @Test
    func `the open work of channels is counted in narrow indexes, and that of one channel reads no other's attempts`()
        async throws
    {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let all = try Self.plan(ChannelRows.undecided[.sqlite], [], scratch)
            let one = try Self.plan(ChannelRows.undecidedOfOne[.sqlite], ["channel": "alipay"], scratch)
            for index in ["COVERING INDEX attempts_in_work", "INDEX attempts_over_to_ask"] {
                #expect(all.contains("SCAN attempts USING \(index)"), "\(all)")
                #expect(one.contains { $0.hasPrefix("SEARCH attempts USING \(index) (channel=?") }, "\(one)")
            }
        }
    }

    @Test
    func `refusals that wait for a person are found by their time, however many attempts are open`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let count = try Self.plan(
                "SELECT count(*) " + AttentionStatements.refusals[.sqlite], ["since": 1], scratch)
            let list = try Self.plan(AttentionStatements.listedRefusals[.sqlite], ["since": 1, "limit": 1], scratch)
            for plan in [count, list] {
                #expect(plan.first == "SEARCH refusal USING INDEX history_refusals (at>?)", "\(plan)")
                #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
            }
        }
    }

    @Test
    func `an event looks for the pending deliveries of its order among any number of others`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let trigger = try await scratch.connection().read { db in
                try String.fetchOne(
                    db, sql: "SELECT sql FROM sqlite_schema WHERE name = 'events_reach_their_endpoints'")
            }
            let search = try #require(trigger?.firstMatch(of: /SELECT max(?s).*'pending'/)).output
            let bound = search.replacing("NEW.order_number", with: "1").replacing("endpoint.name", with: "1")
            let plan = try Self.plan(String(bound), [], scratch)
            #expect(plan.count == 1, "\(plan)")
            #expect(plan.first?.contains("deliveries_waiting (order_number=? AND endpoint=?)") == true, "\(plan)")
        }
    }

    @Test
    func `sums for charts read the rows of their period only`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let arguments: StatementArguments = ["start": 1, "step": 1, "end": 2, "largest": 1]
            for (sql, search) in [
                (MoneyTotalStatements.payments, "receipts USING INDEX receipts_by_time (channel=? AND paid_at>?"),
                (MoneyTotalStatements.refunds, "refunds USING INDEX refunds_by_time (channel=? AND refunded_at>?"),
            ] {
                let plan = try Self.plan(sql[.sqlite], arguments, scratch)
                #expect(plan.contains { $0.hasPrefix("SEARCH \(search)") }, "\(plan)")
                // The table of channels has a row for each configured channel.
                #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") || $0.hasPrefix("SCAN channels") }, "\(plan)")
            }
        }
    }

    @Test(arguments: [HistoryRows.selection, HistoryStore.noticesOfOrder])
    func `the history is read by an index, without sorting`(_ sql: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let plan = try scratch.connection().read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: ["order_1"]).map {
                    $0["detail"] as String
                }
            }
            #expect(plan.count == 1 && plan[0].hasPrefix("SEARCH"), "\(plan)")
        }
    }

    @Test(arguments: [
        ReconciliationLists.differences(DifferenceListing(state: .open, limit: 9)),
        ReconciliationLists.differences(DifferenceListing(limit: 9)),
        ReconciliationLists.differences(DifferenceListing(order: orderNumber("order_1"), limit: 9)),
    ])
    func `no list of differences sorts or scans the table`(sql: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let bound = sql.replacing(":order", with: "'order_1'").replacing(":limit", with: "9")
            let plan = try await scratch.connection().read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + bound).map { $0["detail"] as String }
            }
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    @Test
    func `the lines to compare are found among any number of matched ones by their index`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let bound = BillLineRows.selection[.sqlite].replacing(/:\w+/, with: "1")
            let plan = try await scratch.connection().read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + bound).map { $0["detail"] as String }
            }
            #expect(plan.count == 1 && plan[0].contains("bill_lines_unmatched"), "\(plan)")
        }
    }

    @Test func `due messages are found by their index, without those behind a pending one`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let plan = try Self.plan(OutboxStatements.due, ["endpoint": "default", "now": 1, "limit": 1], scratch)
            #expect(plan.first?.contains("deliveries_due (endpoint=? AND next_at<?)") == true, "\(plan)")
            #expect(plan.contains { $0.contains("deliveries_waiting (order_number=? AND endpoint=?)") }, "\(plan)")
            #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    private static func plan(_ sql: String, _ arguments: StatementArguments, _ scratch: Scratch) throws -> [String] {
        try scratch.connection().read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] }
        }
    }
}
