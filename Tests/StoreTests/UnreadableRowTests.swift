import PayCore
import PayFlow
import PayRecords
import StoreTestSupport
import Testing

struct UnreadableRowTests {
    /// Edits of the database by hand, each with its error.
    static let edits: [(sql: String, table: String, key: String, column: String)] = [
        ("UPDATE orders SET user_id = '\u{7}'", "orders", "order_1", "user_id"),
        ("UPDATE orders SET currency = 'QQQ'", "orders", "order_1", "currency"),
        ("UPDATE orders SET amount = 0", "orders", "order_1", "amount"),
        ("UPDATE orders SET subject = '\u{7}'", "orders", "order_1", "subject"),
        ("UPDATE orders SET deadline = 9223372036854775807", "orders", "order_1", "deadline"),
        ("UPDATE orders SET state = 'lost'", "orders", "order_1", "state"),
        ("UPDATE orders SET paid_by = NULL", "orders", "order_1", "paid_by"),
        ("UPDATE orders SET paid_by = 'x'", "orders", "order_1", "paid_by"),
        ("UPDATE orders SET left_new_at = NULL", "orders", "order_1", "left_new_at"),
        ("UPDATE orders SET fence = -1", "orders", "order_1", "fence"),
        ("UPDATE orders SET lease_ends_at = NULL", "orders", "order_1", "lease_ends_at"),
        ("UPDATE orders SET lease_unanswered = 5", "orders", "order_1", "lease_unanswered"),
        ("UPDATE attempts SET trade_no = 'x' WHERE sequence = 2", "attempts", "order_1", "trade_no"),
        ("UPDATE attempts SET channel = '支付'", "attempts", "order_1_1", "channel"),
        ("UPDATE attempts SET terminal = 'tv'", "attempts", "order_1_1", "terminal"),
        ("UPDATE attempts SET state = 'lost'", "attempts", "order_1_1", "state"),
        ("UPDATE attempts SET recover_at = NULL", "attempts", "order_1_2", "recover_at"),
        ("UPDATE attempts SET state = 'creating', recover_at = 1", "attempts", "order_1_1", "tries"),
        ("UPDATE attempts SET provider_deadline = -1", "attempts", "order_1_1", "provider_deadline"),
        ("UPDATE pages SET serves = 0", "pages", "1", "serves"),
        ("UPDATE pages SET kind = 'pdf'", "pages", "1", "kind"),
        ("UPDATE pages SET expires_at = 9223372036854775807", "pages", "1", "expires_at"),
        ("UPDATE receipts SET standing = 'fine'", "receipts", "tx-1", "standing"),
        ("UPDATE receipts SET channel = ''", "receipts", "tx-1", "channel"),
        ("UPDATE receipts SET transaction_id = '' WHERE id = 1", "receipts", "order_1", "transaction_id"),
        ("UPDATE refunds SET state = 'lost'", "refunds", "order_1_1_r2", "state"),
    ]

    @Test(arguments: StoreKind.available, edits)
    func `an edited row throws an error with table, row and column`(
        _ kind: StoreKind, _ edit: (sql: String, table: String, key: String, column: String)
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            try database.tamper().executeWithoutRules(edit.sql)
            let error = await #expect(throws: UnreadableRow.self) {
                _ = try await ledger.order(orderNumber("order_1"))
            }
            #expect(error == UnreadableRow(table: edit.table, key: edit.key, column: edit.column))
            await #expect(throws: UnreadableRow.self) {
                _ = try await ledger.update(orderNumber("order_1"), creating: nil, at: noon) { _ in Decision(1) }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `an edited key is named by its scope`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            _ = try await ledger.update(orderNumber("order_1"), creating: nil, at: noon) { _ in
                Decision(1, usingUp: keyRecord("k", of: trade("order_1", 1)))
            }
            try database.tamper().executeWithoutRules("UPDATE idempotency_keys SET trade_no = 'x'")
            let error = await #expect(throws: UnreadableRow.self) { try await ledger.keyRecord(scoped("k"), at: noon) }
            #expect(error?.table == "idempotency_keys")
            #expect(error?.key == scoped("k").scope)
            #expect(error?.column == "trade_no")
        }
    }
}
