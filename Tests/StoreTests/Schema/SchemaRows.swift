/// A row of each table, in every kind of database.
enum SchemaRows {
    static let all = order + money + messages + books + operation

    private static let order = """
        INSERT INTO orders (
            number, user_id, amount, currency, subject, return_url, created_at, deadline, state, paid_by, left_new_at, fence,
            lease_owner, lease_ends_at, lease_unanswered, updated_at
        ) VALUES (
            'order_1', '用户 7', 9900, 'CNY', 'Zwei Tassen ☕️ = 99 元', 'https://shop.example/back', 1000, 1801000, 'paid',
            'order_1_1', 61000, 3, 'worker-a', 70000, 1, 5
        );
        INSERT INTO attempts (
            trade_no, order_number, sequence, channel, terminal, openid, amount, currency, subject, provider_deadline,
            notify_url, created_at, state, state_since, recover_at, last_word_at
        ) VALUES
            (
                'order_1_1', 'order_1', 1, 'sandbox', 'pc', '', 9900, 'CNY', 'Zwei Tassen', 1801000,
                'https://pay.example/v1/notices/sandbox', 2000, 'paid', 3000, NULL, 1860000
            ),
            (
                'order_1_2', 'order_1', 2, 'wechat', 'pc', '', 9900, 'CNY', 'Zwei Tassen', 1801000,
                'https://pay.example/v1/notices/wechat', 2000, 'closing', 3000, 80000, 1860000
            );
        INSERT INTO pages (trade_no, terminal, openid, serves, kind, content, minted_at, expires_at)
        VALUES ('order_1_1', 'pc', '', 1, 'html', '<p>', 3000, 300000);
        INSERT INTO idempotency_keys (scope, key, fingerprint, trade_no, made_order, expires_at)
        VALUES ('merchant POST /v1/payments', 'k-1', 'f1', 'order_1_1', 1, 86400000);
        INSERT INTO history (order_number, at, what) VALUES ('order_1', 1000, 'made');

        """

    private static let money = """
        INSERT INTO receipts (
            trade_no, channel, transaction_id, amount, currency_code, paid_at, names_our_account, returned, standing,
            ruled_on, recorded_at
        ) VALUES
            ('order_1_1', 'sandbox', 'tx-1', 9900, 'CNY', 60000, 1, 0, 'honest', 0, 61000),
            ('order_1_1', 'sandbox', 'tx-2', 9900, 'CNY', 60000, 1, 0, 'duplicate', 0, 61000);
        INSERT INTO refunds (
            order_number, number, trade_no, channel, transaction_id, amount, currency, cause, created_at, state, ask_at,
            was_submitted, refused_tries, renewals, number_used_up
        ) VALUES (
            'order_1', 'order_1_1_r2', 'order_1_1', 'sandbox', 'tx-2', 9900, 'CNY', 'duplicate', 61000, 'pending', 61000,
            0, 0, 0, 0
        );

        """

    private static let messages = """
        INSERT INTO notices (channel, notice_id, trade_no, order_number, body, outcome, received_at)
        VALUES ('sandbox', 'n-1', 'order_1_1', 'order_1', '{}', 'paid', 60000);
        INSERT INTO webhook_endpoints (name, origin, kinds, active, added_at)
        VALUES ('default', 'https://shop.example', ' order.paid order.closed ', 1, 1000);
        INSERT INTO events (order_number, kind, trade_no, transaction_id, occurred_at)
        VALUES ('order_1', 'order.paid', 'order_1_1', 'tx-1', 61000);
        INSERT INTO delivery_attempts (delivery_id, number, began_at, took, outcome, status, answer, excerpt)
        VALUES (1, 1, 61000, 20, 'refused', 500, 'answered with 500', 'sorry');

        """

    /// Two bills, and a difference without an order.
    private static let books = """
        INSERT INTO bills (channel, day, state, load, claim) VALUES
            ('sandbox', '2026-11-22', 'wanted', 0, 1), ('sandbox', '2026-11-23', 'wanted', 0, 1);
        INSERT INTO bill_lines (
            bill_id, load, row, standing, kind, status, trade_no, transaction_id, amount, currency_code, fee_micros, at
        ) VALUES (1, 1, 1, 'difference', 'payment', 'succeeded', 'lost_order_1', 'tx-9', 9900, 'CNY', 6000, 60000);
        UPDATE bills SET state = 'loaded', load = 1, digest = 'd', rows = 1, loaded_at = 1, compared_at = 2;
        INSERT INTO differences (
            channel, kind, subject, day, bill_id, load, row, trade_no, transaction_id, amount_there, currency_there,
            status_there, opened_at
        ) VALUES (
            'sandbox', 'missing_here', 'payment:tx-9', '2026-11-22', 1, 1, 1, 'lost_order_1', 'tx-9', 9900, 'CNY',
            'succeeded', 1
        );

        """

    private static let operation = """
        INSERT INTO audit (at, actor, way, origin, action, subject, order_number, reason, detail)
        VALUES (1, 'ada', 'console', '192.0.2.7', 'dispute.accept', 'tx-1', 'order_1', 'the buyer called', '99.00 CNY');
        INSERT INTO operators (
            name, role, password, code_secret, code_step, invitation, invitation_ends_at, failures, locked_until,
            added_at
        ) VALUES (
            'ada', 'admin', '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 0,
            \(BadRow.digest("a")), 1, 0, 1, 1
        );
        INSERT INTO operator_sessions (digest, operator_name, begun_at, used_at, origin)
        VALUES (\(BadRow.digest("a")), 'ada', 1, 1, '192.0.2.7');
        INSERT INTO channels (name, provider) VALUES ('sandbox', 'sandbox');
        INSERT INTO channel_pauses (channel, paused_at) VALUES ('sandbox', 1);
        INSERT INTO orders_to_search (order_number) VALUES ('order_1');
        INSERT INTO restores (number, restored_at, copied_at) VALUES (1, 90000, 80000);
        INSERT INTO service_conditions (worker, kind, channel, subject, since, seen_at)
        VALUES ('worker-a', 'circuit_open', 'sandbox', '', 1, 1);
        INSERT INTO readiness (id, writes) VALUES (1, 1);
        """
}
