package import PayCore
package import PayFlow

/// A history entry as a row of the table `history`: one kind, and a value for each column that this kind uses.
///
/// Calls and changes of the order are rows of this table. Notices, money and deliveries have tables of their own.
package struct HistoryFact {
    /// The kinds of rows. The words are stored, and never change.
    package enum Kind: String {
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
        case ruled
    }

    package let kind: Kind
    package var tradeNumber: TradeNumber?
    package var channel: Channel?
    package var terminal: Terminal?
    package var operation: ProviderOperation?
    package var answer: String?
    package var oldState: String?
    package var newState: String?
    package var pageKind: PageKind?
    package var pageExpiresAt: Instant?
    package var refundNumber: String?
    package var fence: Fence?
    package var transactionID: TransactionID?
    package var person: PersonName?
    package var reason: RulingReason?
}

extension HistoryFact {
    /// Nil for an entry that another table keeps.
    package init?(_ what: HistoryEntry.What) {
        switch what {
        case .noted(.asked(let channel, let terminal)):
            self.init(kind: .asked, channel: channel, terminal: terminal)
        case .noted(.closeAsked):
            self.init(kind: .closeAsked)
        case .noted(.called(let operation, let trade, let answer)):
            self.init(kind: .called, tradeNumber: trade, operation: operation, answer: Self.storable(answer))
        case .noted(.ruled(let ruling, let transactionID, let trade)):
            self.init(
                kind: .ruled, tradeNumber: trade, answer: ruling.verdict.rawValue, transactionID: transactionID,
                person: ruling.by, reason: ruling.reason)
        case .changed(let change):
            self.init(change)
        case .notice, .money, .told:
            return nil
        }
    }

    private init(_ change: OrderChange) {
        switch change {
        case .made:
            self.init(kind: .made)
        case .attemptBegan(let trade, let channel, let terminal):
            self.init(kind: .attemptBegan, tradeNumber: trade, channel: channel, terminal: terminal)
        case .attemptMoved(let trade, let from, let to):
            self.init(kind: .attemptMoved, tradeNumber: trade, oldState: from.rawValue, newState: to.rawValue)
        case .pageMinted(let trade, let kind, let terminal, let expiresAt):
            self.init(
                kind: .pageMinted, tradeNumber: trade, terminal: terminal, pageKind: kind, pageExpiresAt: expiresAt)
        case .pageEnded(let trade, let terminal):
            self.init(kind: .pageEnded, tradeNumber: trade, terminal: terminal)
        case .takenOver(let fence):
            self.init(kind: .takenOver, fence: fence)
        case .moved(let to):
            self.init(kind: .moved, newState: to.rawValue)
        case .refundWritten(let number, let trade, let state):
            self.init(kind: .refundWritten, tradeNumber: trade, newState: state.rawValue, refundNumber: number)
        case .refundMoved(let number, let trade, let from, let to):
            self.init(
                kind: .refundMoved, tradeNumber: trade, oldState: from.rawValue, newState: to.rawValue,
                refundNumber: number)
        case .receiptJudged(let transactionID, let trade, let standing):
            self.init(
                kind: .receiptJudged, tradeNumber: trade, newState: standing.rawValue, transactionID: transactionID)
        }
    }

    /// A provider's reason may have any length and any characters. It must neither keep the entry from being stored,
    /// nor control the terminal on which it is read.
    private static func storable(_ answer: String) -> String {
        let plain = answer.unicodeScalars.prefix(HistoryNote.longestAnswer).map { scalar in
            scalar.properties.generalCategory.isPrinted ? Character(scalar) : " "
        }
        return plain.isEmpty ? "nothing" : String(plain)
    }
}

extension ReadableRow {
    /// Reads an entry from a row of the table `history`.
    package func historyEntry() throws -> HistoryEntry {
        HistoryEntry(at: try instant("at"), try historyKind())
    }

    private func historyKind() throws -> HistoryEntry.What {
        switch try value("what", HistoryFact.Kind.init) {
        case .asked:
            .noted(.asked(try value("channel", Channel.init), try value("terminal", Terminal.init)))
        case .closeAsked:
            .noted(.closeAsked)
        case .called:
            .noted(
                .called(try value("operation", ProviderOperation.init), try trade(), answer: try text("answer")))
        case .ruled:
            .noted(
                .ruled(
                    DisputeRuling(
                        try value("answer", DisputeVerdict.init), by: try value("person", PersonName.init),
                        reason: try value("reason", RulingReason.init)),
                    try value("transaction_id", TransactionID.init), of: try trade()))
        case .made:
            .changed(.made)
        case .attemptBegan:
            .changed(
                .attemptBegan(try trade(), try value("channel", Channel.init), try value("terminal", Terminal.init)))
        case .attemptMoved:
            .changed(
                .attemptMoved(
                    try trade(), from: try value("old_state", AttemptStateName.init),
                    to: try value("new_state", AttemptStateName.init)))
        case .pageMinted:
            .changed(
                .pageMinted(
                    try trade(), try value("page_kind", PageKind.init), try value("terminal", Terminal.init),
                    expiresAt: try instant("page_expires_at")))
        case .pageEnded:
            .changed(.pageEnded(try trade(), try value("terminal", Terminal.init)))
        case .takenOver:
            .changed(.takenOver(Fence(try integer("fence"))))
        case .moved:
            .changed(.moved(to: try value("new_state", OrderStateName.init)))
        case .refundWritten:
            .changed(
                .refundWritten(try text("refund_number"), of: try trade(), try value("new_state", RefundState.init)))
        case .refundMoved:
            .changed(
                .refundMoved(
                    try text("refund_number"), of: try trade(), from: try value("old_state", RefundState.init),
                    to: try value("new_state", RefundState.init)))
        case .receiptJudged:
            .changed(
                .receiptJudged(
                    try value("transaction_id", TransactionID.init), of: try trade(),
                    as: try value("new_state", ReceiptStanding.init)))
        }
    }

    private func trade() throws -> TradeNumber { try value("trade_no", TradeNumber.init) }
}

extension Unicode.GeneralCategory {
    /// Neither a control character, nor one that breaks a line or changes the direction of the text behind it.
    fileprivate var isPrinted: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        default: true
        }
    }
}
