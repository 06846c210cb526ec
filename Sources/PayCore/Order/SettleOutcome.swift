/// The outcome of money that a provider reported. The words are those of `notices.outcome`; the words for a stored
/// receipt, an event and a metric are derived from them.
public enum SettleOutcome: String, CaseIterable, Sendable {
    /// The money paid the order.
    case paid
    /// The order was already paid: the money is refunded.
    case duplicate
    /// The order was closed or expired: the money is refunded.
    case late
    /// All of the money was already returned: it pays nothing.
    case returned
    /// The money does not match the attempt: it needs a manual decision.
    case disputed
    /// The report said nothing new.
    case repeated
    /// The order, or the attempt, is not ours.
    case orphan

    /// How the receipt is stored; nil where no receipt is stored.
    public var standing: ReceiptStanding? {
        switch self {
        case .paid: .honest
        case .duplicate: .duplicate
        case .late: .late
        case .returned: .returned
        case .disputed: .disputed
        case .repeated, .orphan: nil
        }
    }

    /// The event that tells the merchant; nil where the merchant is not told.
    public var event: OrderEvent.Kind? {
        switch self {
        case .paid: .orderPaid
        case .duplicate: .paymentDuplicate
        case .late: .paymentLate
        case .returned: .paymentReturned
        case .disputed: .paymentDisputed
        case .repeated, .orphan: nil
        }
    }
}

extension SettleAction {
    /// The outcome without what it carries.
    public var outcome: SettleOutcome {
        switch self {
        case .alreadyRecorded: .repeated
        case .paid: .paid
        case .duplicate: .duplicate
        case .late: .late
        case .returned: .returned
        case .disputed: .disputed
        case .unknownTrade: .orphan
        case .afterLastWord(let action): action.outcome
        }
    }
}
