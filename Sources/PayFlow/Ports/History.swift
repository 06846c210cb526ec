public import PayCore

/// The history of an order, for operators and for failing tests. It is derived from the stored transactions, and never
/// has a page's content, a notice's body or a signature.
public protocol History: Sendable {
    /// All entries, the oldest first. Empty for an unknown order.
    func history(of order: OrderNumber) async throws -> [HistoryEntry]
}

/// One entry of an order's history.
public struct HistoryEntry: Hashable, Sendable {
    public enum What: Hashable, Sendable {
        /// A call that came, or that was made.
        case noted(HistoryNote)
        /// A change of the order.
        case changed(OrderChange)
        /// A provider's verified notice, when it came for the first time.
        case notice(Channel, about: TradeNumber, SettleOutcome)
        /// Money that was stored.
        case money(RecordedReceipt)
        /// A message to the merchant, with its progress.
        case told(DeliveryRecord)
    }

    public let at: Instant
    public let what: What

    public init(at: Instant, _ what: What) {
        self.at = at
        self.what = what
    }
}

/// A difference of an order before and after a decision.
public enum OrderChange: Hashable, Sendable {
    case made
    case attemptBegan(TradeNumber, Channel, Terminal)
    case attemptMoved(TradeNumber, from: AttemptStateName, to: AttemptStateName)
    case pageMinted(TradeNumber, PageKind, Terminal, expiresAt: Instant)
    /// A page's life was shortened: the provider is asked for another page.
    case pageEnded(TradeNumber, Terminal)
    /// A lease ran out, held or kept for an answer, and the work goes on under this fence.
    case takenOver(Fence)
    case moved(to: OrderStateName)
    case refundWritten(String, of: TradeNumber, RefundState)
    case refundMoved(String, of: TradeNumber, from: RefundState, to: RefundState)
    /// A disputed payment was reported again with matching particulars, and has this standing now.
    case receiptJudged(TransactionID, of: TradeNumber, as: ReceiptStanding)
}
