public import PayCore

/// A first pay call or a repay, parsed.
public struct PayRequest: Sendable {
    public let number: OrderNumber
    /// The required owner of the order; nil for the merchant, who may ask for any order.
    public let userID: UserID?
    /// The order of a first pay call, made at the instant of the call; nil for a repay.
    public let draft: Order?
    public let variant: PageVariant
    /// The buyer's IP address. It is not part of a page's identity.
    public let clientIP: String?
    public let fresh: Bool
    public let key: KeyUse?
    /// The rate limit of the caller; nil for none.
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
        self.variant = PageVariant(channel: channel, terminal: terminal, openID: openID)
        self.clientIP = clientIP
        self.fresh = fresh
        self.key = key
        self.limit = limit
    }
}

extension PayRequest {
    /// The draft of a first pay call that leaves the choice of the channel to the buyer; nil for any other call. Such a
    /// call never calls a provider.
    var draftWithoutChannel: Order? { variant.channel == nil ? draft : nil }

    /// The query for a stored page.
    public var query: LivePageQuery {
        LivePageQuery(number: number, variant)
    }
}

/// A rate limit on calls that can reach a provider. Stored pages don't count.
public struct CallLimit: Sendable {
    public let pause: @Sendable () -> Duration?

    /// - Parameter pause: counts a call, or returns the wait before the next one.
    public init(pause: @escaping @Sendable () -> Duration?) {
        self.pause = pause
    }
}

/// The result of a pay call.
public enum PayResult: Sendable {
    case served(PayAnswer)
    /// The order has no live page, and none was asked for: its buyer chooses the channel.
    case ordered(OrderedAnswer)
    /// `because` is the reason why a called provider gave no page.
    case refused(PayRefusal, because: ProviderWord? = nil)
}

/// An order without a page.
public struct OrderedAnswer: Sendable {
    public let order: OrderSummary
    /// Whether this call created the order.
    public let madeOrder: Bool
    /// Whether the answer repeats that of an earlier call under the same key.
    public let isReplay: Bool
    /// The key that the call used up.
    let key: KeyUse?
}

/// A page and its origin.
public struct PayAnswer: Sendable {
    public let order: OrderSummary
    public let served: ServedPage
    /// The version of the order, if the page was read as a stored page alone; nil otherwise.
    public internal(set) var version: Int64?
    public internal(set) var origin: PageOrigin
    /// Whether this call created the order.
    public internal(set) var madeOrder: Bool
    /// Whether the answer repeats that of an earlier call under the same key.
    public internal(set) var isReplay: Bool
    /// The key of the call that did the work.
    let key: KeyUse?
}
