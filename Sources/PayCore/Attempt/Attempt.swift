/// One payable transaction at one provider for an order.
public struct Attempt: Hashable, Sendable {
    public let number: TradeNumber
    public let channel: Channel
    public let request: StoredRequest
    public let createdAt: Instant
    public private(set) var state: AttemptState
    public private(set) var stateSince: Instant
    /// One for each terminal and payer that it was minted for.
    public private(set) var pages: [Page]
    /// When the provider ends the trade by itself, where that isn't the provider deadline.
    public private(set) var sessionEndsAt: Instant?
    /// The provider's own name for the trade, where its calls want that one; nil until it has told it.
    public private(set) var reference: ProviderReference?
    /// The provider deadline and the margin, fixed with the attempt: what the provider says of the money from then on
    /// is its last word.
    public let lastWordAt: Instant
    /// When the provider is next asked what became of it, beside whoever works on it; nil where lease recovery asks,
    /// or there is nothing more to learn.
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

    /// The page that may be handed out, when there is one.
    func livePage(for wish: PageWish, at now: Instant) -> Page? {
        guard state == .open, channel == wish.channel else { return nil }
        return pages.first { $0.isFresh(at: now) && $0.serves(wish.terminal, openID: wish.openID) }
    }

    /// Whether it may still take money, whoever holds a page of it.
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

    /// Notes when it is asked after next; nil for never again.
    mutating func ask(at instant: Instant?) {
        askAt = instant
    }

    /// Changes what a state carries, the state itself staying.
    mutating func note(_ same: AttemptState) {
        precondition(same.name == state.name, "a note is no move")
        state = same
    }

    /// Stores a page in place of the one that the same terminal and payer had.
    mutating func store(_ page: Page, of made: ProviderPage) {
        pages.removeAll { $0.terminal == page.terminal && $0.openID == page.openID }
        pages.append(page)
        sessionEndsAt = made.sessionEndsAt ?? sessionEndsAt
        reference = reference ?? made.reference
    }

    /// Ends whatever page the wish would be given: the provider is about to be asked for another, which may kill it.
    mutating func endPages(for wish: PageWish, at now: Instant) {
        for index in pages.indices where pages[index].serves(wish.terminal, openID: wish.openID) {
            pages[index].end(at: now)
        }
    }
}
