extension Order {
    /// Whether somebody may be at work on the order, or what was sent may still land.
    func isLeased(at now: Instant) -> Bool {
        lease.map { now < $0.endsAt } ?? false
    }

    /// Whether `right` is still the newest given out.
    public func honours(_ right: LeaseRight) -> Bool {
        right.order == number && right.fence == fence && lease != nil
    }

    /// Takes the lease, over whatever was there, or goes on with the one that is held.
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

    /// Before each further call of a chain: nil when the right is old, and the chain has to stop.
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

    /// Ends the work. Where no answer came the lease is kept until it runs out, so that what was sent can't land after
    /// what the next holder sends.
    public mutating func giveBackLease(_ right: LeaseRight, unanswered: Bool) {
        guard honours(right) else { return }
        if unanswered {
            lease?.isUnanswered = true
        } else {
            lease = nil
        }
    }

    /// How long a caller has to wait for the lease to run out.
    func leaseLeft(at now: Instant) -> Duration {
        max(.zero, lease.map { $0.endsAt - now } ?? .zero)
    }

    /// The same for a reader, who can't cut what ends too late: never longer than a lease can be.
    public func leaseLeft(at now: Instant, rules: PayRules) -> Duration {
        min(leaseLeft(at: now), rules.leaseLength)
    }

    /// Cuts a lease that ends later than any that is given now. The clock was set back since it was given: what was sent
    /// under it may still land, but no later than under a lease of now.
    mutating func cutFutureLease(_ rules: PayRules, at now: Instant) {
        guard let end = lease?.endsAt, end > now + max(rules.leaseLength, PayRules.longestLease) else { return }
        lease?.endsAt = now + rules.leaseLength
    }
}
