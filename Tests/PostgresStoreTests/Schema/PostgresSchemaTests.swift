import StoreTestSupport
import Testing

/// The parts of the schema that SQLite has not.
@Suite(StoreKind.needsPostgres) struct PostgresSchemaTests {
    private func withTamper(_ body: (any Tamper) throws -> Void) async throws {
        try await withTestDatabase(.postgres) { try body(try $0.tamper()) }
    }

    private func inserting(_ numbers: [String]) -> String {
        let rows = numbers.map { "('\($0)', 'user', 1, 'CNY', 'tea', 1, 2, 'new', 1, 1)" }.joined(separator: ", ")
        return """
            INSERT INTO orders (
                number, user_id, amount, currency, subject, created_at, deadline, state, fence, updated_at
            ) VALUES \(rows);
            INSERT INTO attempts (
                trade_no, order_number, sequence, channel, terminal, openid, amount, currency, subject, provider_deadline,
                notify_url, created_at, state, state_since, last_word_at
            ) SELECT number || '_1', number, 1, 'sandbox', 'pc', '', 1, 'CNY', 'tea', 1, 'https://pay.example', 1, 'open', 1, 1
            FROM orders;
            """
    }

    @Test func `every slice has some of the orders, and an order has one slice in every table`() async throws {
        try await withTamper { tamper in
            try tamper.execute(inserting((1...1_000).map { "order_\($0)" }))
            try tamper.execute(
                "UPDATE orders SET state = 'closed', left_new_at = 1, fence = 2, updated_at = 2 WHERE number = 'order_7'"
            )
            #expect(try tamper.texts("SELECT DISTINCT slice FROM orders ORDER BY slice") == (0...63).map { "\($0)" })
            let apart = """
                SELECT orders.number FROM orders
                JOIN attempts ON attempts.order_number = orders.number
                LEFT JOIN pages_to_purge ON pages_to_purge.order_number = orders.number
                WHERE (attempts.slice, coalesce(pages_to_purge.slice, orders.slice))
                    IS DISTINCT FROM (orders.slice, orders.slice)
                """
            #expect(try tamper.texts(apart) == [])
            #expect(try tamper.number("SELECT count(*) FROM pages_to_purge") == 1)
        }
    }

    @Test func `a page and a receipt know their order by the trade's number`() async throws {
        try await withTamper { tamper in
            try tamper.execute(inserting(["a_1_b_22"]))
            try tamper.execute(
                """
                INSERT INTO pages (trade_no, terminal, openid, serves, kind, content, minted_at, expires_at)
                VALUES ('a_1_b_22_1', 'pc', '', 1, 'html', '<p>', 1, 2);
                INSERT INTO receipts (
                    trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, returned, standing,
                    ruled_on, recorded_at
                ) VALUES ('a_1_b_22_1', 'sandbox', 'tx-1', 1, 'CNY', 1, 1, 0, 'honest', 0, 1)
                """)
            let found = try tamper.texts("SELECT order_number FROM pages UNION ALL SELECT order_number FROM receipts")
            #expect(found == ["a_1_b_22", "a_1_b_22"])
        }
    }

    @Test func `an order notes the transaction and the era of each change`() async throws {
        try await withTamper { tamper in
            try tamper.execute(inserting(["order_1"]))
            let first = try #require(try tamper.texts("SELECT era || ' ' || changed_in FROM orders").first)
            try tamper.execute("UPDATE eras SET era = era + 1")
            // A change by hand can't set them.
            try tamper.execute("UPDATE orders SET fence = 2, updated_at = 2, era = 0, changed_in = '1'")
            let second = try #require(try tamper.texts("SELECT era || ' ' || changed_in FROM orders").first)
            #expect(first.hasPrefix("0 "))
            #expect(second.hasPrefix("1 "))
            let isLast = try tamper.number("SELECT (changed_in = xmin::text::xid8)::integer FROM orders")
            #expect(isLast == 1, "the row's own transaction")
            #expect(first.dropFirst(2) != second.dropFirst(2))
        }
    }

    @Test func `a transaction of a connection that was given up can't commit`() async throws {
        try await withTamper { tamper in
            let lane = "00000000-0000-4000-8000-000000000001"
            func mark(_ term: Int, _ number: Int) throws -> Bool {
                try tamper.refusal(of: "SELECT mark_commit('\(lane)', \(term), \(number))") == nil
            }
            #expect(try !mark(1, 1), "without a row")
            try tamper.execute("INSERT INTO commit_marks (lane, term, mark) VALUES ('\(lane)', 1, 0)")
            try tamper.execute("SELECT mark_commit('\(lane)', 1, 5)")
            #expect(try tamper.number("SELECT mark FROM commit_marks") == 5)
            #expect(try !mark(1, 5), "the same transaction again")
            #expect(try mark(1, 6))
            try tamper.execute("UPDATE commit_marks SET term = term + 1")
            #expect(try !mark(1, 6), "of the term before")
            #expect(try mark(2, 6))
        }
    }

    @Test func `two transactions can't refund the same money side by side`() async throws {
        try await withTestDatabase(.postgres) { database in
            let (first, second) = (try database.tamper(), try database.tamper())
            try first.execute(inserting(["order_1"]))
            try first.execute(
                """
                INSERT INTO receipts (
                    trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, returned, standing,
                    ruled_on, recorded_at
                ) VALUES ('order_1_1', 'sandbox', 'tx-1', 100, 'CNY', 1, 1, 0, 'honest', 0, 1)
                """)
            func refunding(_ suffix: String) -> String {
                """
                INSERT INTO refunds (
                    order_number, number, trade_no, channel, transaction_id, amount, currency, cause, created_at, state,
                    was_submitted, refused_tries, renewals, number_used_up
                ) VALUES (
                    'order_1', 'order_1_1_\(suffix)', 'order_1_1', 'sandbox', 'tx-1', 60, 'CNY', 'merchant', 1, 'pending',
                    0, 0, 0, 0
                )
                """
            }
            try first.execute("BEGIN")
            try first.execute(refunding("m1"))
            // The second waits for the first.
            let wait = try second.refusal(of: "SET LOCAL lock_timeout = '1ms'; " + refunding("m2"))
            #expect(wait?.message.contains("lock timeout") == true)
            try first.execute("COMMIT")
            #expect(try second.refusal(of: refunding("m2"))?.rule == "refunds_never_exceed_the_payment")
        }
    }
}
