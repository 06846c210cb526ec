import PayCore

/// Close, then query, then believe the query: the only way to end an attempt at a provider.
struct ClosingChain: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedClosing
        /// The state of the order after the chain.
        let state: OrderStateName
        /// The right as renewed for the last call.
        let right: LeaseRight
        /// Whether a close or a query was not answered: the lease must be kept until it expires.
        let wasUnanswered: Bool
        /// The doubt of the query, or of the close if the query has none.
        let doubt: Doubt?

        /// When to retry if the outcome of the attempt is unknown.
        func retryAfter(at now: Instant) -> Duration {
            wasUnanswered ? max(right.endsAt - now, .seconds(1)) : .seconds(1)
        }
    }

    /// Closes an attempt that was marked `closing` under this right. The right is not given back. Nil if the right is
    /// outdated, or if the attempt's channel is not configured and nothing can be sent; nothing is stored then.
    func run(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        guard let (first, attempt) = try await parts.renew(right, about: tradeNumber) else { return nil }
        guard parts.providers[attempt.channel] != nil else { return nil }
        let calls = ProviderCalls(parts: parts)
        let close = await calls.close(attempt)
        guard let (second, _) = try await parts.renew(first, about: tradeNumber) else { return nil }
        let queriedAt = parts.clock.now()
        let query = await calls.query(attempt)
        let (finished, state) = try await finish(
            CloseReport(tradeNumber: tradeNumber, close: close, query: query, queriedAt: queriedAt), under: second)
        if let action = finished.money { parts.witness.saw(action.observations(attempt.channel, tradeNumber)) }
        return Outcome(
            finished: finished, state: state, right: second, wasUnanswered: close.wasUnanswered || query.wasUnanswered,
            doubt: query.doubt ?? close.doubt)
    }

    /// Runs the chain and gives the right back. False if the right was outdated.
    func runToTheEnd(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Bool {
        guard let outcome = try await run(tradeNumber, under: right) else { return false }
        try await parts.giveBack(right, unanswered: outcome.wasUnanswered)
        return true
    }

    private func finish(
        _ report: CloseReport, under right: LeaseRight
    ) async throws -> (FinishedClosing, OrderStateName) {
        do {
            return try await parts.decide(on: right.order) { order, now in
                let finished = try order.finishClosing(report, under: right, at: now)
                return Decision((finished, order.state.name), noting: report.notes)
            }
        } catch let foreign as PaymentOfAnotherTrade {
            parts.witness.saw(.needsPerson(foreign.channel, trade: report.tradeNumber.text))
            return try await finish(report.withoutReceipt, under: right)
        }
    }
}

extension CloseReport {
    /// The notes for the order's history.
    var notes: [HistoryNote] {
        [.called(.close, tradeNumber, answer: close.words), .called(.query, tradeNumber, answer: query.words)]
    }

    /// The report without its receipt, for a query that reported another trade's money: the outcome is unknown.
    var withoutReceipt: CloseReport {
        CloseReport(
            tradeNumber: tradeNumber, close: close, query: .unknown(.answered(.otherTrade)), queriedAt: queriedAt)
    }
}

extension FinishedClosing {
    /// The outcome of money that the query reported; nil without money.
    fileprivate var money: SettleAction? {
        switch self {
        case .settled(let action), .returned(let action): action
        case .closed, .lapsed, .exposed, .fenced: nil
        }
    }
}

extension SettleAction {
    /// The observations about received money, whatever reported it.
    func observations(_ channel: Channel, _ tradeNumber: TradeNumber) -> [Observation] {
        switch self {
        case .paid: [.orderEntered(.paid, tradeNumber.order)]
        case .duplicate: [.duplicatePayment(channel, tradeNumber)]
        case .late: [.latePayment(channel, tradeNumber)]
        case .returned: [.returnedPayment(channel, tradeNumber)]
        case .disputed: [.needsPerson(channel, trade: tradeNumber.text)]
        case .unknownTrade: [.needsPerson(channel, trade: tradeNumber.text)]
        case .alreadyRecorded: []
        case .afterLastWord(let action):
            [.brokenWord(channel, tradeNumber)] + action.observations(channel, tradeNumber)
        }
    }
}
