/// Where a refund stands: `pending` → `submitted` → `succeeded` or `failed`, and `needs_attention` on the way.
public enum RefundState: String, CaseIterable, Sendable {
    /// Written down. Moved on by asking the provider for it, as often as it takes.
    case pending
    /// The provider has taken it on. Moved on by its notice, or by asking what became of it.
    case submitted
    /// The provider keeps refusing it by a code that isn't final, or waits for the merchant's balance. A person is told.
    /// Moved on by asking the provider, as before.
    case needsAttention = "needs_attention"
    /// The money went back. Nothing moves it on.
    case succeeded
    /// The provider said no for good. Moved on by a person, who has it tried again.
    case failed

    /// Whether the provider is still asked.
    public var isUnderWay: Bool {
        switch self {
        case .pending, .submitted, .needsAttention: true
        case .succeeded, .failed: false
        }
    }
}

/// How often a refund was refused by codes that are in no table of ours, since the provider last took it on.
public struct RefusedTries: Hashable, Sendable {
    /// A person is told after so many.
    static let mostInSilence = 5
    /// A person is told after so long, however few there were.
    static let longestSilence = Duration.seconds(3_600)

    public let count: Int
    public let since: Instant

    public init(count: Int, since: Instant) {
        self.count = count
        self.since = since
    }

    func needAttention(at now: Instant) -> Bool {
        count >= Self.mostInSilence || now - since >= Self.longestSilence
    }
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
    /// Whether the provider has ever taken it on: then it is followed, and not asked for anew.
    public internal(set) var wasSubmitted: Bool
    /// Nil while no try was refused so.
    public internal(set) var refusedTries: RefusedTries?
    /// The provider's code for the last refusal; nil when there was none, and when the money is back.
    public internal(set) var providerCode: String?

    public init(
        number: String, tradeNumber: TradeNumber, transactionID: TransactionID, money: Money, state: RefundState,
        createdAt: Instant, askAt: Instant?, wasSubmitted: Bool = false, refusedTries: RefusedTries? = nil,
        providerCode: String? = nil
    ) {
        self.number = number
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.money = money
        self.state = state
        self.createdAt = createdAt
        self.askAt = askAt
        self.wasSubmitted = wasSubmitted || state == .submitted
        self.refusedTries = refusedTries
        self.providerCode = providerCode
    }

    /// The trade that a refund's number names; nil when it is none of ours.
    public static func trade(of number: String) -> TradeNumber? {
        guard let mark = number.lastIndex(of: "_"), number[mark...].hasPrefix("_r") else { return nil }
        return TradeNumber(String(number[..<mark]))
    }
}
