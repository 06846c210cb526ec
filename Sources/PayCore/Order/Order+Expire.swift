/// What the end of an order's time asks for.
public enum ExpiryStep: Hashable, Sendable {
    /// It isn't time, somebody is at work, or an attempt may still hold money.
    case nothing
    /// The provider takes no money for this attempt any more: close it, and query it.
    case close(LeaseRight, TradeNumber)
    /// The order is over: no attempt holds money, or will.
    case expired
}

extension Order {
    /// Closes what is open past its provider deadline, and ends an order whose attempts are all over: each was closed
    /// or asked after, the last time when its last word was due. An order never ends while a query is unanswered.
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
