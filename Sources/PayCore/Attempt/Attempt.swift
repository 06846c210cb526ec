/// One payable transaction at one provider for an order.
public struct Attempt: Hashable, Sendable {
    public let number: TradeNumber
    public let channel: Channel
    public let request: StoredRequest
    public let createdAt: Instant
    public private(set) var state: AttemptState
    public private(set) var stateSince: Instant
    /// One page per terminal and payer.
    public private(set) var pages: [Page]
    /// When the provider ends the trade by itself, if that differs from the provider deadline.
    public private(set) var sessionEndsAt: Instant?
    /// The provider's own name for the trade, if its calls require it. Nil until the provider has returned it.
    public private(set) var reference: ProviderReference?
    /// The provider deadline plus the margin, fixed when the attempt is created. The provider's answer from this
    /// instant on is its last word.
    public let lastWordAt: Instant
    /// When watching queries the attempt next. Nil if lease recovery queries it, or if its outcome is final.
    public private(set) var askAt: Instant?

    public init(
        number: TradeNumber, channel: Channel, request: StoredRequest, createdAt: Instant, state: AttemptState,
        stateSince: Instant, pages: [Page] = [], sessionEndsAt: Instant? = nil,
        reference: ProviderReference? = nil, lastWordAt: Instant, askAt: Instant? = nil
    ) {
        self.number = number
        self.channel = channel
        self.request = request
        self.createdAt = createdAt
        self.state = state
        self.stateSince = stateSince
        self.pages = pages
        self.sessionEndsAt = sessionEndsAt
        self.reference = reference
        self.lastWordAt = lastWordAt
        self.askAt = askAt
    }

    /// The live page for the wish; nil if there is none.
    func livePage(for wish: PageWish, at now: Instant) -> Page? {
        guard state == .open, channel == wish.channel else { return nil }
        return pages.first { $0.isFresh(at: now) && $0.serves(wish.terminal, openID: wish.openID) }
    }

    /// Whether the attempt may still take money, through any page of it.
    public var mayTakeMoney: Bool {
        switch state {
        case .creating, .open, .closing, .exposed: true
        case .closed, .failed, .lapsed, .paid: false
        }
    }

    mutating func become(_ next: AttemptState, at now: Instant) throws(IllegalTransition) {
        guard state.name.mayBecome(next.name) else {
            throw IllegalTransition(description: "attempt \(number) can't go from \(state.name) to \(next.name)")
        }
        state = next
        stateSince = now
        askAt = nextAsk(after: now)
    }

    /// Sets the time of the next query; nil for never.
    mutating func ask(at instant: Instant?) {
        askAt = instant
    }

    /// Replaces the values that the current state carries.
    mutating func note(_ same: AttemptState) {
        precondition(same.name == state.name, "a note is no move")
        state = same
    }

    /// Stores a page and replaces the page of the same terminal and payer.
    mutating func store(_ page: Page, of made: ProviderPage) {
        pages.removeAll { $0.terminal == page.terminal && $0.openID == page.openID }
        pages.append(page)
        sessionEndsAt = made.sessionEndsAt ?? sessionEndsAt
        reference = reference ?? made.reference
    }

    /// Ends the pages that the wish would be given. The provider is about to be asked for a new page, which may
    /// invalidate the old one.
    mutating func endPages(for wish: PageWish, at now: Instant) {
        for index in pages.indices where pages[index].serves(wish.terminal, openID: wish.openID) {
            pages[index].end(at: now)
        }
    }
}
