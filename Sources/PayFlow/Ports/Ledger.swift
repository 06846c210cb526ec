public import PayCore

/// What is remembered. Each operation is one transaction, and none is open while a provider is called.
public protocol Ledger: Sendable {
    /// The hot path: the live page that the query names, by one indexed read. Writes nothing.
    func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage?

    func order(_ number: OrderNumber) async throws -> Order?

    /// The use of the key at `now`, answered or in flight; nil when the key is free.
    func keyRecord(_ key: ScopedKey, at now: Instant) async throws -> KeyRecord?

    /// The narrow place: loads the order (or takes the draft, where there is none), applies one decision, and stores
    /// what it changed with its events and the key that it uses up.
    ///
    /// The decision may be asked for twice, when the commit that it was part of came to nothing: it only decides.
    ///
    /// Throws ``KeyConflict``, and stores nothing, where the key that the decision claims or uses up is taken.
    ///
    /// A draft that the decision left as it was is not stored. Nil when there is neither order nor draft; what the
    /// decision throws rolls everything back, and so does ``PaymentOfAnotherTrade``.
    func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome?

    /// Stores a verified notice, and what the decision makes of the order that it names, in one transaction. A notice
    /// for an order that isn't here is stored all the same. The same notice twice is stored once, and decided twice.
    func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction

    /// Orders with an attempt of one of these channels whose recovery is due, the longest overdue first.
    func ordersToRecover(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber]

    /// Attempts of these channels that are to be asked after, the longest overdue first.
    func attemptsToWatch(on channels: [Channel], at now: Instant, limit: Int) async throws -> [TradeNumber]

    /// Orders with an attempt of these channels that is open past its provider deadline, and new orders that are over.
    func ordersToExpire(on channels: [Channel], at now: Instant, limit: Int) async throws -> [OrderNumber]

    /// Refunds of these channels that are to be submitted or followed, the longest overdue first.
    func refundsToAsk(on channels: [Channel], at now: Instant, limit: Int) async throws -> [RefundReference]

    /// A page of the list that a merchant reconciles by, the longest unchanged first.
    func orders(_ listing: OrderListing) async throws -> OrderList

    /// Throws unless a write could be made now.
    func checkWritable() async throws
}

/// An order that was there a moment ago is not. Orders are never deleted, so the database was changed by other hands.
public struct OrderVanished: Error, CustomStringConvertible {
    public let number: OrderNumber

    public var description: String { "order \(number) is no longer in the database" }
}

/// A provider says that a trade was paid by a transaction that was written down for another. One payment can't be for
/// two: nothing is stored, and a person has to look.
public struct PaymentOfAnotherTrade: Error, Hashable {
    public let channel: Channel
    public let transactionID: TransactionID

    public init(channel: Channel, transactionID: TransactionID) {
        self.channel = channel
        self.transactionID = transactionID
    }
}

/// A refund and the order that it belongs to.
public struct RefundReference: Hashable, Sendable {
    public let order: OrderNumber
    public let number: String

    public init(order: OrderNumber, number: String) {
        self.order = order
        self.number = number
    }
}

/// The outcome of a decision, the key that it claims or uses up, and the notes that the order's history keeps beside what
/// changed.
public struct Decision<Outcome: Sendable>: Sendable {
    public let outcome: Outcome
    public let key: KeyRecord?
    public let claim: KeyClaim?
    public let notes: [HistoryNote]

    public init(
        _ outcome: Outcome, usingUp key: KeyRecord? = nil, claiming claim: KeyClaim? = nil,
        noting notes: [HistoryNote] = []
    ) {
        self.outcome = outcome
        self.key = key
        self.claim = claim
        self.notes = notes
    }
}

/// Which page is wanted. What is nil is the live attempt's own.
public struct LivePageQuery: Hashable, Sendable {
    public let number: OrderNumber
    public let channel: Channel?
    public let terminal: Terminal?
    public let openID: String?

    public init(number: OrderNumber, channel: Channel?, terminal: Terminal?, openID: String?) {
        self.number = number
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
    }
}

/// A live page, with what an answer tells of its order.
public struct LivePage: Hashable, Sendable {
    public let order: OrderSummary
    public let served: ServedPage

    public init(order: OrderSummary, served: ServedPage) {
        self.order = order
        self.served = served
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

/// Which orders are listed.
public struct OrderListing: Sendable {
    public let state: OrderStateName?
    public let updatedAfter: Instant?
    public let limit: Int
    /// Where the last list ended.
    public let after: OrderCursor?

    public init(state: OrderStateName?, updatedAfter: Instant?, limit: Int, after: OrderCursor?) {
        self.state = state
        self.updatedAfter = updatedAfter
        self.limit = limit
        self.after = after
    }
}

/// A place in the list of orders.
public struct OrderCursor: Hashable, Sendable {
    public let updatedAt: Instant
    public let number: OrderNumber

    public init(updatedAt: Instant, number: OrderNumber) {
        self.updatedAt = updatedAt
        self.number = number
    }
}

/// Some orders, and where to go on; nil at the end.
public struct OrderList: Sendable {
    public struct Entry: Sendable {
        public let order: Order
        public let updatedAt: Instant

        public init(order: Order, updatedAt: Instant) {
            self.order = order
            self.updatedAt = updatedAt
        }
    }

    public let entries: [Entry]
    public let next: OrderCursor?

    public init(entries: [Entry], next: OrderCursor?) {
        self.entries = entries
        self.next = next
    }

    public var orders: [Order] { entries.map(\.order) }
}

/// A provider's notice as it was received and verified.
public struct StoredNotice: Sendable {
    public let channel: Channel
    /// The provider's own number for the notice: the same one twice is one.
    public let id: String
    /// The trade that it names, in the provider's spelling, which need not be one of ours.
    public let tradeNumber: String
    public let body: String

    public init(channel: Channel, id: String, tradeNumber: String, body: String) {
        self.channel = channel
        self.id = id
        self.tradeNumber = tradeNumber
        self.body = body
    }
}
