/// The state of a refund: `pending` → `submitted` → `succeeded` or `failed`, with `needs_attention` in between.
public enum RefundState: String, CaseIterable, Sendable {
    /// Stored. Ended when the provider accepts the refund; the request is retried until then.
    case pending
    /// The provider accepted the refund. Ended by a notice or a query.
    case submitted
    /// The provider keeps refusing the refund with a code that is not final, or waits for the merchant's balance. An
    /// event reports it, and the refund is still retried.
    case needsAttention = "needs_attention"
    /// The money was returned. Final.
    case succeeded
    /// The provider refused the refund for good. Ended only by a manual retry.
    case failed

    /// Whether the provider is still called about the refund.
    public var isUnderWay: Bool {
        switch self {
        case .pending, .submitted, .needsAttention: true
        case .succeeded, .failed: false
        }
    }
}

/// Refusals with codes that no table contains, since the provider last accepted the refund.
public struct RefusedTries: Hashable, Sendable {
    /// An event reports the refund after this many refusals.
    static let mostInSilence = 5
    /// An event reports the refund after this time, even with fewer refusals.
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

/// The refund of a receipt that should not have arrived.
public struct Refund: Hashable, Sendable {
    /// `{trade_no}_r{k}`: the same for the same receipt in every computation, so that no receipt is refunded twice.
    public let number: String
    public let tradeNumber: TradeNumber
    public let transactionID: TransactionID
    public let money: Money
    public let createdAt: Instant
    public internal(set) var state: RefundState
    /// When the provider is called next; nil if the refund is over.
    public internal(set) var askAt: Instant?
    /// Whether the provider has ever accepted the refund. An accepted refund is queried, and not requested again.
    public internal(set) var wasSubmitted: Bool
    /// Nil if no try was refused with an unlisted code.
    public internal(set) var refusedTries: RefusedTries?
    /// The code of the provider's last refusal; nil if there was none or the money was returned.
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

    /// The trade that a refund's number names; nil if the number is not one of ours.
    public static func trade(of number: String) -> TradeNumber? {
        guard let mark = number.lastIndex(of: "_"), number[mark...].hasPrefix("_r") else { return nil }
        return TradeNumber(String(number[..<mark]))
    }
}
