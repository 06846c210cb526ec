import PayCore

/// Close, then query, then believe the query: the one way to end an attempt at a provider.
///
/// It takes three commits. The caller's commit marks the attempt `closing` and takes the lease. The second one stores
/// the close's answer and renews the lease. The third one stores the query's answer, with the caller's next decision.
struct ClosingChain: Sendable {
    let parts: FlowParts

    /// The provider's answers, not stored yet.
    struct Answers: Sendable {
        fileprivate let report: CloseReport
        fileprivate let channel: Channel
        /// The right as it was renewed for the query.
        let right: LeaseRight

        /// Whether the close or the query got no answer: the lease must then be kept until it ends.
        var wasUnanswered: Bool { report.close.wasUnanswered || report.query.wasUnanswered }

        /// The doubt that the query left, or else the close.
        var doubt: Doubt? { report.query.doubt ?? report.close.doubt }

        /// The wait before the next try, if the outcome is unknown.
        func retryAfter(at now: Instant) -> Duration {
            wasUnanswered ? max(right.endsAt - now, .seconds(1)) : .seconds(1)
        }
    }

    /// The result of storing the answers.
    struct Outcome<Next: Sendable>: Sendable {
        let finished: FinishedClosing
        /// The state of the order after it.
        let state: OrderStateName
        /// The caller's next decision, if it was part of the commit.
        let next: Next?
    }

    /// A decision that follows in the same commit. Nil if nothing follows.
    typealias Continuation<Next: Sendable> =
        @Sendable (inout Order, FinishedClosing, Instant) throws -> Decision<Next>?

    /// Closes and queries an attempt that was marked `closing` in the commit that took or renewed the right.
    ///
    /// Nil if the right is old, or if the attempt's channel is not configured and nothing can be sent.
    func ask(_ call: NextCall) async throws -> Answers? {
        let attempt = call.attempt
        guard parts.providers[attempt.channel] != nil, let right = try await parts.cover(call.right) else { return nil }
        let calls = ProviderCalls(parts: parts)
        let close = await calls.close(attempt)
        let note = HistoryNote.called(.close, attempt.number, answer: close.words)
        guard let renewed = try await parts.renew(right, noting: [note]) else { return nil }
        let queriedAt = parts.clock.now()
        let query = await calls.query(attempt)
        return Answers(
            report: CloseReport(tradeNumber: attempt.number, close: close, query: query, queriedAt: queriedAt),
            channel: attempt.channel, right: renewed)
    }

    /// Stores the answers, with the decision that follows. Without that decision the right is kept.
    ///
    /// The answers are stored in any case, unless the database is not available. A key conflict of the next decision, or
    /// an error while it is stored, stops that decision alone: the caller makes the decision again, in a commit of its
    /// own.
    ///
    /// - Parameter goOn: nil if nothing follows.
    func finish<Next>(
        _ answers: Answers, then goOn: Continuation<Next>?
    ) async throws -> Outcome<Next> {
        do {
            let outcome = try await store(answers.report, under: answers.right, then: goOn)
            if let action = outcome.finished.money {
                parts.observer.saw(action.observations(answers.channel, answers.report.tradeNumber))
            }
            return outcome
        } catch let foreign as PaymentOfAnotherTrade {
            parts.observer.saw(.needsPerson(foreign.channel, trade: answers.report.tradeNumber.text))
            let unknown = Answers(
                report: answers.report.withoutReceipt, channel: answers.channel, right: answers.right)
            return try await finish(unknown, then: goOn)
        } catch let outage as LedgerUnavailable {
            throw outage
        } catch {
            guard goOn != nil else { throw error }
            return try await finish(answers, then: nil)
        }
    }

    /// The whole chain, with the lease given back in the last commit. False if the right was old.
    func run(_ call: NextCall) async throws -> Bool {
        guard let answers = try await ask(call) else { return false }
        let (right, wasUnanswered) = (call.right, answers.wasUnanswered)
        _ = try await finish(answers) { order, _, _ in
            order.giveBackLease(right, unanswered: wasUnanswered)
            return Decision(true)
        }
        return true
    }

    private func store<Next>(
        _ report: CloseReport, under right: LeaseRight, then goOn: Continuation<Next>?
    ) async throws -> Outcome<Next> {
        try await parts.decide(on: right.order) { order, now in
            let finished = try order.finishClosing(report, under: right, at: now)
            let state = order.state.name
            let note = HistoryNote.called(.query, report.tradeNumber, answer: report.query.words)
            // A fault in the next decision must not undo what the provider said.
            var next = order
            guard let decision = try? goOn?(&next, finished, now) else {
                return Decision(Outcome(finished: finished, state: state, next: nil), noting: [note])
            }
            order = next
            return Decision(
                Outcome(finished: finished, state: state, next: decision.outcome), usingUp: decision.key,
                claiming: decision.claim, noting: [note] + decision.notes)
        }
    }
}

extension CloseReport {
    /// The calls, for the order's history.
    var notes: [HistoryNote] {
        [.called(.close, tradeNumber, answer: close.words), .called(.query, tradeNumber, answer: query.words)]
    }

    /// The same report, if the query told of another trade's money: nothing is known of this trade.
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
