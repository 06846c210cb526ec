import PayCore

/// A trade in a provider's own books.
struct Trade {
    enum State: Equatable {
        /// Signed by us, and not seen by the provider before somebody opens its page (Alipay).
        case unopened
        case unpaid
        /// Queries may tell of it only from `seenFrom` on.
        case closed(at: Instant, seenFrom: Instant)
        case paid
    }

    let number: TradeNumber
    /// The request as it first came: another for the same number is refused.
    let body: StoredRequest
    var state: State
    /// Until then it can be paid.
    let endsAt: Instant
    let openedAt: Instant
    /// How many pages were made of it.
    var pages = 0
    /// When the newest page dies.
    var pageEndsAt: Instant
    var payment: Receipt?
    var refunds: [GivenBack] = []
    /// Whether a query or a create was ever told that it is closed.
    var hasSaidClosed = false
    /// Whether a query was ever told of money that had not gone back.
    var hasSaidPaid = false
    /// Whether all of its money went back in the console before the service could have heard of it.
    var wentBackUnseen = false

    var isClosed: Bool { if case .closed = state { true } else { false } }

    /// The money that has gone back, or is on its way back.
    func refunded(at now: Instant) -> Int64 {
        refunds.reduce(0) { $0 + ($1.standing(at: now) == .over ? 0 : $1.amount) }
    }

    /// The money that the provider holds of the trade.
    func kept(at now: Instant) -> Int64 { (payment?.amount ?? 0) - refunded(at: now) }

    /// Whether the merchant's staff gave money of it back.
    var wasRefundedInConsole: Bool { refunds.contains(where: \.isMadeInConsole) }

    /// Whether a query that lands now is told of a close.
    func showsClosed(at now: Instant) -> Bool {
        if case .closed(_, let seenFrom) = state { seenFrom <= now } else { false }
    }
}

/// A page in a user's hands. It stays there, whatever becomes of its trade.
struct HeldPage: Hashable {
    let tradeNumber: TradeNumber
    let channel: Channel
    let terminal: Terminal
    /// Which of its trade's pages it is, from 1.
    let ordinal: Int
    let expiresAt: Instant

    init?(_ served: ServedPage) {
        guard let mark = served.page.content.lastIndex(of: "#"),
            let ordinal = Int(served.page.content[served.page.content.index(after: mark)...])
        else { return nil }
        tradeNumber = served.tradeNumber
        channel = served.channel
        terminal = served.page.terminal
        self.ordinal = ordinal
        expiresAt = served.page.expiresAt
    }
}
