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

    var testDescription: String { "\(table) \(constraint): \(changes.mapValues { $0.prefix(80) })" }

    /// A literal of so many characters.
    static func text(_ length: Int) -> String { "'\(String(repeating: "x", count: length))'" }

    /// A literal of a SHA-256 that consists of one digit.
    static func digest(_ digit: Character) -> String { "'\(String(repeating: digit, count: 64))'" }

    /// The changes that make a valid second row of a copy of each table's first row. A copy's id is a new one.
    static let good: [String: [String: String]] = [
        "orders": [
            "number": "'order_2'", "state": "'new'", "paid_by": "NULL", "left_new_at": "NULL", "updated_at": "9",
        ],
        "attempts": ["trade_no": "'order_1_3'", "sequence": "3", "state": "'closed'"],
        "pages": ["terminal": "'h5'", "serves": "2"],
        "receipts": ["transaction_id": "'tx-3'"],
        "refunds": ["number": "'order_1_1_r9'", "transaction_id": "'tx-1'"],
        "idempotency_keys": ["key": "'k-2'"],
        "notices": ["notice_id": "'n-2'"],
        "events": [:],
        "webhook_endpoints": ["name": "'shop'"],
        "deliveries": ["endpoint": "'shop'"],
        "delivery_attempts": ["number": "2"],
        "history": [:],
        "pages_to_purge": ["left_new_at": "left_new_at + 1"],
        "audit": [:],
        "operators": ["name": "'bob'", "role": "'admin'", "invitation": "NULL", "invitation_ends_at": "NULL"],
        "operator_sessions": ["digest": digest("b")],
        "channel_pauses": ["channel": "'wechat'"],
        "channels": ["name": "'wechat'"],
        "service_conditions": ["subject": "'2'"],
        "restores": ["number": "2"],
        "bills": ["day": "'2026-11-30'"],
        "bill_lines": ["load": "load + 1"],
        "differences": ["subject": "'payment:other'"],
    ]

    /// `INSERT INTO t (a, b) SELECT a, 'changed' FROM t LIMIT 1`.
    ///
    /// - Parameter columns: the table's columns, without those that the database fills by itself.
    func insertion(_ columns: [String]) -> String {
        let columns = columns.filter { $0 != "id" }
        let values = columns.map { changes[$0] ?? Self.good[table]?[$0] ?? $0 }.joined(separator: ", ")
        return """
            INSERT INTO \(table) (\(columns.joined(separator: ", ")))
            SELECT \(values) FROM (SELECT * FROM \(table) ORDER BY 1 LIMIT 1) AS first
            """
    }
}
