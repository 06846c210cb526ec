public import PayCore

/// A first pay call or a repay, parsed.
public struct PayRequest: Sendable {
    public let number: OrderNumber
    /// Whose order it must be; nil for the merchant, who may ask for any.
    public let userID: UserID?
    /// The order that a first pay call describes, made at the instant of the call; nil for a repay.
    public let draft: Order?
    /// What is nil is the live attempt's own.
    public let channel: Channel?
    public let terminal: Terminal?
    public let openID: String?
    /// The reader's address, which is no part of what names a page.
    public let clientIP: String?
    public let fresh: Bool
    public let key: KeyUse?
    /// How often the caller may cause work; nil for no limit.
    public let limit: CallLimit?
    /// The attempt that the call came to when it was made before under the same key; nil for a new call.
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
    /// The stored page that would answer.
    public var query: LivePageQuery {
        LivePageQuery(number: number, channel: channel, terminal: terminal, openID: openID)
    }
}

/// A limit on what can cause a provider call. A stored page is handed out without asking it.
public struct CallLimit: Sendable {
    public let pause: @Sendable () -> Duration?

    /// - Parameter pause: Counts a call, or says how long to wait before the next.
    public init(pause: @escaping @Sendable () -> Duration?) {
        self.pause = pause
    }
}

/// What a pay call comes to.
public enum PayResult: Sendable {
    case served(PayAnswer)
    /// `because` says why the provider gave no page, where it was called.
    case refused(PayRefusal, because: ProviderWord? = nil)
}

/// A page, and where it came from.
public struct PayAnswer: Sendable {
    public let order: OrderSummary
    public let served: ServedPage
    public internal(set) var origin: PageOrigin
    /// Whether this call made the order.
    public internal(set) var madeOrder: Bool
    /// Whether it is what an earlier call under the same key came to.
    public internal(set) var isReplay: Bool
    /// The key that the call that did the work was made under.
    let key: KeyUse?
}

/// Where a page came from.
public enum PageOrigin: Hashable, Sendable {
    /// It was stored, and live.
    case hit
    /// There was none: the provider was called.
    case miss
    /// Its time was over: the provider was called.
    case stale
    /// Another call was at it, and this one joined.
    case collapsed(wasStale: Bool)
}
