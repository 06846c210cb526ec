/// The next step for a refund.
public enum RefundStep: Hashable, Sendable {
    /// The refund is over, or its time has not come.
    case nothing
    /// Request the refund from the provider under its existing number.
    case submit(Refund, Channel)
    /// Query the refund.
    case follow(Refund, Channel)
}

/// The outcome of an answer about a refund.
public enum RefundOutcome: Hashable, Sendable {
    case moved(RefundState)
    /// Nothing new: the provider is called again later.
    case stays
    /// The provider reports that a completed refund was not paid out: it needs manual action.
    case contradicted
}

extension RefundAnswer {
    /// Whether the answer revokes a reported success (Stripe: a bank may send the money back days later).
    fileprivate var takesBackSuccess: Bool {
        switch self {
        case .refused: true
        case .succeeded, .submitted, .held, .noSuchRefund, .unknown: false
        }
    }
}

extension Refund {
    /// A refund takes the provider seconds or days.
    private static let shortestPause = Duration.seconds(10)
    public static let longestPause = Duration.seconds(3_600)

    /// Whether the provider is called now. A time further ahead than any schedule was set before the clock was set
    /// back.
    fileprivate func isDue(at now: Instant) -> Bool {
        askAt.map { $0 <= now || $0 > now + Self.longestPause } ?? false
    }

    /// The time of the next call: often at first, rarely later.
    fileprivate func nextAsk(after now: Instant) -> Instant {
        now + min(max(now - createdAt, Self.shortestPause), Self.longestPause)
    }
}

extension Order {
    /// Decides the next step of a refund, and claims the refund for the length of that step. The claim saves calls, not
    /// money: two requests with the same number make one refund.
    public mutating func beginRefund(_ number: String, rules: PayRules, at now: Instant) -> RefundStep {
        guard let index = refundIndex(number), refunds[index].isDue(at: now),
            let channel = attempt(refunds[index].tradeNumber)?.channel
        else { return .nothing }
        let asked = refunds[index]
        refunds[index].askAt = now + rules.leaseLength * PayRules.callsOfOneRefund
        switch asked.state {
        case .pending: return .submit(asked, channel)
        case .submitted: return .follow(asked, channel)
        case .needsAttention: return asked.wasSubmitted ? .follow(asked, channel) : .submit(asked, channel)
        case .succeeded, .failed: return .nothing
        }
    }

    /// Stores the provider's answer about a refund. A refusal must be confirmed by a query, because an earlier request
    /// without an answer may have succeeded. A reported success is believed even for a failed refund.
    public mutating func finishRefund(_ number: String, _ answer: RefundAnswer, at now: Instant) -> RefundOutcome {
        guard let index = refundIndex(number) else { return .stays }
        let state = refunds[index].state
        guard state.isUnderWay || (state == .failed && answer == .succeeded) else { return .stays }
        switch answer {
        case .succeeded:
            refunds[index].providerCode = nil
            return endRefund(index, .succeeded, .refundSucceeded, at: now)
        case .refused(let code):
            refunds[index].providerCode = ProviderError(code: code).code
            return endRefund(index, .failed, .refundFailed, at: now)
        case .submitted:
            return takeOn(index, at: now)
        case .held(let error):
            refunds[index].wasSubmitted = true
            return refuse(index, by: error.weighing(.balance), at: now)
        case .unknown(let doubt):
            if let error = doubt.reason.error { return refuse(index, by: error, at: now) }
        case .noSuchRefund:
            break
        }
        refunds[index].askAt = refunds[index].nextAsk(after: now)
        return .stays
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

    /// Stores a provider's notice about a refund. A success is believed; any other notice causes a query at once.
    /// `payment` is the refunded payment, if the notice must name it.
    public mutating func hearOfRefund(
        _ number: String, _ answer: RefundAnswer, of payment: ProviderReference? = nil, from channel: Channel,
        at now: Instant
    ) -> RefundOutcome {
        guard let heard = refundIndex(number), attempt(refunds[heard].tradeNumber)?.channel == channel,
            payment.map({ $0.text == refunds[heard].transactionID.text }) ?? true
        else { return .stays }
        if answer == .succeeded { return finishRefund(number, answer, at: now) }
        if refunds[heard].state == .succeeded, answer.takesBackSuccess { return .contradicted }
        guard let index = refundIndex(number), refunds[index].state.isUnderWay else { return .stays }
        refunds[index].askAt = now
        return .stays
    }

    /// Retries a failed refund, or one that needs attention, at once and under its existing number. False if there is
    /// no such refund.
    public mutating func retryRefund(_ number: String, at now: Instant) -> Bool {
        guard let index = refundIndex(number) else { return false }
        switch refunds[index].state {
        case .failed:
            refunds[index].state = .pending
            refunds[index].wasSubmitted = false
            refunds[index].refusedTries = nil
        case .needsAttention: break
        case .pending, .submitted, .succeeded: return false
        }
        refunds[index].askAt = now
        return true
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
                providerCode: refunds[index].providerCode, at: now))
    }

    private func refundIndex(_ number: String) -> Int? {
        refunds.firstIndex { $0.number == number }
    }
}
