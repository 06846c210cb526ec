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
        var rows = entries.compactMap { row($0, of: order) }[...]
        while !rows.isEmpty {
            let together = rows.prefix(insertions.count)
            try db.prepared(insertions[together.count - 1]).run(Array(together.joined()))
            rows = rows.dropFirst(together.count)
        }
    }

    /// Statements for one row, for two, and so on: a statement for each row costs more than the row does.
    private static let insertions = (1...8).map { count in
        let row = "(\(columns.inserted.map { _ in "?" }.joined(separator: ", ")))"
        let rows = Array(repeating: row, count: count).joined(separator: ", ")
        return "INSERT INTO history (\(columns.inserted.joined(separator: ", "))) VALUES \(rows)"
    }

    /// The values of the columns that a new row is given. Nil for an entry that another table keeps.
    package static func row(_ entry: HistoryEntry, of order: OrderNumber) -> [(any Storable)?]? {
        guard let fact = HistoryFact(entry.what) else { return nil }
        return [
            order.text, fact.tradeNumber?.text, entry.at.milliseconds, fact.kind.rawValue, fact.channel?.name,
            fact.terminal?.rawValue, fact.operation?.rawValue, fact.answer, fact.oldState, fact.newState,
            fact.pageKind?.rawValue, fact.pageExpiresAt?.milliseconds, fact.refundNumber, fact.fence?.number,
            fact.transactionID?.text, fact.person?.text, fact.reason?.text,
        ]
    }
}
