public import PayCore

/// Reads of orders, pages and keys. None of them writes.
public protocol OrderReads: Sendable {
    /// The hot path: the live page that the query names, by one indexed read.
    func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage?

    /// The same for a caller that must not wait: not for a lock, not for the disk, not for another machine. Nil if there
    /// is no such page, or if that can't be told at once.
    func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage?

    /// All that a pay call needs before it begins, in one round trip. The page is read first: a call that stored a page
    /// stored its key with it.
    ///
    /// - Parameter query: the stored page that would be the answer; nil if a stored page is no answer.
    func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook

    func order(_ number: OrderNumber) async throws -> Order?

    /// The order that was paid by this payment of the channel, whatever its receipt is; nil if there is none.
    func orderOfPayment(_ payment: TransactionID, at channel: Channel) async throws -> OrderNumber?

    /// The use of the key at `now`, answered or in flight; nil if the key is free.
    func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord?

    /// A part of a list of orders.
    func orders(_ listing: OrderListing) async throws -> OrderList
}

/// The state that a pay call finds before it begins.
public struct PayLook: Sendable {
    public enum Found: Sendable {
        /// A stored page is live. The order was not loaded.
        case page(LivePage)
        /// No stored page is live, or none was asked for. Without an order, the call may make it.
        case order(Order?)
    }

    public let found: Found
    /// The use of the call's key; nil if the key is free, or if there is none.
    public let key: KeyRecord?
    /// The channels that are paused; nil if they were not read, because a page was found.
    public let paused: Set<Channel>?

    public init(_ found: Found, key: KeyRecord?, paused: Set<Channel>?) {
        self.found = found
        self.key = key
        self.paused = paused
    }
}

/// The page that is asked for. A nil value stands for the live attempt's own.
public struct LivePageQuery: Hashable, Sendable {
    public let number: OrderNumber
    public let variant: PageVariant

    public init(number: OrderNumber, _ variant: PageVariant) {
        self.number = number
        self.variant = variant
    }
}

/// A live page, with the particulars of its order that an answer has.
public struct LivePage: Hashable, Sendable {
    public let order: OrderSummary
    public let served: ServedPage
    /// The version of the order, from the same snapshot. It grows with every change of the order.
    public let version: Int64

    public init(order: OrderSummary, served: ServedPage, version: Int64) {
        self.order = order
        self.served = served
        self.version = version
    }
}

/// An order's particulars, without its attempts.
public struct OrderSummary: Hashable, Sendable {
    public let number: OrderNumber
    public let userID: UserID
    public let state: OrderStateName
    public let money: Money
    public let subject: Subject
    public let returnURL: String?
    public let createdAt: Instant
    public let deadline: Instant

    public init(
        number: OrderNumber, userID: UserID, state: OrderStateName, money: Money, subject: Subject, returnURL: String?,
        createdAt: Instant, deadline: Instant
    ) {
        self.number = number
        self.userID = userID
        self.state = state
        self.money = money
        self.subject = subject
        self.returnURL = returnURL
        self.createdAt = createdAt
        self.deadline = deadline
    }

    public init(_ order: Order) {
        self.init(
            number: order.number, userID: order.userID, state: order.state.name, money: order.money,
            subject: order.subject, returnURL: order.returnURL, createdAt: order.createdAt, deadline: order.deadline)
    }

    /// Whether a first pay call with these particulars means this order.
    func agrees(with draft: Order) -> Bool {
        number == draft.number && userID == draft.userID && money == draft.money && subject == draft.subject
            && returnURL == draft.returnURL
    }
}
