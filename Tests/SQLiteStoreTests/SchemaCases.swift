import GRDB
import LedgerSQL
import Testing

/// A row that the schema must refuse: a copy of a good one, with some columns changed.
struct BadRow: Sendable, CustomTestStringConvertible {
    let table: String
    /// SQL expressions by column.
    let changes: [String: String]
    let constraint: String

    init(_ table: String, _ changes: [String: String], _ constraint: String) {
        self.table = table
        self.changes = changes
        self.constraint = constraint
    }

    var testDescription: String { "\(constraint): \(changes)" }

    /// The changes that make a valid second row of a copy of each table's first row.
    static let good: [String: [String: String]] = [
        "orders": [
            "number": "'order_2'", "state": "'new'", "paid_by": "NULL", "left_new_at": "NULL", "updated_at": "9",
        ],
        "attempts": ["trade_no": "'order_1_3'", "sequence": "3", "state": "'closed'"],
        "pages": ["id": "NULL", "terminal": "'h5'", "serves": "2"],
        "receipts": ["id": "NULL", "transaction_id": "'tx-3'"],
        "refunds": ["id": "NULL", "number": "'order_1_1_r9'", "transaction_id": "'tx-1'"],
        "idempotency_keys": ["key": "'k-2'"],
        "notices": ["id": "NULL", "notice_id": "'n-2'"],
        "deliveries": ["id": "NULL"],
        "history": ["id": "NULL"],
        "pages_to_purge": ["left_new_at": "left_new_at + 1"],
        "channel_pauses": ["channel": "'wechat'"],
        "channels": ["name": "'wechat'"],
        "service_conditions": ["subject": "'2'"],
        "bills": ["id": "NULL", "day": "'2026-11-30'"],
        "bill_lines": ["load": "load + 1"],
        "differences": ["id": "NULL", "subject": "'payment:other'"],
    ]

    /// `INSERT INTO t (a, b) SELECT a, 'changed' FROM t LIMIT 1`.
    static func copy(of table: String, with changes: [String: String], _ db: Database) throws {
        let columns = try db.columns(in: table).map(\.name)
        let values = columns.map { changes[$0] ?? good[table]?[$0] ?? $0 }.joined(separator: ", ")
        let list = columns.joined(separator: ", ")
        try db.execute(sql: "INSERT INTO \(table) (\(list)) SELECT \(values) FROM (SELECT * FROM \(table) LIMIT 1)")
    }
}

/// The violations of the schema, each with its rule.
enum SchemaCases {
    static let badRows = orders + attempts + pages + money + others + history + books

    static let orders: [BadRow] = [
        BadRow("orders", ["number": "'abc'"], "orders_number"),
        BadRow("orders", ["number": "'twenty_nine_characters_is_over'"], "orders_number"),
        BadRow("orders", ["number": "'order-2'"], "orders_number"),
        BadRow("orders", ["user_id": "''"], "orders_user_id"),
        BadRow("orders", ["user_id": "printf('%513s', 'x')"], "orders_user_id"),
        BadRow("orders", ["amount": "0"], "orders_amount"),
        BadRow("orders", ["amount": "1000000000001"], "orders_amount"),
        BadRow("orders", ["currency": "'cny'"], "orders_currency"),
        BadRow("orders", ["subject": "''"], "orders_subject"),
        BadRow("orders", ["subject": "printf('%509s', 'x')"], "orders_subject"),
        BadRow("orders", ["return_url": "''"], "orders_return_url"),
        BadRow("orders", ["created_at": "-1"], "orders_times"),
        BadRow("orders", ["deadline": "253402300800000"], "orders_times"),
        BadRow("orders", ["state": "'open'", "left_new_at": "1"], "orders_state"),
        BadRow("orders", ["state": "'paid'", "left_new_at": "1"], "orders_paid_by"),
        BadRow("orders", ["paid_by": "'order_2_1'"], "orders_paid_by"),
        BadRow("orders", ["state": "'paid'", "paid_by": "'order_1_1'", "left_new_at": "1"], "orders_paid_by"),
        BadRow("orders", ["left_new_at": "1"], "orders_left_new_at"),
        BadRow("orders", ["state": "'closed'"], "orders_left_new_at"),
        BadRow("orders", ["state": "'closed'", "left_new_at": "-1"], "orders_left_new_at"),
        BadRow("orders", ["fence": "-1"], "orders_fence"),
        BadRow("orders", ["lease_owner": "NULL"], "orders_lease"),
        BadRow("orders", ["lease_owner": "''"], "orders_lease"),
        BadRow("orders", ["lease_unanswered": "2"], "orders_lease"),
        BadRow("orders", ["updated_at": "-1"], "orders_updated_at"),
    ]

    static let attempts: [BadRow] = [
        BadRow("attempts", ["trade_no": "'order_1_4'"], "attempts_trade_no"),
        BadRow("attempts", ["trade_no": "'order_1_0'", "sequence": "0"], "attempts_sequence"),
        BadRow("attempts", ["channel": "''"], "attempts_channel"),
        BadRow("attempts", ["channel": "'WeChat'"], "attempts_channel"),
        BadRow("attempts", ["terminal": "'tv'"], "attempts_terminal"),
        BadRow("attempts", ["openid": "printf('%513s', 'x')"], "attempts_payer"),
        BadRow("attempts", ["client_ip": "''"], "attempts_payer"),
        BadRow("attempts", ["amount": "-5"], "attempts_amount"),
        BadRow("attempts", ["currency": "'YUAN'"], "attempts_currency"),
        BadRow("attempts", ["subject": "''"], "attempts_subject"),
        BadRow("attempts", ["notify_url": "''"], "attempts_urls"),
        BadRow("attempts", ["app_id": "''"], "attempts_app_id"),
        BadRow("attempts", ["app_id": "printf('%65s', 'x')"], "attempts_app_id"),
        BadRow("attempts", ["provider_deadline": "-1"], "attempts_times"),
        BadRow("attempts", ["session_ends_at": "-1"], "attempts_times"),
        BadRow("attempts", ["state": "'odd'"], "attempts_state"),
        BadRow("attempts", ["state": "'creating'", "recover_at": "1"], "attempts_tries"),
        BadRow("attempts", ["tries": "1"], "attempts_tries"),
        BadRow("attempts", ["first_unknown_at": "1"], "attempts_first_unknown_at"),
        BadRow("attempts", ["state": "'closing'"], "attempts_recover_at"),
        BadRow("attempts", ["recover_at": "1"], "attempts_recover_at"),
        BadRow("attempts", ["close_unanswered_at": "1"], "attempts_close_unanswered_at"),
        BadRow("attempts", ["last_word_at": "-1"], "attempts_last_word_at"),
        BadRow("attempts", ["ask_at": "-1"], "attempts_ask_at"),
        BadRow("attempts", ["state": "'lapsed'", "ask_at": "1"], "attempts_ask_at"),
        BadRow("attempts", ["provider_reference": "''"], "attempts_provider_reference"),
        BadRow("attempts", ["provider_reference": "printf('%256s', 'x')"], "attempts_provider_reference"),
    ]

    static let pages: [BadRow] = [
        BadRow("pages", ["terminal": "'tv'"], "pages_terminal"),
        BadRow("pages", ["openid": "printf('%513s', 'x')"], "pages_openid"),
        BadRow("pages", ["serves": "0"], "pages_serves"),
        BadRow("pages", ["serves": "34"], "pages_serves"),
        BadRow("pages", ["serves": "1"], "pages_serves"),
        BadRow("pages", ["kind": "'pdf'"], "pages_kind"),
        BadRow("pages", ["content": "''"], "pages_content"),
        BadRow("pages", ["content": "printf('%1048577s', 'x')"], "pages_content"),
        BadRow("pages", ["expires_at": "-1"], "pages_times"),
    ]

    static let money: [BadRow] = [
        BadRow("receipts", ["channel": "'2nd'"], "receipts_channel"),
        BadRow("receipts", ["transaction_id": "''"], "receipts_transaction_id"),
        BadRow("receipts", ["names_our_account": "2"], "receipts_names_our_account"),
        BadRow("receipts", ["standing": "'fine'"], "receipts_standing"),
        BadRow("receipts", ["amount": "0"], "receipts_foreign_are_disputed"),
        BadRow("receipts", ["names_our_account": "0"], "receipts_foreign_are_disputed"),
        BadRow("receipts", ["recorded_at": "-1"], "receipts_recorded_at"),
        BadRow("receipts", ["returned": "2"], "receipts_returned"),
        BadRow("receipts", ["ruled_on": "2"], "receipts_ruled_on"),
        BadRow("receipts", ["ruled_on": "1", "standing": "'disputed'"], "receipts_ruled_on"),
        BadRow("receipts", ["standing": "'rejected'"], "receipts_rejected_by_ruling"),
        BadRow("receipts", ["standing": "'returned'"], "receipts_returned"),
        BadRow("refunds", ["number": "'other_1_r9'"], "refunds_number"),
        BadRow("refunds", ["number": "'order_1_1_m9'"], "refunds_number"),
        BadRow("refunds", ["cause": "'merchant'"], "refunds_number"),
        BadRow("refunds", ["cause": "'provider'", "number": "'two words'"], "refunds_number"),
        BadRow("refunds", ["cause": "'provider'", "number": "printf('%0256d', 1)"], "refunds_number"),
        BadRow("refunds", ["order_number": "'order_2'"], "refunds_trade_no"),
        BadRow("refunds", ["refund_no": "'R1'"], "refunds_refund_no"),
        BadRow(
            "refunds", ["cause": "'merchant'", "number": "'order_1_1_m1'", "refund_no": "'R-1'"], "refunds_refund_no"),
        BadRow("refunds", ["cause": "'gift'"], "refunds_cause"),
        BadRow("refunds", ["reason": "''"], "refunds_reason"),
        BadRow("refunds", ["renewals": "-1"], "refunds_renewals"),
        BadRow("refunds", ["number_used_up": "1"], "refunds_number_used_up"),
        BadRow("refunds", ["requested_at": "-1"], "refunds_requested_at"),
        BadRow("refunds", ["refunded_at": "1"], "refunds_refunded_at"),
        BadRow("refunds", ["state": "'succeeded'", "ask_at": "NULL"], "refunds_refunded_at"),
        BadRow("refunds", ["amount": "0"], "refunds_amount"),
        BadRow("refunds", ["currency": "''"], "refunds_currency"),
        BadRow("refunds", ["state": "'lost'", "ask_at": "NULL"], "refunds_state"),
        BadRow("refunds", ["created_at": "-1"], "refunds_created_at"),
        BadRow("refunds", ["ask_at": "-1"], "refunds_ask_at"),
        BadRow("refunds", ["state": "'failed'", "ask_at": "1"], "refunds_ask_at"),
        BadRow("refunds", ["was_submitted": "2"], "refunds_was_submitted"),
        BadRow("refunds", ["refused_tries": "-1", "refused_since": "1"], "refunds_refused_tries"),
        BadRow("refunds", ["refused_tries": "1"], "refunds_refused_since"),
        BadRow("refunds", ["refused_tries": "1", "refused_since": "-1"], "refunds_refused_since"),
        BadRow("refunds", ["provider_code": "''"], "refunds_provider_code"),
        BadRow("deliveries", ["provider_code": "printf('%65s', 'x')"], "deliveries_provider_code"),
        BadRow("deliveries", ["refund_number": "'order_1_1_r1'"], "deliveries_refund_number"),
        BadRow("deliveries", ["kind": "'refund.failed'"], "deliveries_refund_number"),
        BadRow("idempotency_keys", ["trade_no": "NULL"], "idempotency_keys_outcome"),
        BadRow("idempotency_keys", ["order_number": "'order_1'"], "idempotency_keys_outcome"),
        BadRow(
            "idempotency_keys", ["order_number": "'order_1'", "trade_no": "NULL", "refund_number": "'r'"],
            "idempotency_keys_outcome"),
        BadRow(
            "idempotency_keys", ["order_number": "'order_1'", "trade_no": "NULL", "claimed_under": "3"],
            "idempotency_keys_outcome"),
        BadRow("idempotency_keys", ["refund_number": "''"], "idempotency_keys_refund_number"),
    ]

    static let others: [BadRow] = [
        BadRow("idempotency_keys", ["scope": "''"], "idempotency_keys_scope"),
        BadRow("idempotency_keys", ["key": "'two words'"], "idempotency_keys_key"),
        BadRow("idempotency_keys", ["key": "printf('%0256d', 1)"], "idempotency_keys_key"),
        BadRow("idempotency_keys", ["fingerprint": "''"], "idempotency_keys_fingerprint"),
        BadRow("idempotency_keys", ["made_order": "2"], "idempotency_keys_made_order"),
        BadRow("idempotency_keys", ["expires_at": "-1"], "idempotency_keys_expires_at"),
        BadRow("idempotency_keys", ["claimed_under": "0"], "idempotency_keys_claimed_under"),
        BadRow("service_conditions", ["worker": "''"], "service_conditions_worker"),
        BadRow("service_conditions", ["kind": "'tired'"], "service_conditions_kind"),
        BadRow("service_conditions", ["channel": "'WeChat'"], "service_conditions_channel"),
        BadRow("service_conditions", ["subject": "hex(zeroblob(128))"], "service_conditions_subject"),
        BadRow("service_conditions", ["since": "-1"], "service_conditions_times"),
        BadRow("service_conditions", ["seen_at": "253402300800000"], "service_conditions_times"),
        BadRow("service_conditions", ["ends_at": "1"], "service_conditions_ends_at"),
        BadRow("service_conditions", ["kind": "'certificate_ends'"], "service_conditions_ends_at"),
        BadRow(
            "service_conditions", ["kind": "'certificate_ends'", "ends_at": "-1"], "service_conditions_ends_at"),
        BadRow("channels", ["name": "'2nd'"], "channels_name"),
        BadRow("channels", ["name": "'we chat'"], "channels_name"),
        BadRow("channels", ["provider": "'paypal'"], "channels_provider"),
        BadRow("channel_pauses", ["channel": "'2nd'"], "channel_pauses_channel"),
        BadRow("channel_pauses", ["channel": "'we chat'"], "channel_pauses_channel"),
        BadRow("channel_pauses", ["paused_at": "-1"], "channel_pauses_paused_at"),
        BadRow("notices", ["channel": "'A'"], "notices_channel"),
        BadRow("notices", ["body": "printf('%1048577s', 'x')"], "notices_body"),
        BadRow("notices", ["outcome": "'odd'"], "notices_outcome"),
        BadRow("notices", ["outcome": "'orphan'"], "notices_order_number"),
        BadRow("notices", ["order_number": "NULL"], "notices_order_number"),
        BadRow("notices", ["received_at": "-1"], "notices_received_at"),
        BadRow("deliveries", ["kind": "'order.lost'"], "deliveries_kind"),
        BadRow("deliveries", ["trade_no": "NULL"], "deliveries_trade_no"),
        BadRow("deliveries", ["kind": "'order.closed'"], "deliveries_trade_no"),
        BadRow("deliveries", ["occurred_at": "-1"], "deliveries_occurred_at"),
        BadRow("deliveries", ["transaction_id": "''"], "deliveries_transaction_id"),
        BadRow("deliveries", ["state": "'lost'"], "deliveries_state"),
        BadRow("deliveries", ["tries": "1000000001"], "deliveries_tries"),
        BadRow("deliveries", ["tries_before": "1"], "deliveries_tries_before"),
        BadRow("deliveries", ["sending": "1"], "deliveries_sending"),
        BadRow("deliveries", ["sending": "2", "tries": "1"], "deliveries_sending"),
        BadRow(
            "deliveries", ["sending": "1", "tries": "1", "state": "'delivered'", "delivered_at": "1"],
            "deliveries_sending"),
        BadRow("deliveries", ["next_at": "-1"], "deliveries_next_at"),
        BadRow("deliveries", ["delivered_at": "-1"], "deliveries_delivered_at"),
        BadRow("deliveries", ["state": "'delivered'"], "deliveries_delivered_at"),
        BadRow("deliveries", ["last_answer": "''"], "deliveries_last_answer"),
    ]

    /// Copies of the first fact, `made`, turned into others.
    static let history: [BadRow] = [
        BadRow("history", ["what": "'forgotten'"], "history_what"),
        BadRow("history", ["at": "-1"], "history_at"),
        BadRow("history", ["trade_no": "'order_1_1'"], "history_trade_no"),
        BadRow("history", called.merging(["trade_no": "NULL"]) { $1 }, "history_trade_no"),
        BadRow("history", called.merging(["trade_no": "'order_9_1'"]) { $1 }, "history_trade_no"),
        BadRow("history", ["channel": "'sandbox'"], "history_channel"),
        BadRow("history", ["what": "'asked'", "terminal": "'pc'"], "history_channel"),
        BadRow("history", ["what": "'asked'", "terminal": "'pc'", "channel": "'A'"], "history_channel"),
        BadRow("history", ["what": "'asked'", "channel": "'sandbox'"], "history_terminal"),
        BadRow("history", ["what": "'asked'", "channel": "'sandbox'", "terminal": "'tv'"], "history_terminal"),
        BadRow("history", called.merging(["operation": "NULL"]) { $1 }, "history_call"),
        BadRow("history", called.merging(["operation": "'guess'"]) { $1 }, "history_call"),
        BadRow("history", called.merging(["answer": "NULL"]) { $1 }, "history_call"),
        BadRow("history", called.merging(["answer": "''"]) { $1 }, "history_call"),
        BadRow("history", called.merging(["answer": "printf('%201s', 'x')"]) { $1 }, "history_call"),
        BadRow("history", ["what": "'moved'"], "history_states"),
        BadRow("history", ["what": "'moved'", "new_state": "'new'"], "history_states"),
        BadRow("history", ["what": "'moved'", "new_state": "'paid'", "old_state": "'open'"], "history_states"),
        BadRow("history", minted.merging(["page_kind": "NULL"]) { $1 }, "history_page"),
        BadRow("history", minted.merging(["page_kind": "'pdf'"]) { $1 }, "history_page"),
        BadRow("history", minted.merging(["page_expires_at": "NULL"]) { $1 }, "history_page"),
        BadRow("history", minted.merging(["page_expires_at": "-1"]) { $1 }, "history_page"),
        BadRow("history", ["refund_number": "'order_1_1_r1'"], "history_refund_number"),
        BadRow("history", ["fence": "1"], "history_fence"),
        BadRow("history", ["what": "'taken_over'"], "history_fence"),
        BadRow("history", ["what": "'taken_over'", "fence": "-1"], "history_fence"),
        BadRow("history", ["transaction_id": "'tx-1'"], "history_transaction_id"),
        BadRow("history", judged.merging(["transaction_id": "NULL"]) { $1 }, "history_transaction_id"),
        BadRow("history", judged.merging(["transaction_id": "''"]) { $1 }, "history_transaction_id"),
        BadRow("history", judged.merging(["trade_no": "NULL"]) { $1 }, "history_trade_no"),
        BadRow("history", ruled.merging(["trade_no": "NULL"]) { $1 }, "history_trade_no"),
        BadRow("history", ruled.merging(["answer": "NULL"]) { $1 }, "history_call"),
        BadRow("history", ruled.merging(["transaction_id": "NULL"]) { $1 }, "history_transaction_id"),
        BadRow("history", ruled.merging(["person": "NULL"]) { $1 }, "history_ruling"),
        BadRow("history", ruled.merging(["reason": "''"]) { $1 }, "history_ruling"),
        BadRow("history", judged.merging(["person": "'ann'"]) { $1 }, "history_ruling"),
        BadRow("history", judged.merging(["new_state": "NULL"]) { $1 }, "history_states"),
        BadRow("history", judged.merging(["new_state": "'disputed'"]) { $1 }, "history_states"),
        BadRow("pages_to_purge", ["left_new_at": "-1"], "pages_to_purge_left_new_at"),
    ]

    private static let called = [
        "what": "'called'", "trade_no": "'order_1_1'", "operation": "'create'", "answer": "'made'",
    ]

    private static let judged = [
        "what": "'receipt_judged'", "trade_no": "'order_1_1'", "new_state": "'honest'", "transaction_id": "'tx-1'",
    ]

    private static let ruled = [
        "what": "'ruled'", "trade_no": "'order_1_1'", "answer": "'accept'", "transaction_id": "'tx-1'",
        "person": "'ann'", "reason": "'a wrong setting'",
    ]

    private static let minted = [
        "what": "'page_minted'", "trade_no": "'order_1_1'", "terminal": "'pc'", "page_kind": "'qr'",
        "page_expires_at": "1",
    ]

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
            (
                BadRow("service_conditions", ["subject": "subject"], ""),
                "service_conditions.worker, service_conditions.kind, service_conditions.channel, service_conditions.subject"
            ),
            (BadRow("notices", ["notice_id": "notice_id"], "notices_one_for_id"), "notices.channel, notices.notice_id"),
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
            BadRow("deliveries", ["order_number": "'order_9'"], ""),
            BadRow("history", ["order_number": "'order_9'"], ""),
            BadRow("history", called.merging(["trade_no": "'order_1_9'"]) { $1 }, ""),
            BadRow("pages_to_purge", ["order_number": "'order_9'"], ""),
        ]

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
                    + "UPDATE refunds SET state = 'failed', ask_at = NULL WHERE number GLOB '*_m1';"
                    + merchantRefund("m2", 6_000) + "UPDATE refunds SET state = 'pending' WHERE number GLOB '*_m1'",
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
            ("UPDATE deliveries SET kind = 'payment.late'", "deliveries_keep_their_content"),
            ("UPDATE deliveries SET transaction_id = 'tx-2'", "deliveries_keep_their_content"),
            ("UPDATE deliveries SET provider_code = 'X'", "deliveries_keep_their_content"),
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
                INSERT INTO deliveries (order_number, kind, occurred_at) VALUES ('order_1', 'order.closed', 1);
                UPDATE deliveries SET tries = tries + 1 WHERE kind = 'order.closed'
                """, "deliveries_go_in_order"
            ),
        ]
}
