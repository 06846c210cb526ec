public import PayCore

/// Queries the attempts that may hold money, so that no lost notice stays undetected: often at first, rarely later, at
/// the provider deadline, and once more when the provider's last word is due.
public struct QueryAttempts: Sendable {
    public enum Outcome: String, SweepOutcome {
        /// Nothing new.
        case unchanged
        /// Money without an earlier notice.
        case settled
        case closed, lapsed, failed

        public var isProgress: Bool { true }
    }

    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// Queries the attempts that are due at `now`. A failure of one attempt is counted, and does not stop the others.
    public func runOnce(
        at now: Instant, in share: ClockShare = .whole, limit: Int = Sweep.itemsPerRun
    ) async throws -> SweepReport<Outcome> {
        let due = try await (share.due ?? parts.due).attemptsToWatch(
            on: parts.providers.channels, at: now, limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notQueried) { try await ask($0) }
    }

    /// Queries one attempt at once, by a person's word, whenever its next query is due. Nil, and stores nothing, if the
    /// attempt is not one that is queried: a call about it is under way, or it is over.
    public func callAsFunction(_ tradeNumber: TradeNumber, by actor: Actor) async throws -> Outcome? {
        let rules = parts.rules
        let note = AuditNote(actor, .orderQueried, on: tradeNumber.text, of: tradeNumber.order)
        let attempt = try await parts.decide(on: tradeNumber.order) { order, now in
            order.hearOfChange(of: tradeNumber, at: now)
            guard case .query = order.beginWatching(tradeNumber, rules: rules, at: now) else {
                return Decision(Attempt?.none)
            }
            return Decision(order.attempt(tradeNumber), audit: note)
        }
        guard let attempt else { return nil }
        return try await query(attempt)
    }

    private func ask(_ tradeNumber: TradeNumber) async throws -> Outcome {
        let rules = parts.rules
        let (step, attempt) = try await parts.decide(on: tradeNumber.order) { order, now in
            let step = order.beginWatching(tradeNumber, rules: rules, at: now)
            return Decision((step, order.attempt(tradeNumber)))
        }
        guard case .query = step, let attempt else { return .unchanged }
        return try await query(attempt)
    }

    /// Queries an attempt that was claimed.
    private func query(_ attempt: Attempt) async throws -> Outcome {
        let (rules, tradeNumber) = (parts.rules, attempt.number)
        let askedAt = parts.clock.now()
        let answer = await ProviderCalls(parts: parts).query(attempt)
        let outcome = try await settling(attempt) { order, isForeign, now in
            try order.finishWatching(
                isForeign ? .unknown(.answered(.otherTrade)) : answer, of: tradeNumber, askedAt: askedAt, rules: rules,
                at: now)
        } noting: { outcome in
            outcome == .stays && answer.isAnswered ? [] : [.called(.query, tradeNumber, answer: answer.words)]
        }
        guard case .close(let notedAt, let by, let before) = outcome else { return tell(outcome, attempt) }
        return try await close(attempt, notedAt: notedAt, by: by, closeUnansweredBefore: before)
    }

    /// Closes a superseded attempt. No call needs to wait for it: the close is recorded before it is sent, and a call
    /// that revives the attempt sees the record.
    private func close(
        _ attempt: Attempt, notedAt: Instant, by end: Instant, closeUnansweredBefore before: Instant?
    ) async throws -> Outcome {
        // The commit took so long that the close might arrive later than recorded: the next run sends it.
        guard parts.clock.now() + parts.rules.providerTimeout < end else { return .unchanged }
        let calls = ProviderCalls(parts: parts)
        let close = await calls.close(attempt)
        let queriedAt = parts.clock.now()
        let query = await calls.query(attempt)
        let report = CloseReport(tradeNumber: attempt.number, close: close, query: query, queriedAt: queriedAt)
        let outcome = try await settling(attempt) { order, isForeign, now in
            try order.finishWatchedClose(
                isForeign ? report.withoutReceipt : report, notedAt: notedAt, closeUnansweredBefore: before, at: now)
        } noting: { _ in
            report.notes
        }
        return tell(outcome, attempt)
    }

    /// Makes one decision that may settle money. If the money turns out to be another trade's, the decision is repeated
    /// without it.
    private func settling(
        _ attempt: Attempt, isForeign: Bool = false,
        _ decide: @escaping @Sendable (inout Order, _ isForeign: Bool, Instant) throws -> WatchOutcome,
        noting notes: @escaping @Sendable (WatchOutcome) -> [HistoryNote]
    ) async throws -> WatchOutcome {
        do {
            return try await parts.decide(on: attempt.number.order) { order, now in
                let outcome = try decide(&order, isForeign, now)
                return Decision(outcome, noting: notes(outcome))
            }
        } catch let foreign as PaymentOfAnotherTrade where !isForeign {
            parts.observer.saw(.needsPerson(foreign.channel, trade: attempt.number.text))
            return try await settling(attempt, isForeign: true, decide, noting: notes)
        }
    }

    private func tell(_ outcome: WatchOutcome, _ attempt: Attempt) -> Outcome {
        switch outcome {
        case .settled(let action):
            parts.observer.saw(action.observations(attempt.channel, attempt.number))
            return action == .alreadyRecorded ? .unchanged : .settled
        case .moved(let state):
            return state == .lapsed ? .lapsed : .closed
        case .stays, .close:
            return .unchanged
        }
    }
}
