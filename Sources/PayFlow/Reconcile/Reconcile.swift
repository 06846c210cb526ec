public import PayCore

/// Asks providers what became of attempts that may hold money, so that a notice that was lost is not missed: often at
/// first and rarely later, at the provider deadline, and once more when the provider's last word is due.
public struct Reconcile: Sendable {
    /// Attempts in one run: the next run goes on.
    public static let attemptsPerRun = 200

    /// How many attempts one run asked after, and what came of it.
    public struct Report: ClockReport, Hashable {
        /// Nothing new.
        public internal(set) var unchanged = 0
        /// Money that nobody had told us of.
        public internal(set) var settled = 0
        public internal(set) var closed = 0
        public internal(set) var lapsed = 0
        public internal(set) var failed = 0
        public internal(set) var reachedLimit = false

        public var isEmpty: Bool { unchanged + settled + closed + lapsed + failed == 0 }

        public var figures: [ClockFigure] {
            [
                ClockFigure("unchanged", unchanged), ClockFigure("settled", settled), ClockFigure("closed", closed),
                ClockFigure("lapsed", lapsed), ClockFigure("failed", failed),
            ]
        }
    }

    private enum Outcome {
        case unchanged, settled, closed, lapsed, failed
    }

    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// Asks after what is due at `now`. One attempt's failure doesn't keep the others waiting: it is counted.
    public func runOnce(at now: Instant, limit: Int = attemptsPerRun) async throws -> Report {
        let due = try await parts.ledger.attemptsToWatch(on: parts.providers.channels, at: now, limit: limit)
        var report = Report()
        for outcome in await Crew().work(on: due, { await watch($0) }) {
            switch outcome {
            case .unchanged: report.unchanged += 1
            case .settled: report.settled += 1
            case .closed: report.closed += 1
            case .lapsed: report.lapsed += 1
            case .failed: report.failed += 1
            }
        }
        report.reachedLimit = due.count == limit && report.failed < limit
        return report
    }

    private func watch(_ tradeNumber: TradeNumber) async -> Outcome {
        do {
            return try await ask(tradeNumber)
        } catch {
            parts.witness.saw(.notReconciled(tradeNumber, why: String(describing: error)))
            return .failed
        }
    }

    private func ask(_ tradeNumber: TradeNumber) async throws -> Outcome {
        let rules = parts.rules
        let (step, attempt) = try await parts.decide(on: tradeNumber.order) { order, now in
            let step = order.beginWatching(tradeNumber, rules: rules, at: now)
            return Decision((step, order.attempt(tradeNumber)))
        }
        guard case .query = step, let attempt else { return .unchanged }
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

    /// We offer it no more, and it can be closed now. Nobody has to wait for that: should somebody open it again, the
    /// close was noted before it is sent.
    private func close(
        _ attempt: Attempt, notedAt: Instant, by end: Instant, closeUnansweredBefore before: Instant?
    ) async throws -> Outcome {
        // The commit took so long that the close might land later than was noted: the next run sends it.
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

    /// One decision that may settle money; once more without it, where it turns out to be another trade's.
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
            parts.witness.saw(.needsPerson(foreign.channel, trade: attempt.number.text))
            return try await settling(attempt, isForeign: true, decide, noting: notes)
        }
    }

    private func tell(_ outcome: WatchOutcome, _ attempt: Attempt) -> Outcome {
        switch outcome {
        case .settled(let action):
            parts.witness.saw(action.observations(attempt.channel, attempt.number))
            return action == .alreadyRecorded ? .unchanged : .settled
        case .moved(let state):
            return state == .lapsed ? .lapsed : .closed
        case .stays, .close:
            return .unchanged
        }
    }
}
