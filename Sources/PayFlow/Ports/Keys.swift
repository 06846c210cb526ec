public import PayCore

/// An idempotency key and its scope: one caller's calls of one method and path.
public struct ScopedKey: Hashable, Sendable {
    public let scope: String
    public let key: IdempotencyKey

    public init(scope: String, key: IdempotencyKey) {
        self.scope = scope
        self.key = key
    }
}

/// A key with the request of a call.
public struct KeyUse: Hashable, Sendable {
    public let key: ScopedKey
    /// A digest of the request, which doesn't depend on its spelling.
    public let fingerprint: String

    public init(key: ScopedKey, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// The thing that a call under a key led to.
public enum KeyOutcome: Hashable, Sendable {
    /// An order without an attempt, whose buyer chooses the channel.
    case order(OrderNumber)
    /// An attempt of an order, with its page.
    case attempt(TradeNumber)
    /// A refund of a trade.
    case refund(String, of: TradeNumber)

    public var order: OrderNumber {
        switch self {
        case .order(let number): number
        case .attempt(let trade), .refund(_, of: let trade): trade.order
        }
    }
}

/// The use of a key: a reference to an order, an attempt or a refund, never a page.
public struct KeyRecord: Hashable, Sendable {
    /// The shortest time that a key is kept.
    public static let shortestLife = Duration.seconds(24 * 60 * 60)

    public let use: KeyUse
    public let outcome: KeyOutcome
    /// Whether the call made the order, or the refund.
    public let madeOrder: Bool
    public let expiresAt: Instant
    /// False while the call that claimed the key is in flight.
    public let isAnswered: Bool

    public init(
        use: KeyUse, outcome: KeyOutcome, madeOrder: Bool, expiresAt: Instant, isAnswered: Bool = true
    ) {
        self.use = use
        self.outcome = outcome
        self.madeOrder = madeOrder
        self.expiresAt = expiresAt
        self.isAnswered = isAnswered
    }
}

/// The claim on a key by a call that begins its work. No other request passes under the key meanwhile.
///
/// The claim ends with the lease of the work. The key is used up by a stored page. It is free again if the work ends
/// without a page, if its process dies, or if another call takes the order over.
public struct KeyClaim: Hashable, Sendable {
    public let use: KeyUse
    /// The attempt that the work begins with.
    public let tradeNumber: TradeNumber
    /// The fence of the order's lease.
    public let fence: Fence

    public init(use: KeyUse, tradeNumber: TradeNumber, fence: Fence) {
        self.use = use
        self.tradeNumber = tradeNumber
        self.fence = fence
    }
}

/// A key can't be claimed or used up. The whole decision is rolled back.
public struct KeyConflict: Error, Hashable {
    public enum Reason: Hashable, Sendable {
        /// The key marks another request, which is in flight or was answered.
        case otherRequest
        /// The same request was answered in the meantime.
        case answered
    }

    public let use: KeyUse
    public let reason: Reason

    public init(use: KeyUse, reason: Reason) {
        self.use = use
        self.reason = reason
    }
}
