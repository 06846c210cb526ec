/// The kind of a page: how its `content` is read.
public enum PageKind: String, CaseIterable, Sendable {
    /// A complete HTML document.
    case html
    /// The payload of a QR code.
    case qr
    /// A URL to which the browser is redirected.
    case redirect
    /// The parameters for the provider's app SDK.
    case sdk
}

/// The provider's page for an attempt, as it is stored and served.
public struct Page: Hashable, Sendable {
    public let kind: PageKind
    public let content: String
    /// The terminal that it was created for.
    public let terminal: Terminal
    /// The payer that it is bound to; empty if it is bound to none.
    public let openID: String
    /// The terminals that it may be served to, including ``terminal``.
    public let serves: Set<Terminal>
    public let mintedAt: Instant
    /// The page is fresh before this instant, but not at it.
    public private(set) var expiresAt: Instant

    public init(
        kind: PageKind, content: String, terminal: Terminal, openID: String, serves: Set<Terminal>, mintedAt: Instant,
        expiresAt: Instant
    ) {
        self.kind = kind
        self.content = content
        self.terminal = terminal
        self.openID = openID
        self.serves = serves.union([terminal])
        self.mintedAt = mintedAt
        self.expiresAt = expiresAt
    }

    public func isFresh(at now: Instant) -> Bool {
        now < expiresAt
    }

    /// A page that is bound to no payer serves every payer.
    public func serves(_ terminal: Terminal, openID: String) -> Bool {
        serves.contains(terminal) && (self.openID.isEmpty || self.openID == openID)
    }

    /// Ends the page at `now`, unless it ended before: it is never served again.
    mutating func end(at now: Instant) {
        expiresAt = min(expiresAt, now)
    }
}

/// The page that a caller asks for: the values that identify it among the pages of its order.
public struct PageWish: Hashable, Sendable {
    public let channel: Channel
    public let terminal: Terminal
    /// The payer that it is bound to; empty for none.
    public let openID: String
    /// The buyer reports that the page is broken: a live page is replaced.
    public let fresh: Bool

    public init(channel: Channel, terminal: Terminal, openID: String = "", fresh: Bool = false) {
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
        self.fresh = fresh
    }
}
