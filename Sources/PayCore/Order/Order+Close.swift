/// The provider's answers to a close and to the query after it.
public struct CloseReport: Sendable {
    public let tradeNumber: TradeNumber
    public let close: CloseAnswer
    public let query: QueryAnswer
    /// When the query was sent. Its answer holds for this instant.
    public let queriedAt: Instant

    public init(tradeNumber: TradeNumber, close: CloseAnswer, query: QueryAnswer, queriedAt: Instant) {
        self.tradeNumber = tradeNumber
        self.close = close
        self.query = query
        self.queriedAt = queriedAt
    }

    /// Whether the provider reported no money at a time when no more money could arrive.
    func isLastWord(on attempt: Attempt) -> Bool {
        (query == .unpaid || query == .noSuchTrade) && queriedAt >= attempt.takesNoMoneyFrom
    }
}

/// The outcome of a close. It is derived from the query, not from the answer to the close.
public enum FinishedClosing: Hashable, Sendable {
    case settled(SettleAction)
    /// The trade was paid, and all of the money was returned. It takes no more money, and the work continues under the
    /// same right.
    case returned(SettleAction)
    case closed
    /// The deadline has passed, and no money arrived.
    case lapsed
    /// The close could not be proven. `isKnown` is false if the query was not answered.
    case exposed(isKnown: Bool)
    /// The right is outdated: nothing was stored.
    case fenced
}

/// The next step for the caller of ``Order/beginMerchantClose(by:holding:asked:rules:at:)``.
public enum MerchantCloseStep: Hashable, Sendable {
    /// The order is closed; `isNews` is false if it was closed before.
    case done(isNews: Bool)
    case refuse(PayRefusal)
    case wait(until: Instant)
    case close(LeaseRight, TradeNumber)
}

extension Order {
    /// Marks an attempt `closing`, or records that a close is repeated: the earlier close may still arrive.
    mutating func beginClosing(_ index: Int, rules: PayRules, at now: Instant) throws(IllegalTransition) {
        let recoverAt = now + rules.leaseLength
        switch attempts[index].state {
        case .closing:
            attempts[index].note(.closing(Closing(recoverAt: recoverAt, closeUnansweredAt: now)))
        case .exposed(let closeUnansweredAt):
            try attempts[index].become(
                .closing(Closing(recoverAt: recoverAt, closeUnansweredAt: closeUnansweredAt)), at: now)
        case .creating, .open, .closed, .failed, .lapsed, .paid:
            try attempts[index].become(.closing(Closing(recoverAt: recoverAt, closeUnansweredAt: nil)), at: now)
        }
    }

    /// Stores the outcome of close and query. Money is stored under any right. Disputed money neither closes the
    /// attempt nor keeps it `closing`.
    public mutating func finishClosing(
        _ report: CloseReport, under right: LeaseRight, at now: Instant
    ) throws(IllegalTransition) -> FinishedClosing {
        var action: SettleAction?
        if case .paid(let receipt) = report.query { action = try settle(receipt, at: now) }
        guard honours(right), let index = index(of: report.tradeNumber) else {
            return action.map { .settled($0) } ?? .fenced
        }
        if hasGoneBack(report.tradeNumber) { return .returned(action ?? .alreadyRecorded) }
        guard case .closing(let closing) = attempts[index].state else { return action.map { .settled($0) } ?? .fenced }
        if report.query == .closed {
            try becomeClosed(index, saidAt: report.queriedAt, at: now)
            return .closed
        }
        if report.isLastWord(on: attempts[index]) {
            try attempts[index].become(.lapsed, at: now)
            return .lapsed
        }
        let closeUnansweredAt = report.close.mayStillLand ? now : closing.closeUnansweredAt
        try attempts[index].become(.exposed(closeUnansweredAt: closeUnansweredAt), at: now)
        if let action { return .settled(action) }
        if case .unknown = report.query { return .exposed(isKnown: false) }
        return .exposed(isKnown: true)
    }

    /// Stores the outcome of a query that followed a create with the answer *paid* or *closed*.
    public mutating func finishQuery(
        _ answer: QueryAnswer, of tradeNumber: TradeNumber, under right: LeaseRight, rules: PayRules, at now: Instant
    ) throws(IllegalTransition) -> FinishedOpening {
        if case .paid(let receipt) = answer {
            let action = try settle(receipt, at: now)
            if honours(right), hasGoneBack(tradeNumber) { return .returned(action) }
            noteUnknown(tradeNumber, rules, at: now)
            giveBackLease(right, unanswered: false)
            return .settled(action)
        }
        guard state == .new, honours(right), let index = index(of: tradeNumber) else { return .fenced }
        if attempts[index].wasEndedWithoutLease { return .beginAgain }
        if answer == .closed {
            try attempts[index].become(.closed, at: now)
            return .beginAgain
        }
        noteUnknown(tradeNumber, rules, at: now)
        giveBackLease(right, unanswered: answer.wasUnanswered)
        return .refuse(.providerUnknown(retryAfter: max(leaseLeft(at: now), .seconds(1))))
    }

    /// If the query did not confirm the create's answer, the outcome of a first create stays unknown.
    private mutating func noteUnknown(_ tradeNumber: TradeNumber, _ rules: PayRules, at now: Instant) {
        guard let index = index(of: tradeNumber), case .creating(let tries) = attempts[index].state else { return }
        noteUnknown(index, tries, rules, at: now)
    }

    /// Decides the next step of the merchant's close. Every attempt that may take money is first closed at its provider
    /// and queried, one after the other. `asked` are the attempts that this call has handled. Nothing changes if a
    /// close can't be sent because the attempt's channel is not configured.
    public mutating func beginMerchantClose(
        by worker: WorkerID, holding held: LeaseRight?, asked: Set<TradeNumber>, rules: PayRules, at now: Instant,
        isConfigured: (Channel) -> Bool = { _ in true }
    ) throws(IllegalTransition) -> MerchantCloseStep {
        switch state {
        case .closed: return .done(isNews: false)
        case .paid, .expired: return .refuse(.orderNotNew(state.name))
        case .new: break
        }
        cutFutureLease(rules, at: now)
        if isLeased(at: now), held.map({ honours($0) }) != true {
            let left = leaseLeft(at: now)
            return lease?.isUnanswered == true ? .refuse(.providerUnknown(retryAfter: left)) : .wait(until: now + left)
        }
        guard attempts.allSatisfy({ !$0.mayTakeMoney || isConfigured($0.channel) }) else {
            return .refuse(.switchUnsafe)
        }
        guard let next = nextToClose(besides: asked) else {
            try leaveNew(for: .closed(at: now))
            newEvents.append(OrderEvent(kind: .orderClosed, tradeNumber: nil, transactionID: nil, at: now))
            return .done(isNews: true)
        }
        let right = takeLease(for: worker, continuing: held, rules: rules, at: now)
        try beginClosing(next, rules: rules, at: now)
        return .close(right, attempts[next].number)
    }

    /// The live attempt first, then the exposed ones: one attempt at a time is `closing`.
    private func nextToClose(besides asked: Set<TradeNumber>) -> Int? {
        if let liveIndex { return liveIndex }
        return attempts.firstIndex { $0.state.name == .exposed && !asked.contains($0.number) }
    }
}
