public import PayCore

/// A configured endpoint, as the store knows it.
public struct EndpointEntry: Hashable, Sendable {
    public let name: EndpointName
    /// The scheme and host of its URL. The rest of a URL may hold a key of the merchant.
    public let origin: String
    /// The kinds of its events; nil for every kind.
    public let kinds: Set<OrderEvent.Kind>?

    public init(_ name: EndpointName, origin: String, kinds: Set<OrderEvent.Kind>? = nil) {
        self.name = name
        self.origin = origin
        self.kinds = kinds
    }
}

/// An endpoint that was configured once, and its deliveries that are not delivered.
public struct EndpointStanding: Hashable, Sendable {
    public let entry: EndpointEntry
    /// Whether it is configured. New events get no deliveries for one that isn't.
    public let isActive: Bool
    public let addedAt: Instant
    public let pending: Int
    public let parked: Int
    /// The start of the longest wait of a pending delivery; nil if none is pending.
    public let waitsSince: Instant?

    public init(
        entry: EndpointEntry, isActive: Bool, addedAt: Instant, pending: Int, parked: Int, waitsSince: Instant?
    ) {
        self.entry = entry
        self.isActive = isActive
        self.addedAt = addedAt
        self.pending = pending
        self.parked = parked
        self.waitsSince = waitsSince
    }
}

/// The filter of a list of events.
public struct EventListing: Hashable, Sendable {
    public let kind: OrderEvent.Kind?
    public let order: OrderNumber?
    /// The end of the last list.
    public let after: EventCursor?
    public let limit: Int

    public init(kind: OrderEvent.Kind? = nil, order: OrderNumber? = nil, after: EventCursor? = nil, limit: Int) {
        self.kind = kind
        self.order = order
        self.after = after
        self.limit = limit
    }
}

/// A place in the list of events.
public struct EventCursor: Hashable, Sendable {
    /// The number of an event, or 0 for a place before the first event of ``change``.
    public let number: Int64
    /// The transaction that stored the event. Nil if the store lists events by their numbers.
    public let change: ChangeNumber?

    public init(_ number: Int64, change: ChangeNumber? = nil) {
        self.number = number
        self.change = change
    }
}

/// Some events, and the place behind the last one.
public struct EventList: Hashable, Sendable {
    public let events: [EventMessage]
    /// The start of the next list, which may be empty for now. Nil before the first event.
    public let next: EventCursor?
    /// Whether there are more events now.
    public let hasMore: Bool

    public init(events: [EventMessage], next: EventCursor?, hasMore: Bool) {
        self.events = events
        self.next = next
        self.hasMore = hasMore
    }
}
