/// The next step of lease recovery for an order.
public enum RecoveryStep: Hashable, Sendable {
    /// Nothing was left behind, or recovery is not due.
    case nothing
    /// The outcome of this request is unknown: send it again.
    case create(LeaseRight, CreateRequest)
    /// The outcome of this close is unknown, or the page has no use any more: close it, then query it.
    case close(LeaseRight, TradeNumber)
}

extension Order {
    /// Takes over the work that a crashed process or a missing answer left behind.
    ///
    /// `terms` are the terms of the live attempt's channel; nil if the channel is no longer configured and nothing can
    /// be done.
    public mutating func beginRecovery(
        by worker: WorkerID, terms: ProviderTerms?, rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> RecoveryStep {
        cutFutureLease(rules, at: now)
        guard !isLeased(at: now), let index = liveIndex, let terms else { return .nothing }
        switch attempts[index].state {
        case .creating(let tries):
            guard PayRules.isRecoveryDue(tries.recoverAt, at: now) else { return .nothing }
            let wasNeverSent = nothingWasSent(tries)
            let right = takeLease(for: worker, continuing: nil, rules: rules, at: now)
            guard isWorthAsking(attempts[index], terms, wasNeverSent: wasNeverSent, rules: rules, at: now) else {
                try beginClosing(index, rules: rules, at: now)
                return .close(right, attempts[index].number)
            }
            noteSending(index, tries, wasNeverSent: wasNeverSent, rules: rules, at: now)
            return .create(right, attempts[index].storedCreate)
        case .closing(let closing):
            guard PayRules.isRecoveryDue(closing.recoverAt, at: now) else { return .nothing }
            let right = takeLease(for: worker, continuing: nil, rules: rules, at: now)
            try beginClosing(index, rules: rules, at: now)
            return .close(right, attempts[index].number)
        case .open, .exposed, .closed, .failed, .lapsed, .paid:
            return .nothing
        }
    }

    /// Whether a page could still be used: the order is new, its cut-off is ahead, and the number can be sent again.
    private func isWorthAsking(
        _ attempt: Attempt, _ terms: ProviderTerms, wasNeverSent: Bool, rules: PayRules, at now: Instant
    ) -> Bool {
        guard refusalToOpen(rules: rules, at: now) == nil, let trade = terms.trades[attempt.request.terminal] else {
            return false
        }
        return (trade.numberMayBeAskedAgain || wasNeverSent)
            && hasRoom(for: trade, until: attempt.request.providerDeadline, rules: rules, at: now)
    }
}
