/// The violations of the rules of bills and differences.
extension SchemaCases {
    static let books = bills + billLines + differences

    private static let bills: [BadRow] = [
        BadRow("bills", ["channel": "'A'"], "bills_channel"),
        BadRow("bills", ["channel": "''"], "bills_channel"),
        BadRow("bills", ["day": "'2026-11-4'"], "bills_day"),
        BadRow("bills", ["day": "'today'"], "bills_day"),
        BadRow("bills", ["state": "'lost'", "digest": "NULL", "rows": "NULL"], "bills_state"),
        BadRow("bills", ["load": "0"], "bills_load"),
        BadRow("bills", ["load": "-1"], "bills_load"),
        BadRow("bills", ["digest": "NULL"], "bills_content"),
        BadRow("bills", ["rows": "-1"], "bills_content"),
        BadRow("bills", ["digest": "''"], "bills_content"),
        BadRow("bills", ["state": "'none'"], "bills_content"),
        BadRow("bills", ["loaded_at": "NULL", "compared_at": "NULL"], "bills_times"),
        BadRow("bills", ["compared_at": "-1"], "bills_times"),
        BadRow("bills", ["tried_at": "-1"], "bills_times"),
        BadRow("bills", ["claimed_by": "'worker'"], "bills_claim"),
        BadRow("bills", ["claimed_by": "''", "claim_ends_at": "1"], "bills_claim"),
        BadRow("bills", ["claim": "-1"], "bills_claim"),
        BadRow("bills", ["last_answer": "''"], "bills_last_answer"),
    ]

    private static let billLines: [BadRow] = [
        BadRow("bill_lines", ["row": "0"], "bill_lines_place"),
        BadRow("bill_lines", ["standing": "'lost'"], "bill_lines_standing"),
        BadRow("bill_lines", ["kind": "'fee'"], "bill_lines_kind"),
        BadRow("bill_lines", ["standing": "'other'"], "bill_lines_kind"),
        BadRow("bill_lines", ["amount": "NULL"], "bill_lines_values"),
        BadRow("bill_lines", ["words": "'fee'"], "bill_lines_values"),
        BadRow("bill_lines", ["status": "'lost'"], "bill_lines_status"),
        BadRow("bill_lines", ["trade_no": text(256)], "bill_lines_numbers"),
        BadRow("bill_lines", ["transaction_id": "''"], "bill_lines_numbers"),
        BadRow("bill_lines", ["refund_no": "''"], "bill_lines_numbers"),
        BadRow("bill_lines", ["provider_refund_id": text(256)], "bill_lines_numbers"),
        BadRow("bill_lines", ["amount": "0"], "bill_lines_amount"),
        BadRow("bill_lines", ["currency_code": "''"], "bill_lines_currency_code"),
        BadRow("bill_lines", ["at": "-1"], "bill_lines_at"),
        BadRow(
            "bill_lines",
            [
                "standing": "'other'", "kind": "NULL", "status": "NULL", "trade_no": "NULL", "amount": "NULL",
                "currency_code": "NULL", "at": "NULL", "words": "''",
            ], "bill_lines_words"),
    ]

    private static let differences: [BadRow] = [
        BadRow("differences", ["channel": "'A'"], "differences_channel"),
        BadRow("differences", ["kind": "'lost'"], "differences_kind"),
        BadRow("differences", ["subject": "''"], "differences_subject"),
        BadRow("differences", ["day": "'today'"], "differences_day"),
        BadRow("differences", ["row": "NULL"], "differences_row"),
        BadRow(
            "differences",
            [
                "kind": "'missing_there'", "amount_there": "NULL", "currency_there": "NULL",
                "status_there": "NULL",
            ], "differences_row"),
        BadRow("differences", ["trade_no": text(256)], "differences_numbers"),
        BadRow("differences", ["transaction_id": "''"], "differences_numbers"),
        BadRow(
            "differences", ["amount_here": "1", "currency_here": "'CNY'", "status_here": "'honest'"],
            "differences_here"),
        BadRow("differences", ["kind": "'amount'", "amount_here": "1"], "differences_here"),
        BadRow("differences", ["currency_there": "NULL"], "differences_there"),
        BadRow("differences", ["state": "'lost'"], "differences_state"),
        BadRow("differences", ["note": "''", "decided_by": "'me'", "decided_at": "1"], "differences_note"),
        BadRow("differences", ["note": "'x'", "decided_by": "''", "decided_at": "1"], "differences_decided_by"),
        BadRow("differences", ["note": "'x'"], "differences_decision"),
        BadRow("differences", ["state": "'explained'"], "differences_decision"),
        BadRow("differences", ["state": "'closed'"], "differences_ending"),
        BadRow("differences", ["ending": "'matched'"], "differences_ending"),
        BadRow("differences", ["opened_at": "-1"], "differences_times"),
        BadRow("events", ["kind": "'reconciliation.difference'", "trade_no": "NULL"], "events_difference_id"),
        BadRow("events", ["difference_id": "1"], "events_difference_id"),
    ]

    static let booksUniques: [(BadRow, String)] = [
        (BadRow("bills", ["day": "day"], "bills_one_for_day"), "bills.channel, bills.day"),
        (
            BadRow("differences", ["subject": "subject"], "differences_one_for_subject"),
            "differences.channel, differences.subject"
        ),
    ]

    static let booksForeignKeys: [BadRow] = [
        BadRow("bill_lines", ["bill_id": "99", "load": "1"], ""),
        BadRow("differences", ["bill_id": "99"], ""),
        BadRow("differences", ["order_number": "'order_9'"], ""),
    ]

    static let booksBadChanges: [(String, String)] = [
        ("DELETE FROM bills", "bills_are_kept"),
        ("UPDATE bills SET day = '2026-01-01'", "bills_keep_their_day"),
        ("UPDATE bills SET load = load - 1 WHERE id = 1", "bills_load_grows"),
        ("UPDATE bills SET claim = claim - 1 WHERE id = 1", "bills_load_grows"),
        (
            "UPDATE bills SET state = 'none', digest = NULL, rows = NULL WHERE id = 1", "bills_stay_loaded"
        ),
        (
            """
            INSERT INTO bill_lines (bill_id, load, row, standing, words)
            SELECT id, load, 99, 'other', 'fee' FROM bills WHERE id = 1
            """, "bill_lines_are_staged"
        ),
        ("DELETE FROM bill_lines", "bill_lines_are_kept"),
        ("UPDATE bill_lines SET amount = amount + 1", "bill_lines_keep_their_content"),
        ("DELETE FROM differences", "differences_are_kept"),
        ("UPDATE differences SET kind = 'status'", "differences_keep_their_content"),
        ("UPDATE differences SET amount_there = 1", "differences_keep_their_content"),
        (
            """
            UPDATE differences SET state = 'closed', ending = 'matched', closed_at = 1;
            UPDATE differences SET state = 'open', ending = NULL, closed_at = NULL
            """, "differences_close_once"
        ),
        (
            """
            UPDATE differences SET state = 'explained', note = 'x', decided_by = 'me', decided_at = 1;
            UPDATE differences SET state = 'open'
            """, "differences_close_once"
        ),
    ]
}
