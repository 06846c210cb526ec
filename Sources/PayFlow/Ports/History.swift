public import PayCore

/// What happened to an order, for a person who looks into it and for a test that explains itself. Told from what was
/// stored in the transactions in which it happened; never with a page's content, a notice's body or a signature.
public protocol History: Sendable {
    /// All that is remembered, the first thing first. Empty for an order that isn't here.
    func history(of order: OrderNumber) async throws -> [HistoryEntry]
}

/// One thing that happened to an order.
public struct HistoryEntry: Hashable, Sendable {
    public enum What: Hashable, Sendable {
        /// A call came, or was made.
        case noted(HistoryNote)
        /// The order is no longer what it was.
        case changed(OrderChange)
        /// A provider's verified notice came, for the first time.
        case notice(Channel, about: TradeNumber, NoticeStanding)
        /// Money was written down.
        case money(RecordedReceipt)
        /// The merchant is told, or is to be told, with how far that has come by now.
        case told(DeliveryRecord)
    }

    public let at: Instant
    public let what: What

    public init(at: Instant, _ what: What) {
        self.at = at
        self.what = what
    }
}

/// A way in which an order differs from what it was before a decision.
public enum OrderChange: Hashable, Sendable {
    case made
    case attemptBegan(TradeNumber, Channel, Terminal)
    case attemptMoved(TradeNumber, from: AttemptStateName, to: AttemptStateName)
    case pageMinted(TradeNumber, PageKind, Terminal, expiresAt: Instant)
    /// A page's life was cut short: the provider is asked for another.
    case pageEnded(TradeNumber, Terminal)
    /// A lease that somebody held, or that was kept for an answer, ran out, and the work goes on under this fence.
    case takenOver(Fence)
    case moved(to: OrderStateName)
    case refundWritten(String, of: TradeNumber, RefundState)
    case refundMoved(String, of: TradeNumber, from: RefundState, to: RefundState)
    /// A payment that was disputed was told of again with particulars that fit, and counts as this now.
    case receiptJudged(TransactionID, of: TradeNumber, as: ReceiptStanding)
}

/// What a stored notice came to when it was stored.
public enum NoticeStanding: String, CaseIterable, Sendable {
    /// The order was paid by it.
    case paid
    case duplicate
    case late
    /// Its money had gone back already.
    case returned
    /// It said what was known.
    case repeated
    /// It is not what was asked for: a person decides.
    case disputed
}
