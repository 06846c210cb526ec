public import PayCore

/// A first pay call or a repay, parsed.
public struct PayRequest: Sendable {
    public let number: OrderNumber
    /// The user who must own the order; nil for the merchant, who may use any order.
    public let userID: UserID?
    /// The order of a first pay call, with the time of the call; nil for a repay.
    public let draft: Order?
    /// Nil for the live attempt's own channel and terminal.
    public let channel: Channel?
    public let terminal: Terminal?
    public let openID: String?
    /// The buyer's IP address. It is not part of a page's identity.
    public let clientIP: String?
    public let fresh: Bool
    public let key: KeyUse?
    /// The caller's rate limit; nil for none.
    public let limit: CallLimit?
    /// The attempt of an earlier call under the same key; nil for a new call.
    var replayed: TradeNumber?

    public init(
        number: OrderNumber, userID: UserID?, draft: Order?, channel: Channel?, terminal: Terminal?, openID: String?,
        clientIP: String?, fresh: Bool, key: KeyUse?, limit: CallLimit? = nil
    ) {
        self.number = number
        self.userID = userID
        self.draft = draft
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
        self.clientIP = clientIP
        self.fresh = fresh
        self.key = key
        self.limit = limit
    }
}

extension PayRequest {
    /// The query for a stored page.
    public var query: LivePageQuery {
        LivePageQuery(number: number, channel: channel, terminal: terminal, openID: openID)
    }
}

/// A rate limit for calls that can reach a provider. A stored page is returned without a check.
public struct CallLimit: Sendable {
    public let pause: @Sendable () -> Duration?

    /// - Parameter pause: Counts a call, or returns how long to wait before the next.
    public init(pause: @escaping @Sendable () -> Duration?) {
        self.pause = pause
    }
}

/// The result of a pay call.
public enum PayResult: Sendable {
    case served(PayAnswer)
    /// `because` is the reason that the provider gave no page, if it was called.
    case refused(PayRefusal, because: ProviderWord? = nil)
}

/// A page and its origin.
public struct PayAnswer: Sendable {
    public let order: OrderSummary
    public let served: ServedPage
    public internal(set) var origin: PageOrigin
    /// Whether this call created the order.
    public internal(set) var madeOrder: Bool
    /// Whether the page is the stored outcome of an earlier call under the same key.
    public internal(set) var isReplay: Bool
    /// The key of the call that did the work.
    let key: KeyUse?
}
