import StoreTestSupport
import Testing

@testable import PayCore

/// Each rule of the schema refuses a row or a change that breaks it, on each kind of database.
@Suite struct SchemaTests {
    /// A database in which every table has a row.
    private func withRows(
        _ kind: StoreKind, _ body: (SchemaCatalog) throws -> Void
    ) async throws {
        try await withTestDatabase(kind) { database in
            let tamper = try database.tamper()
            try tamper.execute(SchemaRows.all)
            try body(SchemaCatalog(kind: kind, tamper: tamper))
        }
    }

    /// The error of each row, in order.
    private func refusals(of rows: [BadRow], _ catalog: SchemaCatalog) throws -> [(bad: BadRow, error: Refusal?)] {
        var columns: [String: [String]] = [:]
        for table in Set(rows.map(\.table)) { columns[table] = try catalog.columns(of: table) }
        return try rows.map { ($0, try catalog.tamper.refusal(of: $0.insertion(columns[$0.table] ?? []))) }
    }

    @Test(arguments: StoreKind.available)
    func `a valid copy of each row is accepted`(_ kind: StoreKind) async throws {
        // Otherwise the refusals below would prove nothing.
        try await withRows(kind) { catalog in
            for (row, error) in try refusals(of: BadRow.good.keys.map { BadRow($0, [:], "") }, catalog) {
                #expect(error == nil, "\(row.table)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a row that breaks a rule is refused by the rule's name`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            for (bad, error) in try refusals(of: SchemaCases.badRows, catalog) {
                #expect(error?.kind == .check, "\(bad.testDescription): \(String(describing: error))")
                #expect(error?.rule == bad.constraint, "\(bad.testDescription)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a second row with the same unique values is refused`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            let found = try refusals(of: SchemaCases.uniques.map(\.0), catalog)
            for ((bad, error), (_, columns)) in zip(found, SchemaCases.uniques) {
                let name = bad.constraint.isEmpty ? "\(bad.table)_pkey" : bad.constraint
                #expect(error?.kind == .unique, "\(bad.testDescription): \(String(describing: error))")
                #expect(error?.rule == (kind == .sqlite ? columns : name), "\(bad.testDescription)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `two refunds of an order with one number of the merchant are refused`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            let twice = ["m1", "m2"].map { SchemaCases.merchantRefund($0, 1, number: "'R1'") }.joined()
            let error = try catalog.tamper.refusal(of: twice)
            #expect(error?.kind == .unique)
            #expect(
                error?.rule
                    == (kind == .sqlite ? "refunds.order_number, refunds.refund_no" : "refunds_one_for_refund_no"))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a row with an unknown reference is refused`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            // The history has no foreign keys in PostgreSQL.
            let cases = SchemaCases.foreignKeys + (kind == .sqlite ? SchemaCases.historyForeignKeys : [])
            for (bad, error) in try refusals(of: cases, catalog) {
                #expect(error?.kind == .foreignKey, "\(bad.testDescription): \(String(describing: error))")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a change that breaks a rule is refused by the rule's name`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            for (sql, rule) in SchemaCases.badChanges {
                let error = try catalog.tamper.refusal(of: sql)
                #expect(error?.kind == .guard, "\(sql): \(String(describing: error))")
                #expect(error?.rule == rule, "\(sql)")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order leaves new only with a higher fence`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            let order = BadRow("orders", ["fence": "2"], "").insertion(try catalog.columns(of: "orders"))
            func leaving(_ fence: Int) -> String {
                """
                \(order);
                UPDATE orders SET state = 'closed', left_new_at = 1, updated_at = updated_at + 1, fence = \(fence)
                WHERE number = 'order_2'
                """
            }
            let (refused, accepted) = (
                try catalog.tamper.refusal(of: leaving(2)), try catalog.tamper.refusal(of: leaving(3))
            )
            #expect(refused?.rule == "orders_leave_new_with_a_higher_fence")
            #expect(accepted == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `the schema permits exactly the core's transitions of an attempt`(_ kind: StoreKind) async throws {
        func columns(_ state: AttemptStateName) -> [String: String] {
            [
                "state": "'\(state.rawValue)'", "tries": state == .creating ? "1" : "NULL",
                "recover_at": state == .creating || state == .closing ? "1" : "NULL",
            ]
        }
        try await withRows(kind) { catalog in
            let order = BadRow("orders", [:], "").insertion(try catalog.columns(of: "orders"))
            let names = try catalog.columns(of: "attempts")
            for old in AttemptStateName.allCases {
                let place = ["trade_no": "'order_2_21'", "order_number": "'order_2'", "sequence": "21"]
                let attempt = BadRow("attempts", columns(old).merging(place) { $1 }, "").insertion(names)
                for new in AttemptStateName.allCases {
                    let change = columns(new).map { "\($0) = \($1)" }.joined(separator: ", ")
                    let error = try catalog.tamper.refusal(
                        of: "\(order); \(attempt); UPDATE attempts SET \(change) WHERE trade_no = 'order_2_21'")
                    #expect((error == nil) == (old == new || old.mayBecome(new)), "\(old) to \(new)")
                    #expect([nil, "attempts_move_by_the_table"].contains(error?.rule), "\(old) to \(new)")
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a disputed receipt changes its particulars only in the update that decides it`(
        _ kind: StoreKind
    ) async throws {
        try await withRows(kind) { catalog in
            let disputed = BadRow(
                "receipts",
                [
                    "transaction_id": "'tx-9'", "amount": "1", "currency_code": "'usd'", "names_our_account": "0",
                    "standing": "'disputed'",
                ], "")
            try catalog.tamper.execute(disputed.insertion(try catalog.columns(of: "receipts")))
            func change(_ sql: String) -> String { "UPDATE receipts SET \(sql) WHERE transaction_id = 'tx-9'" }
            func rule(_ sql: String) throws -> String? { try catalog.tamper.refusal(of: change(sql))?.rule }
            let fits = "amount = 9900, currency_code = 'CNY', names_our_account = 1, paid_at = 7, standing = 'honest'"
            for bad in [
                "amount = 9900", "names_our_account = 1, standing = 'disputed'", fits + ", recorded_at = 1",
                fits + ", trade_no = 'order_1_2'", fits + ", transaction_id = 'tx-8'", fits + ", channel = 'wechat'",
            ] {
                #expect(try rule(bad) == "receipts_keep_their_particulars", "\(bad)")
            }
            #expect(try rule("standing = 'honest'") == "receipts_foreign_are_disputed")
            try catalog.tamper.execute(change(fits))
            #expect(try rule(fits) == "receipts_keep_their_particulars")
        }
    }

    @Test(arguments: StoreKind.available)
    func `every rule of the schema has a test here`(_ kind: StoreKind) async throws {
        try await withRows(kind) { catalog in
            let checks = try catalog.checks()
            #expect(checks == Set(SchemaCases.badRows.map(\.constraint)))
            // Those that refuse nothing are tried where pages are purged, and where operators change.
            let triggers =
                SchemaCases.badChanges.map(\.1) + ["orders_leave_new_with_a_higher_fence"]
                + [
                    "orders_leave_pages_to_purge", "orders_come_with_pages_to_purge", "operators_end_their_sessions",
                    "events_reach_their_endpoints", "orders_look_for_lost_trades",
                ]
            #expect(try catalog.triggers() == Set(triggers))
            let unique = SchemaCases.uniques.map(\.0.constraint).filter { !$0.isEmpty } + ["refunds_one_for_refund_no"]
            #expect(try catalog.uniqueIndexes() == Set(unique))
        }
    }
}
