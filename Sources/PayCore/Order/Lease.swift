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
