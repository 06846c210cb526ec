extension Order {
    /// Whether another worker may be working on the order, or a sent request may still arrive.
    func isLeased(at now: Instant) -> Bool {
        lease.map { now < $0.endsAt } ?? false
    }

    /// Whether `right` is the newest right.
    public func honours(_ right: LeaseRight) -> Bool {
        right.order == number && right.fence == fence && lease != nil
    }

    /// Takes the lease from any earlier holder, or continues with the lease that `held` proves.
    mutating func takeLease(
        for worker: WorkerID, continuing held: LeaseRight?, rules: PayRules, at now: Instant
    ) -> LeaseRight {
        if held.map({ honours($0) }) != true {
            fence = fence.next
        }
        let endsAt = now + rules.leaseLength
        lease = Lease(owner: worker, endsAt: endsAt, isUnanswered: false)
        return LeaseRight(order: number, fence: fence, endsAt: endsAt)
    }

    /// Renews the lease before each further call of a chain. Nil if the right is outdated: the chain must stop.
    public mutating func renewLease(_ right: LeaseRight, rules: PayRules, at now: Instant) -> LeaseRight? {
        guard honours(right) else { return nil }
        let endsAt = now + rules.leaseLength
        lease?.endsAt = endsAt
        let renewed = LeaseRight(order: number, fence: fence, endsAt: endsAt)
        guard let live = liveIndex else { return renewed }
        switch attempts[live].state {
        case .creating(var tries):
            tries.recoverAt = endsAt
            attempts[live].note(.creating(tries))
        case .closing(var closing):
            closing.recoverAt = endsAt
            attempts[live].note(.closing(closing))
        case .open, .exposed, .closed, .failed, .lapsed, .paid: break
        }
        return renewed
    }

    /// Ends the work. If a request was not answered, the lease is kept until it expires, so that the request can't
    /// arrive after the next holder's.
    public mutating func giveBackLease(_ right: LeaseRight, unanswered: Bool) {
        guard honours(right) else { return }
        if unanswered {
            lease?.isUnanswered = true
        } else {
            lease = nil
        }
    }

    /// How long a caller must wait for the lease to expire.
    func leaseLeft(at now: Instant) -> Duration {
        max(.zero, lease.map { $0.endsAt - now } ?? .zero)
    }

    /// The same value for a reader, which can't shorten a lease from before a clock change. It is never longer than a
    /// lease can be.
    public func leaseLeft(at now: Instant, rules: PayRules) -> Duration {
        min(leaseLeft(at: now), rules.leaseLength)
    }

    /// Shortens a lease that ends later than any lease granted now: the clock was set back since it was granted. A
    /// request under that lease may still arrive, but no later than under a lease granted now.
    mutating func cutFutureLease(_ rules: PayRules, at now: Instant) {
        guard let end = lease?.endsAt, end > now + max(rules.leaseLength, PayRules.longestLease) else { return }
        lease?.endsAt = now + rules.leaseLength
    }
}
