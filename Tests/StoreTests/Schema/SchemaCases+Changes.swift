/// The changes that a trigger refuses.
extension SchemaCases {
    /// A refund of the payment `tx-1`, which is 9,900 fen.
    static func merchantRefund(
        _ suffix: String, _ amount: Int, currency: String = "CNY", number: String = "NULL"
    ) -> String {
        """
        INSERT INTO refunds (order_number, number, refund_no, trade_no, channel, transaction_id, amount, currency, cause,
            created_at, state, was_submitted, refused_tries, renewals, number_used_up)
        VALUES ('order_1', 'order_1_1_\(suffix)', \(number), 'order_1_1', 'sandbox', 'tx-1', \(amount), '\(currency)', 'merchant',
            1, 'pending', 0, 0, 0, 0);

        """
    }

    /// The changes that each trigger refuses.
    static let badChanges: [(String, String)] =
        booksBadChanges + [
            ("DELETE FROM orders", "orders_are_kept"),
            ("DELETE FROM attempts", "attempts_are_kept"),
            ("DELETE FROM receipts", "receipts_are_kept"),
            ("DELETE FROM refunds", "refunds_are_kept"),
            ("DELETE FROM history", "history_is_kept"),
            ("DELETE FROM audit", "audit_is_kept"),
            ("DELETE FROM channels", "channels_are_kept"),
            ("UPDATE channels SET provider = 'stripe'", "channels_keep_their_provider"),
            ("UPDATE channels SET name = 'other'", "channels_keep_their_provider"),
            ("UPDATE orders SET amount = 1, updated_at = updated_at + 1", "orders_keep_their_particulars"),
            ("UPDATE orders SET deadline = 1, updated_at = updated_at + 1", "orders_keep_their_particulars"),
            ("UPDATE orders SET user_id = 'me', updated_at = updated_at + 1", "orders_keep_their_particulars"),
            ("UPDATE orders SET return_url = NULL, updated_at = updated_at + 1", "orders_keep_their_particulars"),
            (
                "UPDATE orders SET state = 'new', paid_by = NULL, left_new_at = NULL, updated_at = updated_at + 1",
                "orders_leave_new_once"
            ),
            (
                "UPDATE orders SET state = 'closed', paid_by = NULL, fence = 9, updated_at = updated_at + 1",
                "orders_leave_new_once"
            ),
            ("UPDATE orders SET paid_by = 'order_1_2', updated_at = updated_at + 1", "orders_leave_new_once"),
            ("UPDATE orders SET left_new_at = 7, updated_at = updated_at + 1", "orders_leave_new_once"),
            ("UPDATE orders SET fence = 2, updated_at = updated_at + 1", "orders_fence_never_shrinks"),
            ("UPDATE orders SET fence = 4", "orders_updated_at_grows"),
            // The rows' order is paid, and has a refund under way and an attempt that may take money.
            (
                """
                UPDATE orders SET user_id = '', subject = '', return_url = NULL, blanked_at = 9,
                    updated_at = updated_at + 1
                """, "orders_are_blanked_when_over"
            ),
            ("UPDATE attempts SET openid = '', client_ip = NULL, subject = ''", "attempts_keep_their_request"),
            ("UPDATE refunds SET reason = 'other'", "refunds_keep_their_reason"),
            ("UPDATE notices SET body = 'other'", "notices_keep_their_body"),
            ("UPDATE attempts SET amount = amount + 1", "attempts_keep_their_request"),
            ("UPDATE attempts SET provider_deadline = provider_deadline + 1", "attempts_keep_their_request"),
            ("UPDATE attempts SET channel = 'stripe'", "attempts_keep_their_request"),
            ("UPDATE attempts SET terminal = 'h5'", "attempts_keep_their_request"),
            ("UPDATE attempts SET client_ip = '::1'", "attempts_keep_their_request"),
            ("UPDATE attempts SET notify_url = 'https://evil.example'", "attempts_keep_their_request"),
            ("UPDATE attempts SET app_id = 'wx2'", "attempts_keep_their_request"),
            ("UPDATE attempts SET state = 'open' WHERE state = 'paid'", "attempts_move_by_the_table"),
            ("UPDATE pages SET expires_at = expires_at + 1", "pages_only_end_sooner"),
            ("UPDATE history SET at = at + 1", "history_never_changes"),
            ("UPDATE operators SET name = 'bob'", "operators_keep_their_name"),
            ("UPDATE operators SET added_at = 2", "operators_keep_their_name"),
            ("DELETE FROM operators", "operators_keep_an_admin"),
            ("UPDATE operators SET role = 'operator'", "operators_keep_an_admins_role"),
            ("UPDATE operator_sessions SET begun_at = 0", "operator_sessions_never_change"),
            ("UPDATE operator_sessions SET origin = NULL", "operator_sessions_never_change"),
            (
                "UPDATE operator_sessions SET used_at = 3; UPDATE operator_sessions SET used_at = 2",
                "operator_sessions_never_change"
            ),
            ("UPDATE audit SET reason = NULL", "audit_never_changes"),
            ("DELETE FROM restores", "restores_are_kept"),
            ("UPDATE restores SET restored_at = 1", "restores_never_change"),
            ("INSERT INTO restores (number, restored_at, copied_at) VALUES (1, 1, 1)", "restores_grow"),
            (
                """
                INSERT INTO attempts (trade_no, order_number, sequence, channel, terminal, openid, amount, currency, subject,
                    provider_deadline, notify_url, created_at, state, state_since, tries, recover_at, last_word_at)
                VALUES ('order_1_20', 'order_1', 20, 'sandbox', 'pc', '', 9900, 'CNY', 'Zwei Tassen', 1801000, 'u', 1,
                    'creating', 1, 1, 1, 1)
                """, "attempts_skip_lost_numbers"
            ),
            ("UPDATE receipts SET amount = 1", "receipts_keep_their_particulars"),
            ("UPDATE receipts SET returned = 1", "receipts_keep_their_particulars"),
            ("UPDATE receipts SET standing = 'disputed'", "receipts_are_decided_once"),
            ("UPDATE receipts SET standing = 'late' WHERE standing = 'duplicate'", "receipts_are_decided_once"),
            ("UPDATE receipts SET ruled_on = 1", "receipts_keep_their_particulars"),
            ("UPDATE refunds SET amount = 1", "refunds_keep_their_particulars"),
            ("UPDATE refunds SET cause = 'late'", "refunds_keep_their_particulars"),
            ("UPDATE refunds SET renewals = 1", "refunds_are_renewed_once_closed"),
            (
                """
                UPDATE refunds SET state = 'failed', ask_at = NULL, number_used_up = 1;
                UPDATE refunds SET renewals = 2, number_used_up = 0
                """, "refunds_are_renewed_once_closed"
            ),
            (merchantRefund("m1", 6_000) + merchantRefund("m2", 6_000), "refunds_never_exceed_the_payment"),
            (merchantRefund("m1", 1, currency: "USD"), "refunds_never_exceed_the_payment"),
            (
                merchantRefund("m1", 6_000)
                    + "UPDATE refunds SET state = 'failed', ask_at = NULL WHERE number LIKE '%m1';"
                    + merchantRefund("m2", 6_000) + "UPDATE refunds SET state = 'pending' WHERE number LIKE '%m1'",
                "refunds_are_retried_within_the_payment"
            ),
            (
                """
                UPDATE refunds SET state = 'succeeded', ask_at = NULL, refunded_at = 1;
                UPDATE refunds SET state = 'pending', refunded_at = NULL
                """,
                "refunds_succeed_once"
            ),
            ("UPDATE attempts SET last_word_at = last_word_at + 1", "attempts_keep_their_last_word"),
            (
                "UPDATE attempts SET provider_reference = 'a'; UPDATE attempts SET provider_reference = 'b'",
                "attempts_keep_their_reference"
            ),
            ("UPDATE idempotency_keys SET claimed_under = 3", "idempotency_keys_stay_used"),
            (
                "UPDATE idempotency_keys SET claimed_under = 3, expires_at = expires_at + 86399999",
                "idempotency_keys_stay_used"
            ),
            (
                """
                UPDATE idempotency_keys SET claimed_under = 3, expires_at = expires_at + 86400000;
                UPDATE orders SET lease_unanswered = 0, updated_at = updated_at + 1,
                    lease_ends_at = (SELECT expires_at - 86400000 + 1 FROM idempotency_keys);
                UPDATE idempotency_keys SET fingerprint = 'f2'
                """, "idempotency_keys_mark_one_request"
            ),
            ("DELETE FROM deliveries", "deliveries_are_kept"),
            ("DELETE FROM events", "events_are_kept"),
            ("UPDATE events SET kind = 'payment.late'", "events_never_change"),
            ("DELETE FROM webhook_endpoints", "webhook_endpoints_are_kept"),
            ("UPDATE webhook_endpoints SET name = 'shop'", "webhook_endpoints_keep_their_name"),
            ("UPDATE delivery_attempts SET answer = 'accepted'", "delivery_attempts_never_change"),
            ("UPDATE deliveries SET endpoint = 'shop'", "deliveries_keep_their_event"),
            ("UPDATE deliveries SET event_id = 2", "deliveries_keep_their_event"),
            ("UPDATE deliveries SET state = 'delivered', delivered_at = 1", "deliveries_move_by_a_try"),
            ("UPDATE deliveries SET state = 'parked'", "deliveries_move_by_a_try"),
            (
                """
                UPDATE deliveries SET tries = 1, sending = 1;
                UPDATE deliveries SET state = 'delivered', sending = 0, delivered_at = 1;
                UPDATE deliveries SET state = 'pending'
                """, "deliveries_move_by_a_try"
            ),
            ("UPDATE deliveries SET tries = 2; UPDATE deliveries SET tries = 1", "deliveries_count_every_try"),
            (
                """
                INSERT INTO events (order_number, kind, occurred_at) VALUES ('order_1', 'order.closed', 1);
                UPDATE deliveries SET tries = tries + 1 WHERE event_id = 2
                """, "deliveries_go_in_order"
            ),
        ]
}
