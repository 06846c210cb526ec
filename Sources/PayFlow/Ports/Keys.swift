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

    public init(use: KeyUse, tradeNumber: TradeNumber, madeOrder: Bool, expiresAt: Instant) {
        self.use = use
        self.tradeNumber = tradeNumber
        self.madeOrder = madeOrder
        self.expiresAt = expiresAt
    }
}
