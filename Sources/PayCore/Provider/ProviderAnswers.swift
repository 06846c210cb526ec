/// What a provider's word on a create comes to. Only explicit words are final; everything else is ``unknown(_:)``.
public enum CreateAnswer: Hashable, Sendable {
    case made(ProviderPage)
    /// The provider definitely refused. `reason` is its own code, fit for a log.
    case refused(reason: String)
    /// The request never left: the provider can't have heard of it.
    case notSent(reason: String, UnknownReason = .connection)
    case unknown(Doubt)
    case alreadyPaid
    case alreadyClosed
}

/// A page as the provider gave it.
public struct ProviderPage: Hashable, Sendable {
    public let kind: PageKind
    public let content: String
    public let serves: Set<Terminal>
    /// How long it can be used from now; nil for as long as its trade.
    public let usableFor: Duration?
    /// When the provider will end the trade by itself, where that isn't the deadline that it was sent (Stripe).
    public let sessionEndsAt: Instant?
    /// The provider's own name for the trade, where its calls want that one (Stripe).
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

/// What a provider's word on a trade's state comes to.
public enum QueryAnswer: Hashable, Sendable {
    case paid(Receipt)
    case unpaid
    case closed
    /// No proof of anything: an unopened Alipay page has no trade, and can still be paid.
    case noSuchTrade
    case unknown(Doubt)
}

/// What a provider's word on a close comes to. A query decides what became of the trade; this says how sure we are
/// that the close itself has been dealt with.
public enum CloseAnswer: Hashable, Sendable {
    case accepted
    case alreadyPaid
    case noSuchTrade
    case tooEarly
    case refused(reason: String)
    case unknown(Doubt)

    /// A close that was never answered may land later, even after the trade was opened again.
    var mayStillLand: Bool { wasUnanswered }
}

/// What a provider's word on a refund comes to.
public enum RefundAnswer: Hashable, Sendable {
    case succeeded
    /// Taken, and on its way: to be followed.
    case submitted
    /// Taken, and held back until the merchant's balance covers it: to be followed.
    case held(ProviderError)
    case refused(reason: String)
    case noSuchRefund
    case unknown(Doubt)
}

// MARK: What is left open

extension CreateAnswer {
    /// The doubt that an answer leaves; nil where it is the provider's word. What never left can't land later.
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
