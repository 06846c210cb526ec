/// What a page is made of: how its `content` is to be read.
public enum PageKind: String, CaseIterable, Sendable {
    /// A whole HTML document.
    case html
    /// The text that a QR code is to carry.
    case qr
    /// A URL to send the browser to.
    case redirect
    /// What the provider's app SDK takes.
    case sdk
}

/// What a provider gave for an attempt, as it is stored and handed out.
public struct Page: Hashable, Sendable {
    public let kind: PageKind
    public let content: String
    /// The terminal that it was minted for.
    public let terminal: Terminal
    /// The payer that it is bound to; empty where the provider binds it to none.
    public let openID: String
    /// The terminals that may be given it, ``terminal`` among them.
    public let serves: Set<Terminal>
    public let mintedAt: Instant
    /// It is fresh up to, not at, this instant.
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

    /// A page that is bound to no payer serves whoever asks.
    public func serves(_ terminal: Terminal, openID: String) -> Bool {
        serves.contains(terminal) && (self.openID.isEmpty || self.openID == openID)
    }

    /// Ends the page's life at `now`, unless it is over already: it will not be handed out again.
    mutating func end(at now: Instant) {
        expiresAt = min(expiresAt, now)
    }
}

/// The page that a caller asks for: what names it among the others of its order.
public struct PageWish: Hashable, Sendable {
    public let channel: Channel
    public let terminal: Terminal
    /// The payer that it is to be bound to; empty for none.
    public let openID: String
    /// The user says that the page they hold is dead: a live page is made anew.
    public let fresh: Bool

    public init(channel: Channel, terminal: Terminal, openID: String = "", fresh: Bool = false) {
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
        self.fresh = fresh
    }
}
