/// Who works for the service: one process's name, made anew at each start.
public struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { text }
}

/// A number of an order that only grows, and shows whose right to work on it is newer.
public struct Fence: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(_ number: Int64) {
        self.number = number
    }

    var next: Fence { Fence(number + 1) }

    public static func < (left: Fence, right: Fence) -> Bool { left.number < right.number }
}

/// The right to work on an order for a while.
public struct Lease: Hashable, Sendable {
    public let owner: WorkerID
    /// It holds up to, not at, this instant.
    public internal(set) var endsAt: Instant
    /// No answer came to what was sent under it. Nobody works under it any more; it is kept so that the request that
    /// was sent can't land after a later one.
    public internal(set) var isUnanswered: Bool

    public init(owner: WorkerID, endsAt: Instant, isUnanswered: Bool) {
        self.owner = owner
        self.endsAt = endsAt
        self.isUnanswered = isUnanswered
    }
}

/// What its holder shows when it stores an answer: the order and the fence that its lease was given under.
public struct LeaseRight: Hashable, Sendable {
    public let order: OrderNumber
    public let fence: Fence
    public let endsAt: Instant

    /// Whether a call that begins now is over before the lease is. A commit can take long: this is asked after it.
    public func covers(aCallOf timeout: Duration, at now: Instant) -> Bool {
        now + timeout < endsAt
    }

    /// Renewed, it is the same right.
    public static func == (left: LeaseRight, right: LeaseRight) -> Bool {
        left.order == right.order && left.fence == right.fence
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(order)
        hasher.combine(fence)
    }
}

/// What the service was configured to, as far as the rules ask.
public struct PayRules: Sendable {
    /// A person who tries more often than this needs help, not another number.
    public static let mostAttempts = 20
    /// How long a lease outlives the longest provider call: the commit that gives it, on a busy machine. One that took
    /// longer is renewed before the call.
    public static let leaseSlack = Duration.seconds(2)
    /// An attempt that stayed unknown for so many leases, and so many answers, may give way to another number of its
    /// own channel (Stripe replays a stored 500 for a day).
    public static let leasesUntilUnknownGivesWay = 3
    /// A close is sent, and then queried.
    static let callsOfOneClose = 2
    /// A refund is asked after, asked for, and where it is refused, asked after again.
    static let callsOfOneRefund = 3
    /// The longest lease that any process gives: `provider.timeout` is 60 s at most. During a takeover another process may
    /// have a longer time-out than this one.
    static let longestLease = Duration.seconds(60) + leaseSlack
    /// The longest that lease recovery waits before it asks an unhelpful provider again.
    public static let longestRecoveryPause = Duration.seconds(300)

    public let deadlines: Deadlines
    public let switchPolicy: SwitchPolicy
    /// The longest that one provider call may take.
    public let providerTimeout: Duration

    public init(deadlines: Deadlines, switchPolicy: SwitchPolicy, providerTimeout: Duration) {
        self.deadlines = deadlines
        self.switchPolicy = switchPolicy
        self.providerTimeout = providerTimeout
    }

    /// Whether lease recovery has something to do: its time has come, or it was set before the clock was set back.
    static func isRecoveryDue(_ recoverAt: Instant, at now: Instant) -> Bool {
        recoverAt <= now || recoverAt > now + longestRecoveryPause
    }

    /// How long a lease is given for: longer than the longest single call that it covers.
    public var leaseLength: Duration { providerTimeout + Self.leaseSlack }
}
