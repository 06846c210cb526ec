public import PayCore

/// The properties of orders that are searched for. Every value that is set must fit.
public struct OrderSearch: Hashable, Sendable {
    public var state: OrderStateName?
    public var user: UserID?
    /// The order that has this attempt.
    public var trade: TradeNumber?
    /// Orders with money under this number of a provider. Two channels may use one number.
    public var transaction: TransactionID?
    /// Orders with a refund under this number, the merchant's or the provider's.
    public var refund: RefundName?
    /// Orders with an attempt at this channel. No index has it: name a time of creation too.
    public var channel: Channel?
    /// After, not at.
    public var createdAfter: Instant?
    /// Before, not at.
    public var createdBefore: Instant?
    /// After, not at.
    public var updatedAfter: Instant?

    public init(
        state: OrderStateName? = nil, user: UserID? = nil, trade: TradeNumber? = nil,
        transaction: TransactionID? = nil, refund: RefundName? = nil, channel: Channel? = nil,
        createdAfter: Instant? = nil, createdBefore: Instant? = nil, updatedAfter: Instant? = nil
    ) {
        self.state = state
        self.user = user
        self.trade = trade
        self.transaction = transaction
        self.refund = refund
        self.channel = channel
        self.createdAfter = createdAfter
        self.createdBefore = createdBefore
        self.updatedAfter = updatedAfter
    }

    /// Whether any value is set.
    public var isEmpty: Bool { self == OrderSearch() }

    /// The order of a list in which the search is fast: by creation for a user or a time of creation.
    public var usualSequence: OrderSequence {
        user == nil && createdAfter == nil && createdBefore == nil ? .longestUnchangedFirst : .latestFirst
    }
}

/// The order of a list of orders.
public enum OrderSequence: Hashable, Sendable {
    /// An order that changes while the list is read is listed again, so that a reader of changes misses none.
    case longestUnchangedFirst
    /// By time of creation.
    case latestFirst
}

/// A part of a list of orders.
public struct OrderListing: Hashable, Sendable {
    public let search: OrderSearch
    public let sequence: OrderSequence
    public let limit: Int
    /// The end of the last list. It must have the same sequence.
    public let after: OrderCursor?

    public init(_ search: OrderSearch, sequence: OrderSequence? = nil, limit: Int, after: OrderCursor? = nil) {
        self.search = search
        self.sequence = sequence ?? search.usualSequence
        self.limit = limit
        self.after = after
    }
}

/// A place in a list of orders.
public struct OrderCursor: Hashable, Sendable {
    public let sequence: OrderSequence
    /// The time of the order's last change, or of its creation, as the sequence says.
    public let at: Instant
    public let number: OrderNumber
    /// The order's last change. Nil if the store lists changes by their time.
    public let change: ChangeNumber?

    public init(sequence: OrderSequence, at: Instant, number: OrderNumber, change: ChangeNumber? = nil) {
        self.sequence = sequence
        self.at = at
        self.number = number
        self.change = change
    }
}

/// The number of the transaction that changed an order last. A later list never has an order with a lower number.
public struct ChangeNumber: Hashable, Sendable {
    /// Grows when the database was restored, because transactions are then numbered anew.
    public let era: Int64
    public let transaction: Int64

    public init(era: Int64, transaction: Int64) {
        self.era = era
        self.transaction = transaction
    }
}

/// Some orders, and the start of the next list; nil at the end.
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
