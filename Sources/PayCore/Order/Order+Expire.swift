/// The next step when an order's time is over.
public enum ExpiryStep: Hashable, Sendable {
    /// The time has not come, another worker holds the lease, or an attempt may still take money.
    case nothing
    /// The provider takes no more money for this attempt: close it, then query it.
    case close(LeaseRight, TradeNumber)
    /// The order has expired: no attempt holds money or can take any.
    case expired
}

extension Order {
    /// Closes an attempt that is open after its provider deadline, and expires an order whose attempts are all over.
    /// Each attempt was closed or queried, the last time when its last word was due. An order never expires while a
    /// query is unanswered.
    public mutating func beginExpiry(
        by worker: WorkerID, rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> ExpiryStep {
        cutFutureLease(rules, at: now)
        guard !isLeased(at: now) else { return .nothing }
        if let liveIndex, attempts[liveIndex].state == .open, attempts[liveIndex].request.providerDeadline <= now {
            let right = takeLease(for: worker, continuing: nil, rules: rules, at: now)
            try beginClosing(liveIndex, rules: rules, at: now)
            return .close(right, attempts[liveIndex].number)
        }
        guard state == .new, deadline <= now, attempts.allSatisfy(\.isOver) else { return .nothing }
        try leaveNew(for: .expired(at: now))
        newEvents.append(OrderEvent(kind: .orderExpired, tradeNumber: nil, transactionID: nil, at: now))
        return .expired
    }
}
