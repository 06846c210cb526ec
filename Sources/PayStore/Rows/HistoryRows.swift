import GRDB
import PayCore
import PayFlow

/// The table `history`: calls that came and were made, and how the order changed. Notices, money and deliveries have
/// tables of their own.
enum HistoryRows {
    static let columns = Columns(
        table: "history",
        names: [
            "id", "order_number", "trade_no", "at", "what", "channel", "terminal", "operation", "answer", "old_state",
            "new_state", "page_kind", "page_expires_at", "refund_number", "fence", "transaction_id",
        ])

    static let selection = """
        SELECT \(columns.selected) FROM history WHERE order_number = ? ORDER BY id
        """

    /// What the table calls each fact, frozen by the migration that made it.
    private enum What: String {
        case made
        case asked
        case closeAsked = "close_asked"
        case called
        case attemptBegan = "attempt_began"
        case attemptMoved = "attempt_moved"
        case pageMinted = "page_minted"
        case pageEnded = "page_ended"
        case takenOver = "taken_over"
        case moved
        case refundWritten = "refund_written"
        case refundMoved = "refund_moved"
        case receiptJudged = "receipt_judged"
    }

    /// A fact with its row's number.
    struct NumberedEntry {
        let id: Int64
        let entry: HistoryEntry
    }

    /// A fact's row, without what all rows have.
    private struct Values {
        let what: What
        var tradeNumber: TradeNumber?
        var channel: Channel?
        var terminal: Terminal?
        var operation: ProviderOperation?
        var answer: String?
        var oldState: String?
        var newState: String?
        var pageKind: PageKind?
        var pageExpiresAt: Instant?
        var refundNumber: String?
        var fence: Fence?
        var transactionID: TransactionID?
    }

    /// An order's facts, in the order in which they were written down.
    static func load(of order: OrderNumber, _ db: Database) throws -> [NumberedEntry] {
        try db.prepared(selection).all([order.text]) { found in
            let unnamed = StoredRow(columns, key: order.text, in: found)
            let id = try unnamed.integer("id")
            return NumberedEntry(id: id, entry: try entry(unnamed.renamed("\(id)")))
        }
    }

    /// Writes down what happened, but for what other tables keep.
    static func append(_ entries: [HistoryEntry], of order: OrderNumber, _ db: Database) throws {
        var rows = entries.compactMap { row($0, of: order) }[...]
        while !rows.isEmpty {
            let together = rows.prefix(insertions.count)
            try db.prepared(insertions[together.count - 1]).run(Array(together.joined()))
            rows = rows.dropFirst(together.count)
        }
    }

    /// Inserts one row, two, and so on: a statement for each costs more than its row does.
    private static let insertions = (1...8).map { count in
        let row = "(\(columns.names.map { _ in "?" }.joined(separator: ", ")))"
        let rows = Array(repeating: row, count: count).joined(separator: ", ")
        return "INSERT INTO history (\(columns.names.joined(separator: ", "))) VALUES \(rows)"
    }

    private static func row(_ entry: HistoryEntry, of order: OrderNumber) -> [(any Storable)?]? {
        guard let values = values(entry.what) else { return nil }
        return [
            nil, order.text, values.tradeNumber?.text, entry.at.milliseconds, values.what.rawValue,
            values.channel?.name, values.terminal?.rawValue, values.operation?.rawValue, values.answer,
            values.oldState, values.newState, values.pageKind?.rawValue, values.pageExpiresAt?.milliseconds,
            values.refundNumber, values.fence?.number, values.transactionID?.text,
        ]
    }
}

extension HistoryRows {
    private static func values(_ what: HistoryEntry.What) -> Values? {
        switch what {
        case .noted(.asked(let channel, let terminal)):
            Values(what: .asked, channel: channel, terminal: terminal)
        case .noted(.closeAsked):
            Values(what: .closeAsked)
        case .noted(.called(let operation, let trade, let answer)):
            Values(what: .called, tradeNumber: trade, operation: operation, answer: storable(answer))
        case .changed(let change):
            values(change)
        case .notice, .money, .told:
            nil
        }
    }

    private static func values(_ change: OrderChange) -> Values {
        switch change {
        case .made:
            Values(what: .made)
        case .attemptBegan(let trade, let channel, let terminal):
            Values(what: .attemptBegan, tradeNumber: trade, channel: channel, terminal: terminal)
        case .attemptMoved(let trade, let from, let to):
            Values(what: .attemptMoved, tradeNumber: trade, oldState: from.rawValue, newState: to.rawValue)
        case .pageMinted(let trade, let kind, let terminal, let expiresAt):
            Values(
                what: .pageMinted, tradeNumber: trade, terminal: terminal, pageKind: kind, pageExpiresAt: expiresAt)
        case .pageEnded(let trade, let terminal):
            Values(what: .pageEnded, tradeNumber: trade, terminal: terminal)
        case .takenOver(let fence):
            Values(what: .takenOver, fence: fence)
        case .moved(let to):
            Values(what: .moved, newState: to.rawValue)
        case .refundWritten(let number, let trade, let state):
            Values(what: .refundWritten, tradeNumber: trade, newState: state.rawValue, refundNumber: number)
        case .refundMoved(let number, let trade, let from, let to):
            Values(
                what: .refundMoved, tradeNumber: trade, oldState: from.rawValue, newState: to.rawValue,
                refundNumber: number)
        case .receiptJudged(let transactionID, let trade, let standing):
            Values(
                what: .receiptJudged, tradeNumber: trade, newState: standing.rawValue, transactionID: transactionID)
        }
    }

    /// A provider's reason may be of any length and have anything in it: what is told must neither stop what it tells
    /// of from being stored, nor steer the terminal on which it is read.
    private static func storable(_ answer: String) -> String {
        let plain = answer.unicodeScalars.prefix(HistoryNote.longestAnswer).map { scalar in
            scalar.properties.generalCategory.isPrinted ? Character(scalar) : " "
        }
        return plain.isEmpty ? "nothing" : String(plain)
    }
}

extension HistoryRows {
    private static func entry(_ row: StoredRow) throws -> HistoryEntry {
        HistoryEntry(at: try row.instant("at"), try what(row))
    }

    private static func what(_ row: StoredRow) throws -> HistoryEntry.What {
        switch try row.value("what", What.init) {
        case .asked:
            .noted(.asked(try row.value("channel", Channel.init), try row.value("terminal", Terminal.init)))
        case .closeAsked:
            .noted(.closeAsked)
        case .called:
            .noted(
                .called(
                    try row.value("operation", ProviderOperation.init), try trade(row), answer: try row.text("answer")))
        case .made:
            .changed(.made)
        case .attemptBegan:
            .changed(
                .attemptBegan(
                    try trade(row), try row.value("channel", Channel.init), try row.value("terminal", Terminal.init)))
        case .attemptMoved:
            .changed(
                .attemptMoved(
                    try trade(row), from: try row.value("old_state", AttemptStateName.init),
                    to: try row.value("new_state", AttemptStateName.init)))
        case .pageMinted:
            .changed(
                .pageMinted(
                    try trade(row), try row.value("page_kind", PageKind.init), try row.value("terminal", Terminal.init),
                    expiresAt: try row.instant("page_expires_at")))
        case .pageEnded:
            .changed(.pageEnded(try trade(row), try row.value("terminal", Terminal.init)))
        case .takenOver:
            .changed(.takenOver(Fence(try row.integer("fence"))))
        case .moved:
            .changed(.moved(to: try row.value("new_state", OrderStateName.init)))
        case .refundWritten:
            .changed(
                .refundWritten(
                    try row.text("refund_number"), of: try trade(row), try row.value("new_state", RefundState.init)))
        case .refundMoved:
            .changed(
                .refundMoved(
                    try row.text("refund_number"), of: try trade(row),
                    from: try row.value("old_state", RefundState.init),
                    to: try row.value("new_state", RefundState.init)))
        case .receiptJudged:
            .changed(
                .receiptJudged(
                    try row.value("transaction_id", TransactionID.init), of: try trade(row),
                    as: try row.value("new_state", ReceiptStanding.init)))
        }
    }

    private static func trade(_ row: StoredRow) throws -> TradeNumber {
        try row.value("trade_no", TradeNumber.init)
    }
}

extension Unicode.GeneralCategory {
    /// Neither a control character, nor one that breaks a line or turns the direction of what follows.
    fileprivate var isPrinted: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
