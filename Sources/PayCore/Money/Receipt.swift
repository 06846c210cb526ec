/// Proof, from a provider, that money arrived.
public struct Receipt: Hashable, Sendable {
    public let channel: Channel
    public let tradeNumber: TradeNumber
    /// The provider's own number for the payment. With the channel it names a receipt: the same one twice is one.
    public let transactionID: TransactionID
    /// As the provider says, which may be anything: it is compared with what was asked.
    public let amount: Int64
    public let currencyCode: String
    /// When the provider took the money, by its clock; clamped, because a receipt is never refused for its time.
    public let paidAt: Instant
    /// Whether the provider names our merchant account and app.
    public let namesOurAccount: Bool
    /// Whether the provider says that all of the money has already gone back.
    public let isReturned: Bool

    public init(
        channel: Channel, tradeNumber: TradeNumber, transactionID: TransactionID, amount: Int64, currencyCode: String,
        paidAt: Instant, namesOurAccount: Bool, isReturned: Bool = false
    ) {
        self.channel = channel
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.amount = amount
        self.currencyCode = currencyCode
        self.paidAt = paidAt.clamped
        self.namesOurAccount = namesOurAccount
        self.isReturned = isReturned
    }

    func names(_ other: Receipt) -> Bool {
        channel == other.channel && transactionID == other.transactionID
    }

    func isFor(_ attempt: Attempt) -> Bool {
        namesOurAccount && channel == attempt.channel && amount == attempt.request.money.amount
            && currencyCode == attempt.request.money.currency.code
    }
}

/// A provider's own number for one payment.
public struct TransactionID: Hashable, Sendable, CustomStringConvertible {
    public static let longest = 255

    public let text: String

    /// Nil when `text` is empty or longer than any provider's.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// What a receipt turned out to be, when it was stored.
public enum ReceiptStanding: String, CaseIterable, Sendable {
    /// The order was new, and became paid by it.
    case honest
    /// The order was paid already: given back.
    case duplicate
    /// The order was closed or expired: given back.
    case late
    /// All of it had gone back before we learned of it (a refund in the provider's console): it pays nothing, and
    /// nothing is given back.
    case returned
    /// Amount, currency or account are not the attempt's. It is judged again when the same payment is told of with
    /// particulars that fit; otherwise a person decides.
    case disputed
}

/// A receipt as it was written down.
public struct RecordedReceipt: Hashable, Sendable {
    public let receipt: Receipt
    public let standing: ReceiptStanding
    public let recordedAt: Instant

    public init(receipt: Receipt, standing: ReceiptStanding, recordedAt: Instant) {
        self.receipt = receipt
        self.standing = standing
        self.recordedAt = recordedAt
    }
}
