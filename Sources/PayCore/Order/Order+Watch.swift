/// What watching an attempt has to do.
public enum WatchStep: Hashable, Sendable {
    /// It isn't time, or somebody works on it.
    case nothing
    /// Ask what became of it.
    case query(TradeNumber)
}

/// What an answer to a watching query came to.
public enum WatchOutcome: Hashable, Sendable {
    case settled(SettleAction)
    case moved(AttemptStateName)
    /// Nothing new: it is asked again later, or never where that was the last word.
    case stays
    /// We offer it no more, and the provider has a trade that can be closed: close it and query it, if the close can be
    /// over by `by`. It was noted at `notedAt`; one that was never answered, `closeUnansweredBefore`, may still land.
    case close(notedAt: Instant, by: Instant, closeUnansweredBefore: Instant?)
}

extension Order {
    /// Decides whether an attempt is asked after now, and claims that for as long as a call takes. Asking changes
    /// nothing at the provider: it needs no lease, and waits for nobody's.
    public mutating func beginWatching(
        _ tradeNumber: TradeNumber, rules: PayRules, at now: Instant
    ) -> WatchStep {
        guard let index = index(of: tradeNumber), let askAt = attempts[index].askAt, askAt <= now else {
            return .nothing
        }
        attempts[index].ask(at: now + rules.leaseLength)
        return .query(tradeNumber)
    }

    /// Stores what a query came to that was sent at `askedAt`, whoever works on the order meanwhile: what a provider
    /// says of a trade that is over stays true.
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

    /// Stores what became of a close that watching made, which was noted at `notedAt`. An attempt that somebody has
    /// taken up meanwhile is theirs, but closed is closed.
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
            // A close that somebody else has sent since is theirs to forget.
            let before = closeUnansweredAt == notedAt ? closeUnansweredBefore : closeUnansweredAt
            attempts[index].note(.exposed(closeUnansweredAt: report.close.mayStillLand ? now : before))
            attempts[index].ask(at: attempts[index].nextAsk(after: now))
            return .stays
        case .creating, .open, .closing, .closed, .failed, .lapsed, .paid:
            return .stays
        }
    }

    /// The columns *says closed*, *unpaid* and *unpaid at the end* of the design's table.
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
            // Noted before the close is sent, so that nobody opens it again while the close may land.
            attempts[index].note(.exposed(closeUnansweredAt: now))
            attempts[index].ask(at: now + rules.leaseLength * PayRules.callsOfOneClose)
            return .close(notedAt: now, by: now + rules.leaseLength, closeUnansweredBefore: closeUnansweredAt)
        case .paid, .unknown:
            break
        }
        ask(index, at: attempts[index].nextAsk(after: now), askedAt: askedAt, now: now)
        return .stays
    }

    /// Closed, as the provider said at `saidAt`: it is asked once more, unless that was its last word.
    mutating func becomeClosed(_ index: Int, saidAt: Instant, at now: Instant) throws(IllegalTransition) {
        try attempts[index].become(.closed, at: now)
        if saidAt >= attempts[index].lastWordAt { attempts[index].ask(at: nil) }
    }

    /// After a query that told of money: an attempt that is not paid by it has a disputed receipt, and is queried on.
    private mutating func rescheduleWhileDisputed(_ tradeNumber: TradeNumber, askedAt: Instant, at now: Instant) {
        guard let index = index(of: tradeNumber) else { return }
        let isLast = askedAt >= attempts[index].lastQueryAt
        let next = isLast ? nextAskWhileDisputed(of: index, after: now) : attempts[index].nextAsk(after: now)
        ask(index, at: next, askedAt: askedAt, now: now)
    }

    /// A notice that came while the query was under way may tell of something newer than the answer: the query that it
    /// asked for stays.
    private mutating func ask(_ index: Int, at next: Instant?, askedAt: Instant, now: Instant) {
        if let wanted = attempts[index].askAt, askedAt <= wanted, wanted <= now { return }
        attempts[index].ask(at: next)
    }

    /// A provider's verified notice says that something about a trade has changed (it was closed, it expired, money was
    /// given back): the trade is queried at once. What a notice says beside money is not believed by itself.
    public mutating func hearOfChange(of tradeNumber: TradeNumber, at now: Instant) {
        guard let index = index(of: tradeNumber), attempts[index].isWatched else { return }
        attempts[index].ask(at: attempts[index].askAt.map { min($0, now) } ?? now)
    }
}

extension QueryAnswer {
    /// Whether the provider said anything of the trade.
    var isKnown: Bool {
        if case .unknown = self { false } else { true }
    }
}
