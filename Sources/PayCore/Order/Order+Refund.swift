/// The next step for a refund.
public enum RefundStep: Hashable, Sendable {
    /// The refund is over, or its time has not come.
    case nothing
    /// Request the refund from the provider.
    case submit(RefundRequest, Channel)
    /// Query the refund.
    case follow(RefundRequest, Channel)
    /// The database was restored. Find the refunds of this payment that it lost, and begin again.
    case findLost(TradeNumber, TransactionID)
    /// The provider made a refund of the same amount in the time that a restore lost: it needs a manual decision.
    case stop(RefundOutcome, Channel, TradeNumber)
}

/// The outcome of an answer about a refund.
public enum RefundOutcome: Hashable, Sendable {
    case moved(RefundState)
    /// Nothing new: the provider is called again later.
    case stays
    /// The provider contradicts itself: it needs manual action.
    case contradicted
}

/// The outcome of a manual retry of a refund.
public enum RefundRetry: Hashable, Sendable {
    case queued
    /// The order has no refund of that number that failed or needs attention.
    case notWaiting
    /// The rest of the payment was refunded since: this is what is left of it.
    case tooMuch(left: Int64)
}

extension Refund {
    /// A refund takes the provider seconds or days.
    private static let shortestPause = Duration.seconds(10)
    public static let longestPause = Duration.seconds(3_600)
    /// A request is sent again without a query up to this age. Stripe forgets the key of a request after a day, and would
    /// make a second refund.
    private static let longestUnqueried = Duration.seconds(12 * 3_600)

    /// Whether the provider is called now. A time further ahead than any schedule was set before the clock was set
    /// back.
    fileprivate func isDue(at now: Instant) -> Bool {
        askAt.map { $0 <= now || $0 > now + Self.longestPause } ?? false
    }

    /// Whether the refund is requested next. An old request, which may have succeeded, is queried first.
    fileprivate func isRequestedNext(at now: Instant) -> Bool {
        state.isUnderWay && !wasSubmitted && (requestedAt == nil || now - createdAt < Self.longestUnqueried)
    }

    /// The time of the next call: often at first, rarely later.
    fileprivate func nextAsk(after now: Instant) -> Instant {
        now + min(max(now - createdAt, Self.shortestPause), Self.longestPause)
    }
}

extension Order {
    /// Decides the next step of a refund, and claims the refund for the length of that step. The claim saves calls, not
    /// money: two requests with the same number make one refund.
    ///
    /// In a restored database, the refunds of the payment that were lost are found before another one is requested.
    /// `lostAreKnown` is true once they were.
    ///
    /// A refund waits until the provider takes another one of its trade, by the `terms` of its channel.
    public mutating func beginRefund(
        _ number: String, rules: PayRules, terms: RefundTerms = .unlimited, lostAreKnown: Bool = false,
        at now: Instant
    ) -> RefundStep {
        guard let index = refundIndex(number), refunds[index].isDue(at: now),
            let channel = channel(of: refunds[index])
        else { return .nothing }
        let asked = refunds[index]
        let request = RefundRequest(asked, of: receipt(of: asked)?.money ?? asked.money)
        let submits = asked.isRequestedNext(at: now) && !mayBeRequestedAlready(asked)
        if submits, let step = stepForLostRefunds(index, rules: rules, lostAreKnown: lostAreKnown, at: now) {
            return step
        }
        if submits, let next = nextRequest(after: asked, terms: terms, at: now), next > now {
            refunds[index].askAt = next
            return .nothing
        }
        if submits { refunds[index].requestedAt = now }
        refunds[index].askAt = now + rules.leaseLength * PayRules.callsOfOneRefund
        return submits ? .submit(request, channel) : .follow(request, channel)
    }

    /// Ends the claim that ``beginRefund(_:rules:terms:lostAreKnown:at:)`` set for the search of lost refunds.
    public mutating func hasLookedForLostRefunds(of number: String, at now: Instant) {
        guard let index = refundIndex(number), refunds[index].state.isUnderWay else { return }
        refunds[index].askAt = now
    }

    /// The step before the first request of a merchant's refund in a restored database; nil if there is none. A person
    /// who retries a refund that was stopped has decided.
    private mutating func stepForLostRefunds(
        _ index: Int, rules: PayRules, lostAreKnown: Bool, at now: Instant
    ) -> RefundStep? {
        let asked = refunds[index]
        guard asked.cause == .merchant, asked.requestedAt == nil, asked.providerCode != Refund.lostTwinCode,
            !lostRefundNumbers(of: asked.tradeNumber).isEmpty, let channel = channel(of: asked)
        else { return nil }
        guard lostAreKnown else {
            refunds[index].askAt = now + rules.leaseLength * PayRules.callsOfOneRefund
            return .findLost(asked.tradeNumber, asked.transactionID)
        }
        let paid = receipt(of: asked)
        let isTooMuch = paid.map { wentBack(of: $0) > ($0.money?.amount ?? 0) } ?? false
        guard isTooMuch || lostTwin(of: asked) != nil else { return nil }
        return .stop(fail(index, code: Refund.lostTwinCode, at: now), channel, asked.tradeNumber)
    }

    /// Stores the provider's answer about a refund. A refusal must be confirmed by a query, because an earlier request
    /// without an answer may have succeeded. A reported success is believed even for a failed refund.
    ///
    /// A success that the provider revokes becomes a failure. Only the answer to a query may say so.
    ///
    /// - Parameter askedAs: the number that the provider was asked by; nil for the present one. An answer about an earlier
    ///   number says nothing about the refund that is under way.
    public mutating func finishRefund(
        _ number: String, _ answer: RefundAnswer, askedAs: String? = nil, at now: Instant
    ) -> RefundOutcome {
        guard let index = refundIndex(number) else { return .stays }
        if let askedAs, askedAs != refunds[index].providerNumber {
            if case .succeeded = answer { return .contradicted }
            return .stays
        }
        switch refunds[index].state {
        case .pending, .submitted, .needsAttention: return advance(index, by: answer, at: now)
        case .failed:
            // A success under a number that the provider has closed is older than the close.
            guard !refunds[index].isNumberUsedUp, case .succeeded(let at) = answer else { return .stays }
            return succeed(index, refundedAt: at, at: now)
        case .succeeded: return recheck(index, by: answer, at: now)
        }
    }

    private mutating func advance(_ index: Int, by answer: RefundAnswer, at now: Instant) -> RefundOutcome {
        switch answer {
        case .succeeded(let at):
            let wasHeardOf = refunds[index].isDue(at: now)
            let outcome = succeed(index, refundedAt: at, at: now)
            // A notice during the call may be newer than the answer: a query confirms the success.
            if wasHeardOf { refunds[index].askAt = now }
            return outcome
        case .refused(let code):
            return fail(index, code: code, at: now)
        case .closed(let code):
            refunds[index].isNumberUsedUp = true
            return fail(index, code: code, at: now)
        case .submitted:
            return takeOn(index, at: now)
        case .held(let error):
            refunds[index].wasSubmitted = true
            return refuse(index, by: error.weighing(.balance), at: now)
        case .unknown(let doubt):
            if let error = doubt.reason.refusal { return refuse(index, by: error, at: now) }
        case .noSuchRefund:
            break
        }
        refunds[index].askAt = refunds[index].nextAsk(after: now)
        return .stays
    }

    /// An answer about a refund that succeeded. Only a query that began after the last notice may revoke the success: the
    /// answer to an earlier call may be older. The query that the notice scheduled is then still due.
    private mutating func recheck(_ index: Int, by answer: RefundAnswer, at now: Instant) -> RefundOutcome {
        guard refunds[index].askAt != nil, !refunds[index].isDue(at: now) else { return .stays }
        switch answer {
        case .succeeded:
            refunds[index].askAt = nil
            return .stays
        case .closed(let code):
            refunds[index].isNumberUsedUp = true
            refunds[index].refundedAt = nil
            return fail(index, code: code, at: now)
        case .submitted, .held, .refused, .noSuchRefund:
            refunds[index].askAt = nil
            return .contradicted
        case .unknown:
            refunds[index].askAt = now + Refund.longestPause
            return .stays
        }
    }

    /// The provider accepted the refund: earlier refusals are void.
    private mutating func takeOn(_ index: Int, at now: Instant) -> RefundOutcome {
        let isNews = refunds[index].state != .submitted
        refunds[index].state = .submitted
        refunds[index].wasSubmitted = true
        refunds[index].refusedTries = nil
        refunds[index].askAt = refunds[index].nextAsk(after: now)
        return isNews ? .moved(.submitted) : .stays
    }

    /// An error of the provider that is not final: the refund is retried, and an event reports it if the errors
    /// continue.
    private mutating func refuse(_ index: Int, by error: ProviderError, at now: Instant) -> RefundOutcome {
        refunds[index].askAt = refunds[index].nextAsk(after: now)
        switch error.weight {
        case .undecided: return .stays
        case .refusal, .balance: break
        }
        let before = refunds[index].refusedTries
        let tries = RefusedTries(count: (before?.count ?? 0) + 1, since: before?.since ?? now)
        refunds[index].refusedTries = tries
        refunds[index].providerCode = error.code
        guard refunds[index].state != .needsAttention, error.weight == .balance || tries.needAttention(at: now) else {
            return .stays
        }
        refunds[index].state = .needsAttention
        tell(.refundNeedsAttention, of: index, at: now)
        return .moved(.needsAttention)
    }

    /// Stores a provider's notice about one of the order's refunds, by the number that the provider knows it by. A
    /// success is believed, and confirmed by a query. Any other notice only causes a query at once. `payment` is the
    /// refunded payment, if the notice must name it.
    public mutating func hearOfRefund(
        _ providerNumber: String, _ answer: RefundAnswer, of payment: ProviderReference? = nil, from channel: Channel,
        at now: Instant
    ) -> RefundOutcome {
        guard let index = refundIndex(providerNumber: providerNumber),
            self.channel(of: refunds[index]) == channel,
            payment.map({ $0.text == refunds[index].transactionID.text }) ?? true
        else { return .stays }
        let isPresent = refunds[index].providerNumber == providerNumber
        if case .succeeded = answer {
            // The provider had closed the refund under this number, so that another one is under way.
            guard isPresent else { return .contradicted }
            let outcome = finishRefund(refunds[index].number, answer, at: now)
            // The notice may be older than a revocation: a query confirms the success.
            if outcome == .moved(.succeeded) { refunds[index].askAt = now }
            return outcome
        }
        guard isPresent else { return .stays }
        switch (refunds[index].state, answer) {
        case (.pending, _), (.submitted, _), (.needsAttention, _), (.succeeded, .closed), (.succeeded, .refused):
            refunds[index].askAt = now
        case (.succeeded, _), (.failed, _): break
        }
        return .stays
    }

    /// Retries a failed refund, or one that needs attention, at once. The number stays the same, unless the provider has
    /// closed the refund under it.
    ///
    /// Of unexpected money, a part may have gone back in the provider's console since. Another refund then returns the
    /// rest.
    public mutating func retryRefund(_ number: String, at now: Instant) -> RefundRetry {
        guard let index = refundIndex(number) else { return .notWaiting }
        switch refunds[index].state {
        case .failed:
            guard refunds[index].cause.isOurs, let receipt = receipt(of: refunds[index]) else { return .notWaiting }
            let left = refundable(of: receipt)
            guard refunds[index].money.amount <= left else { return refundRest(left, of: index, at: now) }
            if refunds[index].isNumberUsedUp { refunds[index].renewals += 1 }
            refunds[index].isNumberUsedUp = false
            refunds[index].state = .pending
            refunds[index].wasSubmitted = false
            refunds[index].refusedTries = nil
        case .needsAttention: break
        case .pending, .submitted, .succeeded: return .notWaiting
        }
        refunds[index].askAt = now
        return .queued
    }

    private mutating func refundRest(_ left: Int64, of index: Int, at now: Instant) -> RefundRetry {
        let failed = refunds[index]
        guard failed.cause != .merchant, let rest = Money(amount: left, currency: failed.money.currency) else {
            return .tooMuch(left: left)
        }
        refunds.append(
            Refund(
                number: freeNumber("m", of: failed.tradeNumber), tradeNumber: failed.tradeNumber,
                transactionID: failed.transactionID, money: rest, cause: .merchant, state: .pending, createdAt: now,
                askAt: now))
        return .queued
    }

    mutating func succeed(_ index: Int, refundedAt: Instant?, at now: Instant) -> RefundOutcome {
        refunds[index].providerCode = nil
        refunds[index].isNumberUsedUp = false
        refunds[index].refundedAt = (refundedAt ?? now).clamped
        return endRefund(index, .succeeded, .refundSucceeded, at: now)
    }

    private mutating func fail(_ index: Int, code: String, at now: Instant) -> RefundOutcome {
        refunds[index].providerCode = ProviderError(code: code).code
        return endRefund(index, .failed, .refundFailed, at: now)
    }

    private mutating func endRefund(
        _ index: Int, _ state: RefundState, _ kind: OrderEvent.Kind, at now: Instant
    ) -> RefundOutcome {
        refunds[index].state = state
        refunds[index].askAt = nil
        tell(kind, of: index, at: now)
        return .moved(state)
    }

    private mutating func tell(_ kind: OrderEvent.Kind, of index: Int, at now: Instant) {
        newEvents.append(
            OrderEvent(
                kind: kind, tradeNumber: refunds[index].tradeNumber, transactionID: refunds[index].transactionID,
                refundNumber: refunds[index].number, providerCode: refunds[index].providerCode, at: now))
    }

    /// When the provider takes the refund's request, after the last request of another refund of its trade. Nil if it
    /// takes the request now. A request after `now` was made before the clock was set back.
    private func nextRequest(after asked: Refund, terms: RefundTerms, at now: Instant) -> Instant? {
        guard terms.pause > .zero else { return nil }
        let others = refunds.filter { $0.tradeNumber == asked.tradeNumber && $0.number != asked.number }
        return others.compactMap(\.requestedAt).filter { $0 <= now }.max().map { $0 + terms.pause }
    }

    /// The first free number of the trade, counted from the number of its refunds of that kind, behind every number that
    /// a restore may have lost.
    func freeNumber(_ kind: String, of trade: TradeNumber) -> String {
        let prefix = "\(trade)_\(kind)"
        var ordinal = max(refunds.count { $0.number.hasPrefix(prefix) }, numbering.lastLostRefund) + 1
        while refundIndex("\(prefix)\(ordinal)") != nil { ordinal += 1 }
        return "\(prefix)\(ordinal)"
    }

    func refundIndex(_ number: String) -> Int? {
        refunds.firstIndex { $0.number == number }
    }

    /// By any of the numbers that the provider has known the refund by.
    func refundIndex(providerNumber: String) -> Int? {
        if let index = refundIndex(providerNumber) { return index }
        guard let own = OwnRefundNumber(providerNumber), let index = refundIndex(own.number),
            own.renewals <= refunds[index].renewals
        else { return nil }
        return index
    }
}

extension UnknownReason {
    /// The error that a person is told of if it lasts. An answer about another refund of the same number does not end by
    /// itself either.
    fileprivate var refusal: ProviderError? {
        error ?? (self == .otherTrade ? ProviderError(code: text, weight: .refusal) : nil)
    }
}
