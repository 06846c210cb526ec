/// What a provider can and can't do, as far as the rules ask: its adapter's own words, constant while it runs.
public struct ProviderTerms: Sendable {
    /// What holds for a trade that is opened from each terminal. A terminal that is missing can't be served at all.
    public let trades: [Terminal: TradeTerms]
    /// The currencies that it takes; nil for all.
    public let currencies: Set<String>?
    /// The terminals whose pages are bound to a payer, so that a call must name one (WeChat `jsapi`).
    public let terminalsThatNeedOpenID: Set<Terminal>
    /// The terminals whose trades are opened with the reader's address, so that a call must bring it (WeChat `h5`).
    public let terminalsThatNeedClientIP: Set<Terminal>
    /// A deadline beyond this is clamped before it is stored (WeChat: 15 days); nil for none.
    public let longestLife: Duration?

    public init(
        trades: [Terminal: TradeTerms], currencies: Set<String>? = nil, terminalsThatNeedOpenID: Set<Terminal> = [],
        terminalsThatNeedClientIP: Set<Terminal> = [], longestLife: Duration? = nil
    ) {
        self.trades = trades
        self.currencies = currencies
        self.terminalsThatNeedOpenID = terminalsThatNeedOpenID
        self.terminalsThatNeedClientIP = terminalsThatNeedClientIP
        self.longestLife = longestLife
    }

    /// The payer that a page for this terminal is bound to, of the one that a call names; empty for none.
    public func bound(_ openID: String, on terminal: Terminal) -> String {
        terminalsThatNeedOpenID.contains(terminal) || trades[terminal]?.isBoundToPayer == true ? openID : ""
    }
}

/// What holds for one trade, by the terminal that it was opened from.
public struct TradeTerms: Sendable {
    /// The terminals that one trade can serve, each with a page of its own or one for several.
    public let serves: Set<Terminal>
    /// Whether one trade is bound to one payer (WeChat `jsapi`: its `openid`).
    public let isBoundToPayer: Bool
    /// What becomes of a trade that would live shorter than the provider allows.
    public let shortestLife: ShortestLife
    /// Whether a close that the provider confirms proves that the trade takes no money (Alipay: an unopened page has
    /// no trade to close).
    public let closeCanBeProven: Bool
    /// Whether the same number may be sent again, with the same request, to get its page once more.
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

    /// What must be left before the provider deadline when a create is sent.
    public func shortestRoom(_ rules: PayRules) -> Duration {
        shortestLife.leastLeft + rules.providerTimeout
    }

    /// Whether a trade opened by `request` can give a page to another terminal and payer.
    func canServe(_ wish: PageWish, openedBy request: StoredRequest) -> Bool {
        serves.contains(wish.terminal) && (!isBoundToPayer || request.payer.openID == wish.openID)
    }
}

/// What a provider does with a trade that is asked to end sooner than it allows.
public enum ShortestLife: Hashable, Sendable {
    /// It would move the deadline, so that it weren't ours (WeChat, silently): never asked for below this.
    case refuseBelow(Duration)
    /// It is given its shortest, and the service itself ends the trade in time (Stripe: 30 minutes).
    case extendTo(Duration)

    /// What must be left before the provider deadline, beside the time that a call may take.
    var leastLeft: Duration {
        switch self {
        case .refuseBelow(let shortest): shortest
        case .extendTo: .zero
        }
    }
}
