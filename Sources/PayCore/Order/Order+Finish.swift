/// The outcome of a create.
public enum FinishedOpening: Hashable, Sendable {
    case serve(ServedPage)
    case refuse(PayRefusal)
    /// The right is outdated, or the order is no longer new. Nothing was stored, and no page may be returned.
    case fenced
    /// The attempt can't continue: close it, query it, and begin again.
    case close(TradeNumber)
    /// The provider reports the trade as closed or paid: query it to confirm.
    case query(TradeNumber)
    /// Money arrived, with this standing.
    case settled(SettleAction)
    /// Money arrived, and all of it was returned: begin again under the same right.
    case returned(SettleAction)
    /// A page was stored that does not serve this wish: begin again.
    case beginAgain
}

/// The answer to a create, with the request that it answers.
public struct CreateReport: Sendable {
    public let request: CreateRequest
    public let answer: CreateAnswer
    public let wish: PageWish
    public let rules: PayRules

    public init(request: CreateRequest, answer: CreateAnswer, wish: PageWish, rules: PayRules) {
        self.request = request
        self.answer = answer
        self.wish = wish
        self.rules = rules
    }
}

extension Order {
    /// Stores the provider's answer to a create if the right is still valid and the order still new.
    public mutating func finishOpening(
        _ report: CreateReport, under right: LeaseRight, at now: Instant
    ) throws(IllegalTransition) -> FinishedOpening {
        guard state == .new, honours(right), let index = index(of: report.request.tradeNumber) else { return .fenced }
        switch attempts[index].state {
        case .creating(let tries):
            return try finishFirst(index, tries, report, under: right, at: now)
        case .open:
            return try finishMint(index, report, under: right, at: now)
        case .closed, .lapsed, .paid:
            // The attempt ended while its page was created. Watching takes no lease, and neither does returned money.
            return .beginAgain
        case .closing, .exposed, .failed:
            return .fenced
        }
    }

    private mutating func finishFirst(
        _ index: Int, _ tries: Tries, _ report: CreateReport, under right: LeaseRight, at now: Instant
    ) throws(IllegalTransition) -> FinishedOpening {
        switch report.answer {
        case .made(let made):
            try attempts[index].become(.open, at: now)
            return store(made, index, report, under: right, at: now)
        case .refused where tries.firstUnknownAt == nil:
            try attempts[index].become(.failed, at: now)
            giveBackLease(right, unanswered: false)
            return .refuse(.providerRefused)
        case .refused:
            // An earlier try may have opened the trade that caused this refusal.
            try beginClosing(index, rules: report.rules, at: now)
            return .close(report.request.tradeNumber)
        case .notSent(_, let reason):
            return stayUnsent(index, tries, reason, report.rules, under: right, at: now)
        case .unknown(let doubt):
            return stayUnknown(index, tries, doubt, report.rules, under: right, at: now)
        case .alreadyPaid, .alreadyClosed:
            // The provider knows the number, whatever the query returns.
            attempts[index].note(
                .creating(
                    Tries(
                        count: tries.count, firstUnknownAt: tries.firstUnknownAt ?? now, recoverAt: tries.recoverAt)))
            return .query(report.request.tradeNumber)
        }
    }

    private mutating func finishMint(
        _ index: Int, _ report: CreateReport, under right: LeaseRight, at now: Instant
    ) throws(IllegalTransition) -> FinishedOpening {
        switch report.answer {
        case .made(let made):
            return store(made, index, report, under: right, at: now)
        case .refused:
            try beginClosing(index, rules: report.rules, at: now)
            return .close(report.request.tradeNumber)
        case .notSent:
            giveBackLease(right, unanswered: false)
            return .refuse(.providerUnavailable(retryAfter: .seconds(1)))
        case .unknown(let doubt):
            return endUnknown(doubt, under: right, at: now)
        case .alreadyPaid, .alreadyClosed:
            return .query(report.request.tradeNumber)
        }
    }

    private mutating func store(
        _ made: ProviderPage, _ index: Int, _ report: CreateReport, under right: LeaseRight, at now: Instant
    ) -> FinishedOpening {
        var expiresAt = min(attempts[index].request.providerDeadline, deadline)
        if let usableFor = made.usableFor { expiresAt = min(expiresAt, now + usableFor) }
        let page = Page(
            kind: made.kind, content: made.content, terminal: report.request.terminal, openID: report.request.openID,
            serves: made.serves, mintedAt: now, expiresAt: expiresAt)
        attempts[index].store(page, of: made)
        guard page.isFresh(at: now) else {
            giveBackLease(right, unanswered: false)
            return .refuse(.tooLate)
        }
        guard page.serves(report.wish.terminal, openID: report.wish.openID) else { return .beginAgain }
        giveBackLease(right, unanswered: false)
        return .serve(
            ServedPage(tradeNumber: attempts[index].number, channel: attempts[index].channel, page: page))
    }

    /// The request never left, so the provider can't know this number. The number stays usable, and an outage consumes
    /// no numbers. The caller is told so, unless an earlier try may have arrived.
    private mutating func stayUnsent(
        _ index: Int, _ tries: Tries, _ reason: UnknownReason, _ rules: PayRules, under right: LeaseRight,
        at now: Instant
    ) -> FinishedOpening {
        guard tries.firstUnknownAt == nil else {
            return stayUnknown(index, tries, .answered(reason), rules, under: right, at: now)
        }
        let recoverAt = max(now + Tries.pause(after: tries.count, rules: rules), lease?.endsAt ?? now)
        attempts[index].note(
            .creating(Tries(count: tries.count + 1, firstUnknownAt: nil, recoverAt: recoverAt)))
        giveBackLease(right, unanswered: false)
        return .refuse(.providerUnavailable(retryAfter: .seconds(1)))
    }

    private mutating func stayUnknown(
        _ index: Int, _ tries: Tries, _ doubt: Doubt, _ rules: PayRules, under right: LeaseRight, at now: Instant
    ) -> FinishedOpening {
        noteUnknown(index, tries, rules, at: now)
        return endUnknown(doubt, under: right, at: now)
    }

    /// Counts one more unknown outcome: lease recovery waits longer before its next call.
    mutating func noteUnknown(_ index: Int, _ tries: Tries, _ rules: PayRules, at now: Instant) {
        let pause = Tries.pause(after: tries.count, rules: rules)
        attempts[index].note(
            .creating(
                Tries(
                    count: tries.count + 1, firstUnknownAt: tries.firstUnknownAt ?? now,
                    recoverAt: max(now + pause, lease?.endsAt ?? now))))
    }

    private mutating func endUnknown(_ doubt: Doubt, under right: LeaseRight, at now: Instant) -> FinishedOpening {
        giveBackLease(right, unanswered: doubt.isUnanswered)
        return .refuse(.providerUnknown(retryAfter: doubt.isUnanswered ? leaseLeft(at: now) : .seconds(1)))
    }
}

extension Tries {
    /// How long lease recovery waits after an unknown outcome: one lease, doubled each time.
    static func pause(after count: Int, rules: PayRules) -> Duration {
        min(PayRules.longestRecoveryPause, rules.leaseLength * (1 << min(max(count - 1, 0), 10)))
    }
}
