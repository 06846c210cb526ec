/// The name of one process, new at each start.
public struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { text }
}

/// A fencing token of an order. It only increases; a higher number is a newer right to work on the order.
public struct Fence: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(_ number: Int64) {
        self.number = number
    }

    var next: Fence { Fence(number + 1) }

    public static func < (left: Fence, right: Fence) -> Bool { left.number < right.number }
}

/// The temporary right to work on an order.
public struct Lease: Hashable, Sendable {
    public let owner: WorkerID
    /// The lease holds before this instant, but not at it.
    public internal(set) var endsAt: Instant
    /// A request under this lease was not answered. No worker uses the lease any more; it is kept so that the earlier
    /// request can't arrive after a later one.
    public internal(set) var isUnanswered: Bool

    public init(owner: WorkerID, endsAt: Instant, isUnanswered: Bool) {
        self.owner = owner
        self.endsAt = endsAt
        self.isUnanswered = isUnanswered
    }
}

/// The holder's proof when it stores an answer: the order and the fence of its lease.
public struct LeaseRight: Hashable, Sendable {
    public let order: OrderNumber
    public let fence: Fence
    public let endsAt: Instant

    /// Whether a call that begins now ends before the lease does. A commit can take long, so this is checked after it.
    public func covers(aCallOf timeout: Duration, at now: Instant) -> Bool {
        now + timeout < endsAt
    }

    /// A renewed right is the same right.
    public static func == (left: LeaseRight, right: LeaseRight) -> Bool {
        left.order == right.order && left.fence == right.fence
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(order)
        hasher.combine(fence)
    }
}

/// The settings that the rules depend on.
public struct PayRules: Sendable {
    /// A buyer with more attempts than this needs help, not another attempt.
    public static let mostAttempts = 20
    /// How much longer than the longest provider call a lease lasts: time for the commit that grants the lease on a
    /// busy machine. After a slower commit the lease is renewed before the call.
    public static let leaseSlack = Duration.seconds(2)
    /// An attempt whose outcome stayed unknown for this many leases and answers may be superseded by another attempt of
    /// its channel (Stripe replays a stored 500 for a day).
    public static let leasesUntilUnknownGivesWay = 3
    /// A close is sent, then the trade is queried.
    static let callsOfOneClose = 2
    /// A refund is queried, requested, and after a refusal queried again.
    static let callsOfOneRefund = 3
    /// The longest lease of any process: `provider.timeout` is 60 s at most. During a takeover the other process may
    /// have a longer time-out than this one.
    static let longestLease = Duration.seconds(60) + leaseSlack
    /// The longest pause before lease recovery calls a failing provider again.
    public static let longestRecoveryPause = Duration.seconds(300)

    public let deadlines: Deadlines
    public let switchPolicy: SwitchPolicy
    /// The longest time of one provider call.
    public let providerTimeout: Duration

    public init(deadlines: Deadlines, switchPolicy: SwitchPolicy, providerTimeout: Duration) {
        self.deadlines = deadlines
        self.switchPolicy = switchPolicy
        self.providerTimeout = providerTimeout
    }

    /// Whether lease recovery is due: its time has come, or its time was set before the clock was set back.
    static func isRecoveryDue(_ recoverAt: Instant, at now: Instant) -> Bool {
        recoverAt <= now || recoverAt > now + longestRecoveryPause
    }

    /// The length of a lease: longer than the longest single call under it.
    public var leaseLength: Duration { providerTimeout + Self.leaseSlack }
}
