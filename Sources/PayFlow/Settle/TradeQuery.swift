import PayCore

/// Queries a trade that the answer to a create reported as paid or closed. The answer to a create alone settles
/// nothing.
struct TradeQuery: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedOpening
        let summary: OrderSummary
        /// The doubt of the query.
        let doubt: Doubt?

        /// Whether the work may continue under the right. Otherwise the right is given back.
        var keepsTheRight: Bool {
            switch finished {
            case .beginAgain, .returned: true
            case .serve, .refuse, .fenced, .close, .query, .settled: false
            }
        }
    }

    /// Queries a trade that the answer to a create reported as paid or closed. The right is given back, unless the
    /// outcome is `beginAgain` or `returned`. Nil if the right is outdated.
    func run(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        let rules = parts.rules
        return try await ask(tradeNumber, under: right) { order, answer, renewed, now in
            try order.finishQuery(answer, of: tradeNumber, under: renewed.right, rules: rules, at: now)
        }
    }

    /// Queries the attempt that the buyer returns to, and opens it again if it can be paid. The right is given back as
    /// above.
    func revive(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        let rules = parts.rules
        return try await ask(tradeNumber, under: right) { order, answer, renewed, now in
            try order.finishRevival(
                answer, of: tradeNumber, under: renewed.right, queriedAt: renewed.at, rules: rules, at: now)
        }
    }

    /// The right that a query was sent under, and the time of sending.
    private struct Sending {
        let right: LeaseRight
        let at: Instant
    }

    private typealias Finish = @Sendable (inout Order, QueryAnswer, Sending, Instant) throws -> FinishedOpening

    private func ask(
        _ tradeNumber: TradeNumber, under right: LeaseRight, _ finish: @escaping Finish
    ) async throws -> Outcome? {
        guard let (renewed, attempt) = try await parts.renew(right, about: tradeNumber) else { return nil }
        guard parts.providers[attempt.channel] != nil else { return nil }
        let sending = Sending(right: renewed, at: parts.clock.now())
        let answer = await ProviderCalls(parts: parts).query(attempt)
        let outcome = try await store(answer, of: tradeNumber, sending, finish)
        switch outcome.finished {
        case .settled(let action), .returned(let action):
            parts.witness.saw(action.observations(attempt.channel, tradeNumber))
        case .serve, .refuse, .fenced, .close, .query, .beginAgain: break
        }
        return outcome
    }

    private func store(
        _ answer: QueryAnswer, of tradeNumber: TradeNumber, _ sending: Sending, _ finish: @escaping Finish
    ) async throws -> Outcome {
        do {
            return try await parts.decide(on: sending.right.order) { order, now in
                let finished = try finish(&order, answer, sending, now)
                let note = HistoryNote.called(.query, tradeNumber, answer: answer.words)
                let outcome = Outcome(finished: finished, summary: OrderSummary(order), doubt: answer.doubt)
                return Decision(outcome, noting: [note])
            }
        } catch let foreign as PaymentOfAnotherTrade {
            parts.witness.saw(.needsPerson(foreign.channel, trade: tradeNumber.text))
            return try await store(.unknown(.answered(.otherTrade)), of: tradeNumber, sending, finish)
        }
    }
}
