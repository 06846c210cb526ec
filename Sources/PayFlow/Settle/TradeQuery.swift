import PayCore

/// Asks what a trade is that a create was told is paid or closed: a create's word alone settles nothing.
struct TradeQuery: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedOpening
        let summary: OrderSummary
    }

    /// The right is given back, but where the outcome is `beginAgain`. Nil when it is old.
    func run(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        guard let (renewed, attempt) = try await parts.renew(right, about: tradeNumber) else { return nil }
        let answer = await ProviderCalls(parts: parts).query(attempt)
        let outcome = try await finish(answer, of: tradeNumber, under: renewed)
        if case .settled(let action) = outcome.finished {
            parts.witness.saw(action.observations(attempt.channel, tradeNumber))
        }
        return outcome
    }

    private func finish(
        _ answer: QueryAnswer, of tradeNumber: TradeNumber, under right: LeaseRight
    ) async throws -> Outcome {
        let rules = parts.rules
        do {
            return try await parts.decide(on: right.order) { order, now in
                let finished = try order.finishQuery(answer, of: tradeNumber, under: right, rules: rules, at: now)
                return Decision(Outcome(finished: finished, summary: OrderSummary(order)))
            }
        } catch let foreign as PaymentOfAnotherTrade {
            parts.witness.saw(.needsPerson(foreign.channel, trade: tradeNumber.text))
            return try await finish(.unknown(.answered), of: tradeNumber, under: right)
        }
    }
}
