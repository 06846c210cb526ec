/// The provider's answer to a create. Only explicit answers are final; every other answer is ``unknown(_:)``.
public enum CreateAnswer: Hashable, Sendable {
    case made(ProviderPage)
    /// The provider definitely refused. `reason` is its own code, safe to log.
    case refused(reason: String)
    /// The request never left: the provider can't know it.
    case notSent(reason: String, UnknownReason = .connection)
    case unknown(Doubt)
    case alreadyPaid
    case alreadyClosed
}

/// A page as the provider returned it.
public struct ProviderPage: Hashable, Sendable {
    public let kind: PageKind
    public let content: String
    public let serves: Set<Terminal>
    /// How long it can be used from now; nil for as long as its trade.
    public let usableFor: Duration?
    /// When the provider will end the trade by itself, if that differs from the deadline in the request (Stripe).
    public let sessionEndsAt: Instant?
    /// The provider's own name for the trade, if its calls require it (Stripe).
    public let reference: ProviderReference?

    public init(
        kind: PageKind, content: String, serves: Set<Terminal>, usableFor: Duration?, sessionEndsAt: Instant? = nil,
        reference: ProviderReference? = nil
    ) {
        self.kind = kind
        self.content = content
        self.serves = serves
        self.usableFor = usableFor
        self.sessionEndsAt = sessionEndsAt
        self.reference = reference
    }
}

/// The provider's answer about the state of a trade.
public enum QueryAnswer: Hashable, Sendable {
    case paid(Receipt)
    case unpaid
    case closed
    /// Proves nothing: an unopened Alipay page has no trade, and can still be paid.
    case noSuchTrade
    case unknown(Doubt)
}

/// The provider's answer to a close. A query decides the outcome of the trade. This answer tells whether the close
/// itself may still arrive.
public enum CloseAnswer: Hashable, Sendable {
    case accepted
    case alreadyPaid
    case noSuchTrade
    case tooEarly
    case refused(reason: String)
    case unknown(Doubt)

    /// A close without an answer may arrive later, even after the trade was opened again.
    var mayStillLand: Bool { wasUnanswered }
}

/// The provider's answer about a refund.
public enum RefundAnswer: Hashable, Sendable {
    /// The money was returned; `at` is nil if the provider does not tell when.
    case succeeded(at: Instant? = nil)
    /// Accepted and in progress: it is queried until it ends.
    case submitted
    /// Accepted, and held back until the merchant's balance covers it: it is queried until it ends.
    case held(ProviderError)
    case refused(reason: String)
    /// The refund is over, and no money moved: also after a reported success, which a bank may send back. The number is
    /// used up, and a retry needs another one.
    case closed(reason: String)
    case noSuchRefund
    case unknown(Doubt)
}

/// The provider's answer about a refund that Paypage did not request.
public enum ForeignRefundAnswer: Hashable, Sendable {
    case found(ForeignRefund)
    /// No such refund, or one that moved no money.
    case noSuchRefund
    case unknown(Doubt)
}

// MARK: Unknown outcomes

extension CreateAnswer {
    /// The doubt that an answer leaves; nil if it is explicit. A request that never left can't arrive later.
    public var doubt: Doubt? {
        switch self {
        case .unknown(let doubt): doubt
        case .notSent(_, let reason): .answered(reason)
        case .made, .refused, .alreadyPaid, .alreadyClosed: nil
        }
    }
}

extension QueryAnswer {
    public var doubt: Doubt? {
        if case .unknown(let doubt) = self { doubt } else { nil }
    }

    public var wasUnanswered: Bool { doubt?.isUnanswered == true }
}

extension CloseAnswer {
    public var doubt: Doubt? {
        if case .unknown(let doubt) = self { doubt } else { nil }
    }

    public var wasUnanswered: Bool { doubt?.isUnanswered == true }
}

extension RefundAnswer {
    public var doubt: Doubt? {
        if case .unknown(let doubt) = self { doubt } else { nil }
    }
}

extension ForeignRefundAnswer {
    public var doubt: Doubt? {
        if case .unknown(let doubt) = self { doubt } else { nil }
    }
}
