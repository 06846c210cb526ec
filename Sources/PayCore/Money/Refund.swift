/// The state of a refund: `pending` → `submitted` → `succeeded` or `failed`, with `needs_attention` in between.
public enum RefundState: String, CaseIterable, Sendable {
    /// Stored. Ended when the provider accepts the refund; the request is retried until then.
    case pending
    /// The provider accepted the refund. Ended by a notice or a query.
    case submitted
    /// The provider keeps refusing the refund with a code that is not final, or waits for the merchant's balance. An
    /// event reports it, and the refund is still retried.
    case needsAttention = "needs_attention"
    /// The money was returned. A provider can revoke it: a bank may send the money back days later (Stripe).
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

/// Why a refund was made.
public enum RefundCause: String, CaseIterable, Sendable {
    /// The merchant requested it.
    case merchant
    /// The order was already paid when the money arrived.
    case duplicate
    /// The order was closed or expired when the money arrived.
    case late
    /// A person decided that disputed money goes back.
    case dispute
    /// It was made in the provider's own console, and taken in.
    case provider

    /// Whether Paypage requested it.
    public var isOurs: Bool { self != .provider }
}

/// The merchant's own number for a refund (`refund_no`): 1 to 32 of `[0-9A-Za-z_]`, unique within its order.
public struct RefundNumber: Hashable, Sendable, CustomStringConvertible {
    public static let lengths = 1...32

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIWord) else { return nil }
        self.text = text
    }

    public var description: String { text }
}

/// The merchant's reason for a refund, which the buyer may see: 1 to 80 characters without control characters.
///
/// WeChat Pay accepts at most 80.
public struct RefundReason: PrintableText {
    public static let longest = 80

    public let text: String

    /// Nil if `text` breaks this rule.
    public init?(_ text: String) {
        guard text.isPrintable(upTo: Self.longest) else { return nil }
        self.text = text
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

/// The refund of a receipt, in full or in part.
public struct Refund: Hashable, Sendable {
    /// The number that the refund was stored under, unique within its order.
    ///
    /// `{trade_no}_r{k}` for money that should not have arrived: k counts the receipts of the trade, so that no receipt
    /// is refunded twice. `{trade_no}_m{k}` for a refund by the merchant: k counts the merchant's refunds of the trade.
    /// The provider's own number for a refund that was made in its console.
    public let number: String
    /// The merchant's own number; nil if the merchant gave none.
    public let merchantNumber: RefundNumber?
    public let tradeNumber: TradeNumber
    public let transactionID: TransactionID
    public let money: Money
    public let cause: RefundCause
    public let reason: RefundReason?
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
    /// How often the refund was given another number, because the provider had closed it under the one before.
    public internal(set) var renewals: Int
    /// Whether the provider closed the refund under its present number. A retry takes another number.
    public internal(set) var isNumberUsedUp: Bool
    /// When the provider was last asked to make the refund; nil if never.
    public internal(set) var requestedAt: Instant?
    /// When the money was returned; nil unless it was.
    public internal(set) var refundedAt: Instant?

    public init(
        number: String, merchantNumber: RefundNumber? = nil, tradeNumber: TradeNumber, transactionID: TransactionID,
        money: Money, cause: RefundCause, reason: RefundReason? = nil, state: RefundState, createdAt: Instant,
        askAt: Instant?, wasSubmitted: Bool = false, refusedTries: RefusedTries? = nil, providerCode: String? = nil,
        renewals: Int = 0, isNumberUsedUp: Bool = false, requestedAt: Instant? = nil, refundedAt: Instant? = nil
    ) {
        self.number = number
        self.merchantNumber = merchantNumber
        self.tradeNumber = tradeNumber
        self.transactionID = transactionID
        self.money = money
        self.cause = cause
        self.reason = reason
        self.state = state
        self.createdAt = createdAt
        self.askAt = askAt
        self.wasSubmitted = wasSubmitted || state == .submitted
        self.refusedTries = refusedTries
        self.providerCode = providerCode
        self.renewals = renewals
        self.isNumberUsedUp = isNumberUsedUp
        self.requestedAt = requestedAt
        self.refundedAt = refundedAt
    }

    /// The number in the API: the merchant's, or else the one that the refund was stored under.
    public var publicNumber: String { merchantNumber?.text ?? number }

    /// The number that the provider knows it by now: ``number``, and after a renewal `_2`, `_3`, and so on behind it.
    public var providerNumber: String { renewals == 0 ? number : "\(number)_\(renewals + 1)" }
}
