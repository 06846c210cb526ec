/// A refund's number that Paypage made, taken apart.
public struct OwnRefundNumber: Hashable, Sendable {
    public let trade: TradeNumber
    /// The number that the refund is stored under.
    public let number: String
    public let renewals: Int

    /// Nil unless `text` is `{trade_no}_r{k}` or `{trade_no}_m{k}`, perhaps with `_2`, `_3`, … behind it.
    public init?(_ text: String) {
        if let own = Self.base(text) {
            (trade, number, renewals) = (own, text, 0)
            return
        }
        guard let mark = text.lastIndex(of: "_"), let ordinal = Self.count(text[text.index(after: mark)...]),
            ordinal >= 2, let own = Self.base(String(text[..<mark]))
        else { return nil }
        (trade, number, renewals) = (own, String(text[..<mark]), ordinal - 1)
    }

    /// The count of a merchant's refund; nil for a refund of money that should not have come.
    var merchantCount: Int? {
        guard let mark = number.lastIndex(of: "_"), number[mark...].hasPrefix("_m") else { return nil }
        return Int(number[mark...].dropFirst(2))
    }

    private static func base(_ text: String) -> TradeNumber? {
        guard let mark = text.lastIndex(of: "_") else { return nil }
        let end = text[text.index(after: mark)...]
        guard end.hasPrefix("r") || end.hasPrefix("m"), count(end.dropFirst()) != nil else { return nil }
        return TradeNumber(String(text[..<mark]))
    }

    /// A number from 1, without leading zeros.
    private static func count(_ text: Substring) -> Int? {
        guard let count = Int(text), count >= 1, "\(count)" == text else { return nil }
        return count
    }
}

/// A refund as the provider is asked for it.
public struct RefundRequest: Hashable, Sendable {
    /// The same number twice is one refund.
    public let number: String
    public let tradeNumber: TradeNumber
    public let transactionID: TransactionID
    public let money: Money
    /// The whole payment that the refund is a part of (WeChat Pay requires it).
    public let total: Money
    public let cause: RefundCause
    public let reason: RefundReason?
    public let createdAt: Instant

    public init(
        number: String, tradeNumber: TradeNumber, transactionID: TransactionID, money: Money, total: Money,
        cause: RefundCause, reason: RefundReason?, createdAt: Instant
    ) {
        self.number = number
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.money = money
        self.total = total
        self.cause = cause
        self.reason = reason
        self.createdAt = createdAt
    }

    public init(_ refund: Refund, of total: Money) {
        self.init(
            number: refund.providerNumber, tradeNumber: refund.tradeNumber, transactionID: refund.transactionID,
            money: refund.money, total: total, cause: refund.cause, reason: refund.reason, createdAt: refund.createdAt)
    }
}

/// A refund that was not requested by Paypage, as the provider reports it.
public struct ForeignRefund: Hashable, Sendable {
    /// In bytes. The longest number of a provider is Stripe's, which has 255 at most.
    public static let longestNumber = 255

    /// The number that the provider knows it by.
    public let number: String
    public let tradeNumber: TradeNumber
    public let transactionID: TransactionID
    public let money: Money
    /// When the money was returned; nil while the refund is in progress.
    public let refundedAt: Instant?

    /// Nil unless `number` is 1 to 255 visible ASCII characters.
    public init?(
        number: String, tradeNumber: TradeNumber, transactionID: TransactionID, money: Money, refundedAt: Instant?
    ) {
        guard number.isVisibleASCII(1...Self.longestNumber) else { return nil }
        self.number = number
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.money = money
        self.refundedAt = refundedAt?.clamped
    }
}
