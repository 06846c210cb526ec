/// Why a call does not get what it asks for: a value named for the rule that it upholds.
///
/// The order of the cases is the precedence: the first that applies is the one that is told.
public enum PayRefusal: Error, Hashable, Sendable {
    /// The idempotency key marks another request.
    case keyReused
    /// No such order, or another user's: a stranger can't tell which.
    case noSuchOrder
    /// A known order with other particulars.
    case orderMismatch
    /// The order is paid or closed.
    case orderNotNew(OrderStateName)
    /// Past the cut-off, or expired.
    case tooLate
    /// The key's page has given way to another attempt's.
    case pageSuperseded
    /// The channel is not configured, or can't serve that terminal.
    case channelUnavailable
    /// The particulars break a rule of the channel's.
    case unacceptable([UnacceptableField])
    /// A live page was made anew too often.
    case tooOften(retryAfter: Duration)
    /// Somebody else is at it.
    case inProgress(retryAfter: Duration)
    /// An old page may still take money, and the user can't be moved away from it safely.
    case switchUnsafe
    case tooManyAttempts
    /// The provider doesn't answer, or asks for fewer calls: it isn't called for a while.
    case providerUnavailable(retryAfter: Duration)
    /// The provider definitely refused.
    case providerRefused
    /// The provider's answer is not known. Asking again is safe.
    case providerUnknown(retryAfter: Duration)
}

extension PayRefusal {
    /// What a call is told of an order that is not new.
    public init(_ state: OrderStateName) {
        self = state == .expired ? .tooLate : .orderNotNew(state)
    }
}

/// A field of a request that can't be taken, by its JSON Pointer.
public struct UnacceptableField: Hashable, Sendable {
    public let pointer: String
    public let detail: String

    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
