import Foundation
import GRDB
import LedgerSQL
import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore
@testable import SQLiteStore

struct SchemaTests {
    /// A database in which every table has a row, made once.
    private static let filled = Task {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await fill(ledger)
            try ledger.close()
            return try Data(contentsOf: URL(fileURLWithPath: scratch.path))
        }
    }

    private static func fill(_ ledger: SQLiteLedger) async throws {
        var full = fullOrder()
        full.newEvents = [event(.orderPaid, of: trade("order_1", 1), "tx-1")]
        let stored = full
        _ = try await ledger.update(full.number, creating: draft("order_1"), at: noon) { order in
            order = stored
            return Decision(true, usingUp: keyRecord("k-1", of: trade("order_1", 1)))
        }
        _ = try await ledger.record(notice("n-1", about: "order_1_1"), at: noon) { _ in .paid }
        _ = try await ledger.keepKinds([sandbox: .sandbox])
        _ = try await ledger.pause(sandbox, at: noon)
        try await ledger.report([.circuitOpen(sandbox, since: noon)], of: WorkerID("worker-a"), at: noon)
        try await fillBooks(ledger)
    }

    /// Two bills, and a difference without an order.
    private static func fillBooks(_ ledger: SQLiteLedger) async throws {
        let day = BillDay(containing: noon)
        try await ledger.load([line(1, "tx-9", of: "lost_order_1")], of: day)
        try await ledger.load([], of: day.next)
        _ = try await ledger.compareLines(of: sandbox, behind: nil, limit: 10, foreign: .report, at: noon)
    }

    /// The error of a change to a copy of that database; nil if it is accepted.
    private func refusal(of change: @escaping @Sendable (Database) throws -> Void) async throws -> DatabaseError? {
        let filled = try await Self.filled.value
        return try await withScratch { scratch in
            try filled.write(to: URL(fileURLWithPath: scratch.path))
            do {
                try await scratch.connection().write(change)
                return nil
            } catch let error as DatabaseError {
                return error
            }
        }
    }

    @Test(arguments: BadRow.good.keys.sorted())
    func `a valid copy of a row is accepted`(_ table: String) async throws {
        // Otherwise the refusals below would prove nothing.
        let error = try await refusal { try BadRow.copy(of: table, with: [:], $0) }
        #expect(error == nil)
    }

    @Test(arguments: SchemaCases.badRows)
    func `a row that breaks a rule is refused by the rule's name`(_ bad: BadRow) async throws {
        let error = try await refusal { try BadRow.copy(of: bad.table, with: bad.changes, $0) }
        #expect(error?.message == "CHECK constraint failed: \(bad.constraint)")
    }

    @Test(arguments: SchemaCases.uniques)
    func `a second row with the same unique values is refused`(_ bad: BadRow, _ columns: String) async throws {
        let error = try await refusal { try BadRow.copy(of: bad.table, with: bad.changes, $0) }
        #expect(error?.message == "UNIQUE constraint failed: \(columns)")
    }

    @Test func `two refunds of an order with one number of the merchant are refused`() async throws {
        let error = try await refusal { db in
            for suffix in ["m1", "m2"] {
                try db.execute(sql: SchemaCases.merchantRefund(suffix, 1, number: "'R1'"))
            }
        }
        #expect(error?.message == "UNIQUE constraint failed: refunds.order_number, refunds.refund_no")
    }

    @Test(arguments: SchemaCases.foreignKeys)
    func `a row with an unknown reference is refused`(_ bad: BadRow) async throws {
        let error = try await refusal { try BadRow.copy(of: bad.table, with: bad.changes, $0) }
        #expect(error?.message == "FOREIGN KEY constraint failed")
    }

    @Test(arguments: SchemaCases.badChanges)
    func `a change that breaks a rule is refused by the rule's name`(_ sql: String, _ rule: String) async throws {
        let error = try await refusal { try $0.execute(sql: sql) }
        #expect(error?.message?.hasPrefix("\(rule): ") == true, "\(String(describing: error))")
    }

    @Test func `an order leaves new only with a higher fence`() async throws {
        try await withScratch { scratch in
            try await scratch.ledger().put(order("order_1", fence: 2))
            let leave = "UPDATE orders SET state = 'closed', left_new_at = 1, updated_at = updated_at + 1, fence = "
            let connection = try scratch.connection()
            let error = #expect(throws: DatabaseError.self) {
                try connection.write { try $0.execute(sql: leave + "2") }
            }
            #expect(error?.message?.hasPrefix("orders_leave_new_with_a_higher_fence: ") == true)
            try await connection.write { try $0.execute(sql: leave + "3") }
        }
    }

    @Test(arguments: AttemptStateName.allCases)
    func `the schema permits exactly the core's transitions of an attempt`(_ old: AttemptStateName) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let connection = try scratch.connection()
            for new in AttemptStateName.allCases {
                let number = trade("to_\(new)", 1)
                let state = everyAttemptState.first { $0.name == old }!
                try await ledger.put(order(number.order.text, attempts: [attempt(number, state)]))
                let change = """
                    UPDATE attempts SET state = '\(new)', first_unknown_at = NULL, close_unanswered_at = NULL, ask_at = NULL,
                        tries = \(new == .creating ? "1" : "NULL"),
                        recover_at = \(new == .creating || new == .closing ? "1" : "NULL")
                    WHERE trade_no = '\(number)'
                    """
                let isTaken = (try? await connection.write { try $0.execute(sql: change) }) != nil
                #expect(isTaken == (old == new || old.mayBecome(new)), "\(new)")
            }
        }
    }

    /// SQLite would build a temporary table for each, at every row.
    @Test(arguments: ["orders", "attempts", "pages", "history", "idempotency_keys"])
    func `no rule of a table that a first pay writes to uses a list of three or more`(table: String) async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let connection = try scratch.connection()
            let text = try connection.texts("SELECT sql FROM sqlite_schema WHERE name = '\(table)'").joined()
            #expect(text.contains("CHECK"))
            #expect(text.matches(of: /IN \([^,)]+(,[^,)]+){2,}\)/).map { $0.0 } == [])
            let steps = try await connection.read { db in
                let columns = try db.columns(in: table).map(\.name).joined(separator: ", ")
                let copy = "INSERT INTO \(table) SELECT \(columns) FROM \(table)"
                return try Row.fetchAll(db, sql: "EXPLAIN \(copy)").map { $0["opcode"] as String }
            }
            // One, because the table is copied into itself.
            #expect(steps.filter { $0 == "OpenEphemeral" }.count <= 1)
            #expect(try connection.texts("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func `a disputed receipt changes its particulars only in the update that decides it`() async throws {
        try await withScratch { scratch in
            let trade = trade("order_1", 1)
            let disputed = receipt(trade, "tx-1", amount: 1, currency: "usd", namesOurAccount: false)
            try await scratch.ledger().put(
                order("order_1", attempts: [attempt(trade)], receipts: [recorded(disputed, .disputed)]))
            let connection = try scratch.connection()
            func refusal(_ sql: String) -> String? {
                do {
                    try connection.write { try $0.execute(sql: "UPDATE receipts SET \(sql)") }
                    return nil
                } catch {
                    return (error as? DatabaseError)?.message
                }
            }
            let fits = "amount = 9900, currency_code = 'CNY', names_our_account = 1, paid_at = 7, standing = 'honest'"
            for bad in [
                "amount = 9900", "names_our_account = 1, standing = 'disputed'", fits + ", recorded_at = 1",
                fits + ", trade_no = 'order_1_2'", fits + ", transaction_id = 'tx-9'", fits + ", channel = 'wechat'",
            ] {
                #expect(refusal(bad)?.hasPrefix("receipts_keep_their_particulars: ") == true, "\(bad)")
            }
            #expect(refusal("standing = 'honest'")?.contains("receipts_foreign_are_disputed") == true)
            #expect(refusal(fits) == nil)
            #expect(refusal(fits)?.hasPrefix("receipts_keep_their_particulars: ") == true)
        }
    }

    @Test func `every rule of the schema has a test here`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let connection = try scratch.connection()
            let tables = try connection.texts("SELECT sql FROM sqlite_master WHERE type = 'table'").joined()
            let checks = tables.matches(of: /CONSTRAINT (\w+) CHECK/).map { String($0.1) }
            #expect(Set(checks) == Set(SchemaCases.badRows.map(\.constraint)))

            let triggers = try connection.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            // Those that refuse nothing are tried where pages are purged.
            let tried =
                SchemaCases.badChanges.map(\.1) + ["orders_leave_new_with_a_higher_fence"]
                + ["orders_leave_pages_to_purge", "orders_come_with_pages_to_purge"]
            #expect(Set(triggers) == Set(tried))

            let indexes = try connection.texts(
                "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE%'")
            let unique = SchemaCases.uniques.map(\.0.constraint).filter { !$0.isEmpty } + ["refunds_one_for_refund_no"]
            #expect(Set(indexes) == Set(unique))
            #expect(
                try connection.texts("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict")
                    .filter { !$0.hasPrefix("sqlite_") } == [])
        }
    }
}
