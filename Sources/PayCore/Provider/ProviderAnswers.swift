/// Why an outcome is not known, and what that means for the lease.
public enum Doubt: Hashable, Sendable {
    /// An answer came, but it says nothing: a 5xx, a body that can't be read, a signature that is missing or wrong.
    case answered
    /// None came: the request may still land.
    case unanswered
}

/// What a provider's word on a create comes to. Only explicit words are final; everything else is ``unknown(_:)``.
public enum CreateAnswer: Hashable, Sendable {
    case made(ProviderPage)
    /// The provider definitely refused. `reason` is its own code, fit for a log.
    case refused(reason: String)
    /// The request never left: the provider can't have heard of it.
    case notSent(reason: String)
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
    var mayStillLand: Bool { self == .unknown(.unanswered) }
}

/// What a provider's word on a refund comes to.
public enum RefundAnswer: Hashable, Sendable {
    case succeeded
    /// Taken, and on its way: to be followed.
    case submitted
    case refused(reason: String)
    case noSuchRefund
    case unknown(Doubt)
}
