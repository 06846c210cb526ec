/// The reason that a call is refused, named after the rule that it enforces.
///
/// The order of the cases is their precedence: the first that applies is returned.
public enum PayRefusal: Error, Hashable, Sendable {
    /// The idempotency key was used for another request.
    case keyReused
    /// The order does not exist, or belongs to another user: a caller can't tell which.
    case noSuchOrder
    /// The order exists with other particulars.
    case orderMismatch
    /// The order is paid or closed.
    case orderNotNew(OrderStateName)
    /// The cut-off has passed, or the order has expired.
    case tooLate
    /// The page of the key was superseded by another attempt's page.
    case pageSuperseded
    /// The channel is not configured, or does not support the terminal.
    case channelUnavailable
    /// The particulars break a rule of the channel.
    case unacceptable([UnacceptableField])
    /// A live page was replaced too often.
    case tooOften(retryAfter: Duration)
    /// Another call works on the order.
    case inProgress(retryAfter: Duration)
    /// An earlier page may still take money, and the buyer can't be moved to another page safely.
    case switchUnsafe
    case tooManyAttempts
    /// The provider is paused: it does not answer, or asks for fewer calls.
    case providerUnavailable(retryAfter: Duration)
    /// The provider definitely refused.
    case providerRefused
    /// The provider's outcome is unknown. A retry is safe.
    case providerUnknown(retryAfter: Duration)
}

extension PayRefusal {
    /// The refusal for an order that is not new.
    public init(_ state: OrderStateName) {
        self = state == .expired ? .tooLate : .orderNotNew(state)
    }
}

/// A field of a request that is not acceptable, by its JSON Pointer.
public struct UnacceptableField: Hashable, Sendable {
    public let pointer: String
    public let detail: String

    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
