public import PayCore

/// Counts the unfinished work in the store. The cost depends on the work, not on the number of finished orders.
public protocol BacklogReads: Sendable {
    func backlog() async throws -> Backlog
}

/// The unfinished work of all processes on one store, and the size of the store.
public struct Backlog: Hashable, Sendable {
    /// The states of attempts that may take money.
    public static let attemptStates: [AttemptStateName] = [.creating, .open, .closing, .exposed]
    /// The states of refunds whose end is not known.
    public static let refundStates: [RefundState] = [.pending, .submitted, .needsAttention]

    /// A count for a channel and a state.
    public struct Count<State: Hashable & Sendable>: Hashable, Sendable {
        public let channel: Channel
        public let state: State
        public let count: Int

        public init(_ channel: Channel, _ state: State, _ count: Int) {
            self.channel = channel
            self.state = state
            self.count = count
        }
    }

    /// The channels that were ever configured.
    public var channels: [Channel] = []
    /// Without counts of zero.
    public var attempts: [Count<AttemptStateName>] = []
    /// Without counts of zero.
    public var refunds: [Count<RefundState>] = []
    public var disputes = 0
    /// The size of the database. Without the WAL of SQLite.
    public var databaseBytes = 0
    /// Deliveries that wait for their next try.
    public var pendingDeliveries = 0
    /// Deliveries that are not tried any more.
    public var parkedDeliveries = 0
    /// The start of the longest wait among the pending deliveries; nil without one.
    public var oldestDelivery: Instant?
    /// When the last verified notice of each channel was received.
    public var lastNotices: [Channel: Instant] = [:]

    public init() {}
}
