/// The capabilities of a provider that the rules depend on, as its adapter states them. Constant while the process
/// runs.
public struct ProviderTerms: Sendable {
    /// The terms of a trade, by the terminal that opens it. A missing terminal is not supported.
    public let trades: [Terminal: TradeTerms]
    /// The currencies that it accepts; nil for all.
    public let currencies: Set<String>?
    /// The terminals whose pages are bound to a payer, so that a call must name one (WeChat `jsapi`).
    public let terminalsThatNeedOpenID: Set<Terminal>
    /// The terminals whose trades require the buyer's IP address, so that a call must include it (WeChat `h5`).
    public let terminalsThatNeedClientIP: Set<Terminal>
    /// A deadline beyond this is clamped before it is stored (WeChat: 15 days); nil for none.
    public let longestLife: Duration?
    public let refunds: RefundTerms

    public init(
        trades: [Terminal: TradeTerms], currencies: Set<String>? = nil, terminalsThatNeedOpenID: Set<Terminal> = [],
        terminalsThatNeedClientIP: Set<Terminal> = [], longestLife: Duration? = nil,
        refunds: RefundTerms = .unlimited
    ) {
        self.trades = trades
        self.currencies = currencies
        self.terminalsThatNeedOpenID = terminalsThatNeedOpenID
        self.terminalsThatNeedClientIP = terminalsThatNeedClientIP
        self.longestLife = longestLife
        self.refunds = refunds
    }

    /// The payer that a page for this terminal is bound to, from the one that a call names; empty for none.
    public func bound(_ openID: String, on terminal: Terminal) -> String {
        terminalsThatNeedOpenID.contains(terminal) || trades[terminal]?.isBoundToPayer == true ? openID : ""
    }
}

/// A provider's limits for the refunds of one trade.
public struct RefundTerms: Hashable, Sendable {
    /// The shortest time between the requests of two refunds of a trade (WeChat Pay: a minute).
    public let pause: Duration
    /// The most refunds of a trade (WeChat Pay: 50); nil for no limit.
    public let mostPerTrade: Int?

    public init(pause: Duration, mostPerTrade: Int?) {
        self.pause = pause
        self.mostPerTrade = mostPerTrade
    }

    public static let unlimited = RefundTerms(pause: .zero, mostPerTrade: nil)
}

/// The terms of one trade, by the terminal that opened it.
public struct TradeTerms: Sendable {
    /// The terminals that one trade can serve, with separate or shared pages.
    public let serves: Set<Terminal>
    /// Whether one trade is bound to one payer (WeChat `jsapi`: its `openid`).
    public let isBoundToPayer: Bool
    /// The handling of a trade that would live shorter than the provider allows.
    public let shortestLife: ShortestLife
    /// Whether a close that the provider confirms proves that the trade takes no money (Alipay: an unopened page has no
    /// trade to close).
    public let closeCanBeProven: Bool
    /// Whether the same request may be sent again with the same number to get another page.
    public let numberMayBeAskedAgain: Bool
    /// Whether an exposed attempt may be opened again (Alipay: its number is still payable).
    public let exposedCanBeRevived: Bool

    public init(
        serves: Set<Terminal>, isBoundToPayer: Bool = false, shortestLife: ShortestLife, closeCanBeProven: Bool,
        numberMayBeAskedAgain: Bool, exposedCanBeRevived: Bool
    ) {
        self.serves = serves
        self.isBoundToPayer = isBoundToPayer
        self.shortestLife = shortestLife
        self.closeCanBeProven = closeCanBeProven
        self.numberMayBeAskedAgain = numberMayBeAskedAgain
        self.exposedCanBeRevived = exposedCanBeRevived
    }

    /// The time that must be left before the provider deadline when a create is sent.
    public func shortestRoom(_ rules: PayRules) -> Duration {
        shortestLife.leastLeft + rules.providerTimeout
    }

    /// Whether a trade opened by `request` can serve another terminal and payer.
    func canServe(_ wish: PageWish, openedBy request: StoredRequest) -> Bool {
        serves.contains(wish.terminal) && (!isBoundToPayer || request.payer.openID == wish.openID)
    }
}

/// A provider's handling of a trade that should end sooner than it allows.
public enum ShortestLife: Hashable, Sendable {
    /// The provider would extend the deadline (WeChat does so silently), so a shorter lifetime is never requested.
    case refuseBelow(Duration)
    /// The provider gets its shortest lifetime, and the service itself ends the trade in time (Stripe: 30 minutes).
    case extendTo(Duration)

    /// The time that must be left before the provider deadline, in addition to the longest call.
    var leastLeft: Duration {
        switch self {
        case .refuseBelow(let shortest): shortest
        case .extendTo: .zero
        }
    }
}
