import PayCore

/// Close, then query, then believe the query: the one way an attempt is brought to its end at a provider.
struct ClosingChain: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedClosing
        /// A close or a query went unanswered: the lease has to be kept until it runs out.
        let wasUnanswered: Bool
    }

    /// Works on an attempt that was marked `closing` under this right. The right is not given back.
    func run(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome {
        guard let attempt = try await renew(right, tradeNumber) else {
            return Outcome(finished: .fenced, wasUnanswered: false)
        }
        let calls = ProviderCalls(parts: parts)
        let close = await calls.close(attempt)
        guard try await renew(right, tradeNumber) != nil else {
            return Outcome(finished: .fenced, wasUnanswered: false)
        }
        let query = await calls.query(attempt)
        let report = CloseReport(tradeNumber: tradeNumber, close: close, query: query)
        let now = parts.clock.now()
        let finished = try await parts.ledger.update(right.order, at: now) { order in
            try order.finishClosing(report, under: right, at: now)
        }
        if case .settled(let action) = finished {
            parts.witness.saw(action.observations(attempt.channel, tradeNumber))
        }
        return Outcome(finished: finished, wasUnanswered: close.wasUnanswered || query.wasUnanswered)
    }

    private func renew(_ right: LeaseRight, _ tradeNumber: TradeNumber) async throws -> Attempt? {
        let now = parts.clock.now()
        return try await parts.ledger.update(right.order, at: now) { order in
            order.renewLease(right, rules: parts.rules, at: now) ? order.attempt(tradeNumber) : nil
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
        case .alreadyRecorded, .disputed, .unknownTrade: []
        }
    }
}
