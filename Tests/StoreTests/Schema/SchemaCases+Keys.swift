/// The violations of unique indexes and foreign keys.
extension SchemaCases {
    /// The message of each unique index when `changes` repeat the values of its columns.
    static let uniques: [(BadRow, String)] =
        booksUniques + [
            (BadRow("orders", ["number": "'order_1'"], ""), "orders.number"),
            (BadRow("attempts", ["trade_no": "trade_no", "sequence": "sequence"], ""), "attempts.trade_no"),
            (BadRow("attempts", ["state": "'open'"], "attempts_one_live"), "attempts.order_number"),
            (
                BadRow("pages", ["terminal": "terminal", "serves": "serves"], "pages_one_for_terminal_and_payer"),
                "pages.trade_no, pages.terminal, pages.openid"
            ),
            (
                BadRow("receipts", ["transaction_id": "'tx-2'"], "receipts_one_for_transaction"),
                "receipts.transaction_id, receipts.channel"
            ),
            (
                BadRow("refunds", ["number": "number"], "refunds_one_for_number"),
                "refunds.order_number, refunds.number"
            ),
            (
                BadRow("refunds", ["transaction_id": "'tx-2'"], "refunds_one_for_transaction"),
                "refunds.channel, refunds.transaction_id"
            ),
            (BadRow("idempotency_keys", ["key": "key"], ""), "idempotency_keys.scope, idempotency_keys.key"),
            (BadRow("channel_pauses", ["channel": "channel"], ""), "channel_pauses.channel"),
            (BadRow("channels", ["name": "name"], ""), "channels.name"),
            (BadRow("webhook_endpoints", ["name": "name"], ""), "webhook_endpoints.name"),
            (
                BadRow("deliveries", ["endpoint": "endpoint"], "deliveries_one_for_endpoint"),
                "deliveries.event_id, deliveries.endpoint"
            ),
            (
                BadRow("delivery_attempts", ["number": "number"], ""),
                "delivery_attempts.delivery_id, delivery_attempts.number"
            ),
            (BadRow("operators", ["name": "name"], ""), "operators.name"),
            (
                BadRow(
                    "operators", ["invitation": "invitation", "invitation_ends_at": "1"], "operators_one_for_invitation"
                ),
                "operators.invitation"
            ),
            (BadRow("operator_sessions", ["digest": "digest"], ""), "operator_sessions.digest"),
            (
                BadRow("service_conditions", ["subject": "subject"], ""),
                "service_conditions.worker, service_conditions.kind, service_conditions.channel, service_conditions.subject"
            ),
            (BadRow("notices", ["notice_id": "notice_id"], "notices_one_for_id"), "notices.channel, notices.notice_id"),
            (
                BadRow("deliveries", ["endpoint": "endpoint"], "deliveries_one_for_endpoint"),
                "deliveries.event_id, deliveries.endpoint"
            ),
            (
                BadRow("pages_to_purge", ["left_new_at": "left_new_at"], ""),
                "pages_to_purge.left_new_at, pages_to_purge.order_number"
            ),
        ]

    static let foreignKeys: [BadRow] =
        booksForeignKeys + [
            BadRow("orders", ["state": "'paid'", "paid_by": "'order_2_7'", "left_new_at": "1"], ""),
            BadRow("attempts", ["trade_no": "'order_9_3'", "order_number": "'order_9'"], ""),
            BadRow("pages", ["trade_no": "'order_1_9'"], ""),
            BadRow("receipts", ["trade_no": "'order_1_9'"], ""),
            BadRow("refunds", ["transaction_id": "'tx-9'"], ""),
            BadRow("idempotency_keys", ["trade_no": "'order_1_9'"], ""),
            BadRow("idempotency_keys", ["order_number": "'order_9'", "trade_no": "NULL"], ""),
            BadRow("notices", ["order_number": "'order_9'"], ""),
            BadRow("events", ["order_number": "'order_9'"], ""),
            BadRow("deliveries", ["event_id": "99"], ""),
            BadRow("delivery_attempts", ["delivery_id": "99"], ""),
            BadRow("pages_to_purge", ["order_number": "'order_9'"], ""),
            BadRow("operator_sessions", ["operator_name": "'carl'"], ""),
        ]

    static let historyForeignKeys: [BadRow] = [
        BadRow("history", ["order_number": "'order_9'"], ""),
        BadRow("history", called.merging(["trade_no": "'order_1_9'"]) { $1 }, ""),
    ]
}
