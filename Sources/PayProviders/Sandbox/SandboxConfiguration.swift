public import PayCore

/// The sandbox's address, behaviour and shared secret.
public struct SandboxConfiguration: Sendable {
    /// The kind of page for `pc`.
    public enum PCKind: String, CaseIterable, Sendable {
        case html, qr
    }

    /// The terminals that one trade serves.
    public enum TradeScope: String, CaseIterable, Sendable {
        /// Every terminal of the sandbox.
        case order
        /// Only the terminal that opened the trade, as with WeChat.
        case terminal
    }

    public let channel: Channel
    /// Without a trailing slash, as in `http://127.0.0.1:9000/sandbox`. Evaluated at each call, because a sandbox in
    /// the same process shares the listener, whose port may be assigned late.
    public let baseURL: @Sendable () -> String
    public let secret: Secret
    /// The exact lifetime of a page.
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

    /// Nil for a terminal that the sandbox does not serve.
    func pageKind(for terminal: Terminal) -> SandboxWire.PageKind? {
        switch terminal {
        case .pc: pcKind == .html ? .html : .qr
        case .h5: .html
        case .app: .sdk
        case .jsapi, .mini: nil
        }
    }

    func terminalsServed(by page: SandboxWire.PageKind, for terminal: Terminal) -> Set<Terminal> {
        page == .html && tradeScope == .order ? [.pc, .h5] : [terminal]
    }
}
