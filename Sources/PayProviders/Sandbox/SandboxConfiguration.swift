public import PayCore

/// Where the sandbox is, what it is to be like, and the secret that is shared with it.
public struct SandboxConfiguration: Sendable {
    /// What a page for `pc` is.
    public enum PCKind: String, CaseIterable, Sendable {
        case html, qr
    }

    /// What one trade serves.
    public enum TradeScope: String, CaseIterable, Sendable {
        /// Every terminal that the sandbox knows.
        case order
        /// The one terminal that it was opened from, as with WeChat.
        case terminal
    }

    public let channel: Channel
    /// Without a slash at the end, as in `http://127.0.0.1:9000/sandbox`. Asked for at each call: a sandbox in the same
    /// process is where the listener is, whose port may be known late.
    public let baseURL: @Sendable () -> String
    public let secret: Secret
    /// How long a page can be used, exactly.
    public let pageTTL: Duration
    public let pcKind: PCKind
    public let tradeScope: TradeScope

    public init(
        channel: Channel, baseURL: @autoclosure @escaping @Sendable () -> String, secret: Secret, pageTTL: Duration,
        pcKind: PCKind, tradeScope: TradeScope
    ) {
        self.channel = channel
        self.baseURL = baseURL
        self.secret = secret
        self.pageTTL = pageTTL
        self.pcKind = pcKind
        self.tradeScope = tradeScope
    }
}

extension SandboxConfiguration {
    private static let terminals: Set<Terminal> = [.pc, .h5, .app]

    var terms: ProviderTerms {
        let trades = Self.terminals.map { terminal in
            let terms = TradeTerms(
                serves: tradeScope == .order ? Self.terminals : [terminal], shortestLife: .refuseBelow(.seconds(1)),
                closeCanBeProven: true, numberMayBeAskedAgain: true, exposedCanBeRevived: false)
            return (terminal, terms)
        }
        return ProviderTerms(trades: Dictionary(uniqueKeysWithValues: trades))
    }

    /// Nil for a terminal that the sandbox doesn't serve.
    func pageKind(for terminal: Terminal) -> SandboxWire.PageKind? {
        switch terminal {
        case .pc: pcKind == .html ? .html : .qr
        case .h5: .html
        case .app: .sdk
        case .jsapi: nil
        }
    }

    func terminalsServed(by page: SandboxWire.PageKind, for terminal: Terminal) -> Set<Terminal> {
        page == .html && tradeScope == .order ? [.pc, .h5] : [terminal]
    }
}
