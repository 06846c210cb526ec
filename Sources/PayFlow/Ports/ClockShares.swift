public import PayCore

/// Shares the clock's work out among the processes on one database, so that each piece of work is done once.
///
/// A process that outlives its time with a share harms nothing: the leases in the orders decide, as between any two
/// workers.
public protocol ClockShares: Sendable {
    /// Takes the share of the duty that has waited longest, up to, not at, `end`. Nil if no share is due.
    func takeShare(
        of duty: ClockDuty, by worker: WorkerID, at now: Instant, until end: Instant
    ) async throws -> ClockShare?

    /// Gives the share back. It is due again at `next`.
    func giveBack(_ share: ClockShare, of duty: ClockDuty, by worker: WorkerID, dueAt next: Instant) async throws
}

/// A kind of the clock's work that is shared out.
public enum ClockDuty: String, CaseIterable, Sendable {
    case recover, refund, query, expire, reconcile

    /// The number of its shares.
    public var shares: Int {
        switch self {
        case .recover, .refund, .query, .expire: 16
        case .reconcile: 1
        }
    }

    /// How long a share is kept from the others: the usual run, and the wait for the work of a process that died.
    var longestRun: Duration {
        switch self {
        case .recover, .refund, .query, .expire: .seconds(30)
        case .reconcile: .seconds(600)
        }
    }
}

/// A share of the clock's work.
public struct ClockShare: Sendable {
    /// The number of the share; nil for the whole, which is never given back.
    public let number: Int?
    /// The due work of the share's orders; nil for that of all orders.
    let due: (any DueWork)?

    /// - Parameter due: the due work of the share's orders.
    public init(number: Int, due: any DueWork) {
        self.number = number
        self.due = due
    }

    private init() {
        number = nil
        due = nil
    }

    /// All of the work, for a process that shares it with no other.
    public static let whole = ClockShare()
}

/// Gives every process the whole of the work.
public struct UndividedClock: ClockShares {
    public init() {}

    public func takeShare(
        of duty: ClockDuty, by worker: WorkerID, at now: Instant, until end: Instant
    ) async throws -> ClockShare? {
        .whole
    }

    public func giveBack(
        _ share: ClockShare, of duty: ClockDuty, by worker: WorkerID, dueAt next: Instant
    ) async throws {}
}
