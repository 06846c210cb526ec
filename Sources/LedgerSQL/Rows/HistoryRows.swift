package import PayCore
package import PayFlow
import PayRecords

/// The table `history`: calls, and changes of the order. Notices, money and deliveries have tables of their own.
package enum HistoryRows {
    package static let columns = Columns(
        table: "history",
        names: [
            "id", "order_number", "trade_no", "at", "what", "channel", "terminal", "operation", "answer", "old_state",
            "new_state", "page_kind", "page_expires_at", "refund_number", "fence", "transaction_id", "person", "reason",
        ])

    static let selection = """
        SELECT \(columns.selected) FROM history WHERE order_number = ? ORDER BY id
        """

    /// An order's facts, in the order in which they were stored.
    static func load(of order: OrderNumber, _ db: any Connection) throws -> [HistoryTimeline.NumberedEntry] {
        try db.prepared(selection).all([order.text]) { found in
            let unnamed = StoredRow(columns, key: order.text, in: found)
            let id = try unnamed.integer("id")
            return HistoryTimeline.NumberedEntry(id: id, entry: try unnamed.renamed("\(id)").historyEntry())
        }
    }

    /// Stores the facts, except those that other tables keep.
    static func append(_ entries: [HistoryEntry], of order: OrderNumber, _ db: any Connection) throws {
        var (values, count) = ([StoredValue?](), 0)
        for (index, entry) in entries.enumerated() {
            if let row = row(entry, of: order) {
                values += row
                count += 1
            }
            guard count == insertions.count || (count > 0 && index == entries.count - 1) else { continue }
            try db.prepared(insertions[count - 1]).run(values)
            (values, count) = ([], 0)
        }
    }

    /// Statements for one row, for two, and so on: a statement for each row costs more than the row does.
    private static let insertions = (1...8).map { count in
        let row = "(\(columns.inserted.map { _ in "?" }.joined(separator: ", ")))"
        let rows = Array(repeating: row, count: count).joined(separator: ", ")
        return NumberedSQL("INSERT INTO history (\(columns.inserted.joined(separator: ", "))) VALUES \(rows)")
    }

    /// The values of the columns that a new row is given. Nil for an entry that another table keeps.
    package static func row(_ entry: HistoryEntry, of order: OrderNumber) -> [StoredValue?]? {
        guard let fact = HistoryFact(entry.what) else { return nil }
        return [
            order.text.stored, fact.tradeNumber?.text.stored, entry.at.milliseconds.stored, fact.kind.rawValue.stored,
            fact.channel?.name.stored, fact.terminal?.rawValue.stored, fact.operation?.rawValue.stored,
            fact.answer?.stored, fact.oldState?.stored, fact.newState?.stored, fact.pageKind?.rawValue.stored,
            fact.pageExpiresAt?.milliseconds.stored, fact.refundNumber?.stored, fact.fence?.number.stored,
            fact.transactionID?.text.stored, fact.person?.text.stored, fact.reason?.text.stored,
        ]
    }
}
