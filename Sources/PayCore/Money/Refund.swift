/// Where a refund stands: `pending` → `submitted` → `succeeded` or `failed`.
public enum RefundState: String, CaseIterable, Sendable {
    /// Written down. Moved on by asking the provider for it, as often as it takes.
    case pending
    /// The provider has taken it on. Moved on by its notice, or by asking what became of it.
    case submitted
    /// The money went back. Nothing moves it on.
    case succeeded
    /// The provider said no for good. Moved on by a person, who has it tried again.
    case failed

    /// Whether the provider is still asked.
    public var isUnderWay: Bool { self == .pending || self == .submitted }
}

/// Money that should not have come, on its way back.
public struct Refund: Hashable, Sendable {
    /// `{trade_no}_r{k}`: the same for the same receipt whoever computes it, so that it can't be refunded twice.
    public let number: String
    public let tradeNumber: TradeNumber
    public let transactionID: TransactionID
    public let money: Money
    public let createdAt: Instant
    public internal(set) var state: RefundState
    /// When the provider is asked next; nil when the refund is over.
    public internal(set) var askAt: Instant?

    public init(
        number: String, tradeNumber: TradeNumber, transactionID: TransactionID, money: Money, state: RefundState,
        createdAt: Instant, askAt: Instant?
    ) {
        self.number = number
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.money = money
        self.state = state
        self.createdAt = createdAt
        self.askAt = askAt
    }

    /// The trade that a refund's number names; nil when it is none of ours.
    public static func trade(of number: String) -> TradeNumber? {
        guard let mark = number.lastIndex(of: "_"), number[mark...].hasPrefix("_r") else { return nil }
        return TradeNumber(String(number[..<mark]))
    }
}
