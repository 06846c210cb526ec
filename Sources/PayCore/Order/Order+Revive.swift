extension Order {
    /// The superseded attempt of the wish's channel that may be opened again: its number is still payable, and no close
    /// of it can still arrive.
    func wayBack(for call: OpeningCall, at now: Instant) -> Int? {
        attempts.lastIndex { old in
            guard old.mayBePaidByAnOldPage, old.channel == call.wish.channel, !call.asked.contains(old.number),
                let trade = call.trade(openedFrom: old.request.terminal), trade.exposedCanBeRevived,
                trade.canServe(call.wish, openedBy: old.request), old.isPastEveryClose(call.rules, at: now)
            else { return false }
            if !call.wish.fresh, old.hasFreshPage(for: call.wish, at: now) { return true }
            return trade.numberMayBeAskedAgain
                && hasRoom(for: trade, until: old.request.providerDeadline, rules: call.rules, at: now)
        }
    }

    /// Stores the outcome of the query for a returning buyer: if the attempt is payable, it is open again.
    public mutating func finishRevival(
        _ answer: QueryAnswer, of tradeNumber: TradeNumber, under right: LeaseRight, queriedAt: Instant,
        rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> FinishedOpening {
        if case .paid(let receipt) = answer {
            let action = try settle(receipt, at: now)
            if honours(right), hasGoneBack(tradeNumber) { return .returned(action) }
            giveBackLease(right, unanswered: false)
            return .settled(action)
        }
        guard state == .new, honours(right), liveIndex == nil, let index = index(of: tradeNumber) else {
            return .fenced
        }
        guard case .exposed = attempts[index].state else { return .beginAgain }
        switch answer {
        case .closed:
            try becomeClosed(index, saidAt: queriedAt, at: now)
        case .unpaid, .noSuchTrade:
            // Watching may have sent a close since the query was sent.
            if attempts[index].isPastEveryClose(rules, at: now) { try attempts[index].become(.open, at: now) }
        case .unknown(let doubt):
            giveBackLease(right, unanswered: doubt.isUnanswered)
            let left = leaseLeft(at: now)
            return .refuse(.providerUnknown(retryAfter: max(left, .seconds(1))))
        case .paid:
            break
        }
        return .beginAgain
    }
}

extension Attempt {
    /// Whether every close without an answer would have arrived by now.
    fileprivate func isPastEveryClose(_ rules: PayRules, at now: Instant) -> Bool {
        guard case .exposed(let closeUnansweredAt) = state else { return false }
        return closeUnansweredAt.map { now - $0 >= rules.leaseLength } ?? true
    }

    fileprivate func hasFreshPage(for wish: PageWish, at now: Instant) -> Bool {
        pages.contains { $0.isFresh(at: now) && $0.serves(wish.terminal, openID: wish.openID) }
    }
}
