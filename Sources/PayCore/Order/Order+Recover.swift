/// What lease recovery has to do for an order.
public enum RecoveryStep: Hashable, Sendable {
    /// Nothing was left behind, or it isn't time.
    case nothing
    /// Nobody knows what became of this request: send it again.
    case create(LeaseRight, CreateRequest)
    /// Nobody knows what became of this close, or there is no use in the page any more: close it, and query it.
    case close(LeaseRight, TradeNumber)
}

extension Order {
    /// Takes over what a process that died, or an answer that never came, left behind.
    ///
    /// `terms` are those of the live attempt's channel; nil when it is not configured any more, and nothing can be done.
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

    /// Whether a page would still find a user: the order is new, its cut-off ahead, and the number can be asked again.
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
