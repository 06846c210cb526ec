/// Proof from a provider that money arrived.
public struct Receipt: Hashable, Sendable {
    public let channel: Channel
    public let tradeNumber: TradeNumber
    /// The provider's number for the payment. Channel and number identify a receipt: a repeated receipt counts once.
    public let transactionID: TransactionID
    /// The amount as the provider states it. It may be any number, and is compared with the attempt's.
    public let amount: Int64
    public let currencyCode: String
    /// When the provider took the money, by its clock. The time is clamped, because a receipt is never refused for its
    /// time.
    public let paidAt: Instant
    /// Whether the receipt names our merchant account and app. Settling compares ``appID`` too.
    public let namesOurAccount: Bool
    /// The merchant's app that the provider names, if an attempt has one of its own. Settling compares it with the
    /// attempt's, and does not store it.
    public let appID: String?
    /// Whether all of the money has already been returned, as the provider states.
    public let isReturned: Bool

    public init(
        channel: Channel, tradeNumber: TradeNumber, transactionID: TransactionID, amount: Int64, currencyCode: String,
        paidAt: Instant, namesOurAccount: Bool, appID: String? = nil, isReturned: Bool = false
    ) {
        self.channel = channel
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.amount = amount
        self.currencyCode = currencyCode
        self.paidAt = paidAt.clamped
        self.namesOurAccount = namesOurAccount
        self.appID = appID
        self.isReturned = isReturned
    }

    /// The money; nil if the provider's amount or currency is not one that can be refunded.
    public var money: Money? { Currency(currencyCode).flatMap { Money(amount: amount, currency: $0) } }

    /// The same, with all of its money returned.
    var asReturned: Receipt {
        Receipt(
            channel: channel, tradeNumber: tradeNumber, transactionID: transactionID, amount: amount,
            currencyCode: currencyCode, paidAt: paidAt, namesOurAccount: namesOurAccount, isReturned: true)
    }

    /// The receipt with the provider's app compared with the attempt's.
    func compared(with request: StoredRequest) -> Receipt {
        guard let appID else { return self }
        return Receipt(
            channel: channel, tradeNumber: tradeNumber, transactionID: transactionID, amount: amount,
            currencyCode: currencyCode, paidAt: paidAt, namesOurAccount: namesOurAccount && appID == request.appID,
            isReturned: isReturned)
    }

    func names(_ other: Receipt) -> Bool {
        channel == other.channel && transactionID == other.transactionID
    }

    /// Whether the particulars match those of an attempt at the same channel.
    func isFor(_ attempt: Attempt) -> Bool {
        namesOurAccount && amount == attempt.request.money.amount
            && currencyCode == attempt.request.money.currency.code
    }
}

/// A provider's number for one payment.
public struct TransactionID: Hashable, Sendable, CustomStringConvertible {
    public static let longest = 255

    public let text: String

    /// Nil if `text` is empty or longer than any provider's number.
    public init?(_ text: String) {
        guard (1...Self.longest).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// The classification of a receipt when it was stored.
public enum ReceiptStanding: String, CaseIterable, Sendable {
    /// The order was new and became paid by this receipt.
    case honest
    /// The order was already paid: the money is refunded.
    case duplicate
    /// The order was closed or expired: the money is refunded.
    case late
    /// All of the money was returned before the receipt arrived, for example by a refund in the provider's console. It
    /// pays nothing, and nothing is refunded.
    case returned
    /// Amount, currency or account do not match the attempt. The receipt is judged again when the same payment is
    /// reported with matching particulars. Otherwise it needs a manual decision.
    case disputed
    /// It was disputed, and a person decided that the money goes back.
    case rejected
}

/// A receipt as it was stored.
public struct RecordedReceipt: Hashable, Sendable {
    public let receipt: Receipt
    public let standing: ReceiptStanding
    public let recordedAt: Instant
    /// Whether a person decided a dispute about it.
    public let wasRuledOn: Bool

    public init(receipt: Receipt, standing: ReceiptStanding, recordedAt: Instant, wasRuledOn: Bool = false) {
        self.receipt = receipt
        self.standing = standing
        self.recordedAt = recordedAt
        self.wasRuledOn = wasRuledOn
    }
}
