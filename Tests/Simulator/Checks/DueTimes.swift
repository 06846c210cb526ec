import PayCore

/// From when on the clock may find something to do for an order, by what the ledger was last seen to hold. Worked out
/// when the order changes: a world looks at it at each tick of each clock.
struct DueTimes {
    private static let never = Instant(milliseconds: .max)

    private let recover: Instant
    private let refund: Instant
    private let query: Instant
    private let expire: Instant

    init(_ order: Order) {
        let leaseEnd = order.lease?.endsAt ?? Instant(milliseconds: 0)
        recover = max(leaseEnd, Self.first(order.attempts.lazy.map(\.state.recoverAt)))
        refund = Self.first(order.refunds.lazy.map(\.askAt))
        query = Self.first(order.attempts.lazy.map(\.askAt))
        let isOver = order.state == .new && order.attempts.allSatisfy(\.isOver)
        let open = order.attempts.lazy.map { $0.state == .open ? $0.request.providerDeadline : nil }
        expire = max(leaseEnd, min(isOver ? order.deadline : Self.never, Self.first(open)))
    }

    func isDue(_ duty: ClockTask.Duty, at now: Instant) -> Bool {
        switch duty {
        case .recover: recover <= now
        case .refund: refund <= now
        case .query: query <= now
        case .expire: expire <= now
        case .deliver, .purge, .reconcile: false
        }
    }

    private static func first(_ instants: some Sequence<Instant?>) -> Instant {
        instants.reduce(never) { first, next in next.map { min(first, $0) } ?? first }
    }
}
