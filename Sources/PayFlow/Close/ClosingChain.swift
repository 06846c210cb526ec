import PayCore

/// Close, then query, then believe the query: the one way an attempt is brought to its end at a provider.
struct ClosingChain: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedClosing
        /// What the order is now.
        let state: OrderStateName
        /// The right as it was renewed for the last call.
        let right: LeaseRight
        /// A close or a query went unanswered: the lease has to be kept until it runs out.
        let wasUnanswered: Bool
        /// The doubt that the query left, or else the close.
        let doubt: Doubt?

        /// When to ask again, where it is not known what became of the attempt.
        func retryAfter(at now: Instant) -> Duration {
            wasUnanswered ? max(right.endsAt - now, .seconds(1)) : .seconds(1)
        }
    }

    /// Works on an attempt that was marked `closing` under this right. The right is not given back. Nil when it is old,
    /// or nothing can be sent because the attempt's channel is not configured: then nothing is stored.
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

    /// The same, and the right is given back. False when it was old.
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
    /// What an order's history tells of it.
    var notes: [HistoryNote] {
        [.called(.close, tradeNumber, answer: close.words), .called(.query, tradeNumber, answer: query.words)]
    }

    /// The same, where the query told of money that is another trade's: nothing is known of this one.
    var withoutReceipt: CloseReport {
        CloseReport(
            tradeNumber: tradeNumber, close: close, query: .unknown(.answered(.otherTrade)), queriedAt: queriedAt)
    }
}

extension FinishedClosing {
    /// The outcome for money that the query reported; nil without money.
    fileprivate var money: SettleAction? {
        switch self {
        case .settled(let action), .returned(let action): action
        case .closed, .lapsed, .exposed, .fenced: nil
        }
    }
}

extension SettleAction {
    /// What is counted of money that came, whichever door it came by.
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
