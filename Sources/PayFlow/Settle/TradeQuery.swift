import PayCore

/// Asks what a trade is that a create was told is paid or closed: a create's word alone settles nothing.
struct TradeQuery: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedOpening
        let summary: OrderSummary
        /// The doubt that the query left.
        let doubt: Doubt?

        /// Whether the work may go on under the right: whoever does not go on gives it back.
        var keepsTheRight: Bool {
            switch finished {
            case .beginAgain, .returned: true
            case .serve, .refuse, .fenced, .close, .query, .settled: false
            }
        }
    }

    /// Queries a trade that a create was told is paid or closed. The right is given back, unless the outcome is `beginAgain` or
    /// `returned`. Nil when it is old.
    func run(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        let rules = parts.rules
        return try await ask(tradeNumber, under: right) { order, answer, renewed, now in
            try order.finishQuery(answer, of: tradeNumber, under: renewed.right, rules: rules, at: now)
        }
    }

    /// Asks whether an attempt can be paid that the user comes back to, and opens it again if so. The right is given
    /// back as above.
    func revive(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws -> Outcome? {
        let rules = parts.rules
        return try await ask(tradeNumber, under: right) { order, answer, renewed, now in
            try order.finishRevival(
                answer, of: tradeNumber, under: renewed.right, queriedAt: renewed.at, rules: rules, at: now)
        }
    }

    /// The right that a query was sent under, and when.
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
