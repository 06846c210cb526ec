/// The next step of watching an attempt.
public enum WatchStep: Hashable, Sendable {
    /// The time has not come, or another worker works on the attempt.
    case nothing
    /// Query the trade.
    case query(TradeNumber)
}

/// The outcome of a watching query.
public enum WatchOutcome: Hashable, Sendable {
    case settled(SettleAction)
    case moved(AttemptStateName)
    /// Nothing new: it is queried again later, or never after the last word.
    case stays
    /// The attempt is superseded, and the provider has a trade that can be closed. Close it and query it, if the close
    /// ends before `by`. The close was recorded at `notedAt`. An earlier close without an answer, from
    /// `closeUnansweredBefore`, may still arrive.
    case close(notedAt: Instant, by: Instant, closeUnansweredBefore: Instant?)
}

extension Order {
    /// Decides whether an attempt is queried now, and claims it for the length of one call. A query changes nothing at
    /// the provider, so it needs no lease and waits for none.
    public mutating func beginWatching(
        _ tradeNumber: TradeNumber, rules: PayRules, at now: Instant
    ) -> WatchStep {
        guard let index = index(of: tradeNumber), let askAt = attempts[index].askAt, askAt <= now else {
            return .nothing
        }
        attempts[index].ask(at: now + rules.leaseLength)
        return .query(tradeNumber)
    }

    /// Stores the outcome of a query that was sent at `askedAt`, whatever worker holds the order now: a report about a
    /// trade that is over stays true.
    public mutating func finishWatching(
        _ answer: QueryAnswer, of tradeNumber: TradeNumber, askedAt: Instant, rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> WatchOutcome {
        if case .paid(let receipt) = answer {
            let action = try settle(receipt, at: now)
            rescheduleWhileDisputed(tradeNumber, askedAt: askedAt, at: now)
            return .settled(action)
        }
        guard let index = index(of: tradeNumber) else { return .stays }
        switch attempts[index].state {
        case .creating, .closing, .lapsed, .paid:
            return .stays
        case .closed, .failed:
            let isLast = answer.isKnown && askedAt >= attempts[index].lastQueryAt
            ask(index, at: isLast ? nil : attempts[index].nextAsk(after: now), askedAt: askedAt, now: now)
            return .stays
        case .open, .exposed:
            return try hear(answer, of: index, askedAt: askedAt, rules: rules, at: now)
        }
    }

    /// Stores the outcome of a close by watching, which was recorded at `notedAt`. If another worker has taken over the
    /// attempt, only a proven close is stored.
    public mutating func finishWatchedClose(
        _ report: CloseReport, notedAt: Instant, closeUnansweredBefore: Instant?, at now: Instant
    ) throws(IllegalTransition) -> WatchOutcome {
        if case .paid(let receipt) = report.query { return .settled(try settle(receipt, at: now)) }
        guard let index = index(of: report.tradeNumber) else { return .stays }
        switch attempts[index].state {
        case .open where report.query == .closed, .exposed where report.query == .closed:
            try becomeClosed(index, saidAt: report.queriedAt, at: now)
            return .moved(.closed)
        case .exposed(let closeUnansweredAt):
            // A later close by another worker is not reset here.
            let before = closeUnansweredAt == notedAt ? closeUnansweredBefore : closeUnansweredAt
            attempts[index].note(.exposed(closeUnansweredAt: report.close.mayStillLand ? now : before))
            attempts[index].ask(at: attempts[index].nextAsk(after: now))
            return .stays
        case .creating, .open, .closing, .closed, .failed, .lapsed, .paid:
            return .stays
        }
    }

    /// Applies the answers *closed*, *unpaid*, and *unpaid* after the deadline.
    private mutating func hear(
        _ answer: QueryAnswer, of index: Int, askedAt: Instant, rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> WatchOutcome {
        switch answer {
        case .closed:
            try becomeClosed(index, saidAt: askedAt, at: now)
            return .moved(.closed)
        case .unpaid, .noSuchTrade:
            if askedAt >= attempts[index].takesNoMoneyFrom {
                try attempts[index].become(.lapsed, at: now)
                return .moved(.lapsed)
            }
            guard case .exposed(let closeUnansweredAt) = attempts[index].state, answer == .unpaid else { break }
            // Recorded before the close is sent, so that the attempt is not revived while the close may arrive.
            attempts[index].note(.exposed(closeUnansweredAt: now))
            attempts[index].ask(at: now + rules.leaseLength * PayRules.callsOfOneClose)
            return .close(notedAt: now, by: now + rules.leaseLength, closeUnansweredBefore: closeUnansweredAt)
        case .paid, .unknown:
            break
        }
        ask(index, at: attempts[index].nextAsk(after: now), askedAt: askedAt, now: now)
        return .stays
    }

    /// Closed, as the provider reported at `saidAt`. The trade is queried once more, unless that was the last word.
    mutating func becomeClosed(_ index: Int, saidAt: Instant, at now: Instant) throws(IllegalTransition) {
        try attempts[index].become(.closed, at: now)
        if saidAt >= attempts[index].lastWordAt { attempts[index].ask(at: nil) }
    }

    /// After a query that reported money: an attempt that the money did not pay has a disputed receipt, and queries
    /// continue.
    private mutating func rescheduleWhileDisputed(_ tradeNumber: TradeNumber, askedAt: Instant, at now: Instant) {
        guard let index = index(of: tradeNumber) else { return }
        let isLast = askedAt >= attempts[index].lastQueryAt
        let next = isLast ? nextAskWhileDisputed(of: index, after: now) : attempts[index].nextAsk(after: now)
        ask(index, at: next, askedAt: askedAt, now: now)
    }

    /// A notice during the query may report something newer than the answer, so the query that the notice scheduled
    /// stays.
    private mutating func ask(_ index: Int, at next: Instant?, askedAt: Instant, now: Instant) {
        if let wanted = attempts[index].askAt, askedAt <= wanted, wanted <= now { return }
        attempts[index].ask(at: next)
    }

    /// A provider's verified notice reports a change of a trade: a close, an expiry or a refund. The trade is queried
    /// at once. Only money is believed from the notice itself.
    public mutating func hearOfChange(of tradeNumber: TradeNumber, at now: Instant) {
        guard let index = index(of: tradeNumber), attempts[index].isWatched else { return }
        attempts[index].ask(at: attempts[index].askAt.map { min($0, now) } ?? now)
    }
}

extension QueryAnswer {
    /// Whether the provider gave any answer about the trade.
    var isKnown: Bool {
        if case .unknown = self { false } else { true }
    }
}
