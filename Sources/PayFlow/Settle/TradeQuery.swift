import PayCore

/// Queries a trade that a create reported as paid or closed: the answer to a create settles nothing by itself.
struct TradeQuery: Sendable {
    let parts: FlowParts

    struct Outcome: Sendable {
        let finished: FinishedOpening
        let summary: OrderSummary
        /// The doubt of the query.
        let doubt: Doubt?
    }

    /// Queries a trade that a create reported as paid or closed. The right is given back, unless the outcome is
    /// `beginAgain` or `returned`. Nil if the right is old.
    func run(_ call: NextCall) async throws -> Outcome? {
        let (rules, number) = (parts.rules, call.attempt.number)
        return try await ask(call) { order, answer, sending, now in
            try order.finishQuery(answer, of: number, under: sending.right, rules: rules, at: now)
        }
    }

    /// Queries an attempt that the user returns to, and opens it again if it can be paid. The right is given back as
    /// above.
    func revive(_ call: NextCall) async throws -> Outcome? {
        let (rules, number) = (parts.rules, call.attempt.number)
        return try await ask(call) { order, answer, sending, now in
            try order.finishRevival(
                answer, of: number, under: sending.right, queriedAt: sending.at, rules: rules, at: now)
        }
    }

    /// The right that a query was sent under, and the time of sending.
    private struct Sending {
        let right: LeaseRight
        let at: Instant
    }

    private typealias Finish = @Sendable (inout Order, QueryAnswer, Sending, Instant) throws -> FinishedOpening

    private func ask(_ call: NextCall, _ finish: @escaping Finish) async throws -> Outcome? {
        let (attempt, tradeNumber) = (call.attempt, call.attempt.number)
        guard parts.providers[attempt.channel] != nil, let right = try await parts.cover(call.right) else { return nil }
        let sending = Sending(right: right, at: parts.clock.now())
        let answer = await ProviderCalls(parts: parts).query(attempt)
        let outcome = try await store(answer, of: tradeNumber, sending, finish)
        switch outcome.finished {
        case .settled(let action), .returned(let action):
            parts.observer.saw(action.observations(attempt.channel, tradeNumber))
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
            parts.observer.saw(.needsPerson(foreign.channel, trade: tradeNumber.text))
            return try await store(.unknown(.answered(.otherTrade)), of: tradeNumber, sending, finish)
        }
    }
}
