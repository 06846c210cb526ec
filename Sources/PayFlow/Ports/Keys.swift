public import PayCore

/// An idempotency key within the calls that it can mark: one caller's, to one method and path.
public struct ScopedKey: Hashable, Sendable {
    public let scope: String
    public let key: IdempotencyKey

    public init(scope: String, key: IdempotencyKey) {
        self.scope = scope
        self.key = key
    }
}

/// A key with the request that a call brings it with.
public struct KeyUse: Hashable, Sendable {
    public let key: ScopedKey
    /// A digest of the request: the same for the same request, however it is spelled.
    public let fingerprint: String

    public init(key: ScopedKey, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What happened under a key: a reference, never a page.
public struct KeyRecord: Hashable, Sendable {
    /// A key is kept for at least this long.
    public static let shortestLife = Duration.seconds(24 * 60 * 60)

    public let use: KeyUse
    public let tradeNumber: TradeNumber
    /// Whether the call made the order.
    public let madeOrder: Bool
    public let expiresAt: Instant
    /// False while the call that claimed the key is in flight.
    public let isAnswered: Bool

    public init(
        use: KeyUse, tradeNumber: TradeNumber, madeOrder: Bool, expiresAt: Instant, isAnswered: Bool = true
    ) {
        self.use = use
        self.tradeNumber = tradeNumber
        self.madeOrder = madeOrder
        self.expiresAt = expiresAt
        self.isAnswered = isAnswered
    }
}

/// A key that a call claims when its work begins, so that no other request passes under it meanwhile.
///
/// The claim ends with the lease that the work is done under: when a page is stored the key is used up, and when the work
/// ends without a page, its process dies, or another call takes the order over, the key is free again.
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

/// A key can't be claimed or used up. Nothing of the decision is stored.
public struct KeyConflict: Error, Hashable {
    public enum Reason: Hashable, Sendable {
        /// The key marks another request, which is in flight or was answered.
        case otherRequest
        /// The same request was answered meanwhile.
        case answered
    }

    public let use: KeyUse
    public let reason: Reason

    public init(use: KeyUse, reason: Reason) {
        self.use = use
        self.reason = reason
    }
}
