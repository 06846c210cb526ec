public import PayCore

/// Refunds money that should not have arrived. It requests the refund under its existing number until the provider
/// accepts it, and then queries it until the money is returned.
public struct SubmitRefunds: Sendable {
    /// Refunds in one run; the next run continues.
    public static let refundsPerRun = 200

    /// The number of refunds in one run, and their outcomes.
    public struct Report: ClockReport, Hashable {
        /// The provider accepted the refund.
        public internal(set) var submitted = 0
        public internal(set) var succeeded = 0
        /// The provider refused for good: manual action is needed.
        public internal(set) var refused = 0
        /// The provider keeps refusing, or waits for the merchant's balance: an event reports it.
        public internal(set) var needAttention = 0
        /// Nothing new: the provider is called again later.
        public internal(set) var waiting = 0
        /// The provider could not be called, or the answer could not be stored.
        public internal(set) var failed = 0
        public internal(set) var reachedLimit = false

        public var isEmpty: Bool { submitted + succeeded + refused + needAttention + waiting + failed == 0 }

        public var figures: [ClockFigure] {
            [
                ClockFigure("submitted", submitted), ClockFigure("succeeded", succeeded),
                ClockFigure("refused", refused), ClockFigure("need_attention", needAttention),
                ClockFigure("waiting", waiting), ClockFigure("failed", failed),
            ]
        }
    }

    private enum Outcome {
        case asked(RefundOutcome)
        case failed
    }

    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// Handles the refunds that are due at `now`. A failure of one refund is counted, and does not stop the others.
    public func runOnce(at now: Instant, limit: Int = refundsPerRun) async throws -> Report {
        let due = try await parts.due.refundsToAsk(on: parts.providers.channels, at: now, limit: limit)
        var report = Report()
        for outcome in await Crew().work(on: due, { await send($0) }) {
            switch outcome {
            case .asked(.moved(.submitted)): report.submitted += 1
            case .asked(.moved(.succeeded)): report.succeeded += 1
            case .asked(.moved(.failed)): report.refused += 1
            case .asked(.moved(.needsAttention)): report.needAttention += 1
            case .asked(.moved(.pending)), .asked(.stays), .asked(.contradicted): report.waiting += 1
            case .failed: report.failed += 1
            }
        }
        report.reachedLimit = due.count == limit && report.failed < limit
        return report
    }

    private func send(_ reference: RefundReference) async -> Outcome {
        do {
            return .asked(try await ask(reference))
        } catch {
            parts.witness.saw(.notRefunded(reference, why: String(describing: error)))
            return .failed
        }
    }

    private func ask(_ reference: RefundReference) async throws -> RefundOutcome {
        let rules = parts.rules
        let step = try await parts.decide(on: reference.order) { order, now in
            Decision(order.beginRefund(reference.number, rules: rules, at: now))
        }
        switch step {
        case .nothing:
            return .stays
        case .submit(let refund, let channel):
            return try await finish(refund, channel, await submit(refund, channel))
        case .follow(let refund, let channel):
            return try await finish(refund, channel, await follow(refund, channel))
        }
    }

    /// A refusal is believed only if a query finds no such refund: an earlier request without an answer may have
    /// succeeded.
    private func submit(_ refund: Refund, _ channel: Channel) async -> RefundAnswer {
        let calls = ProviderCalls(parts: parts)
        let answer = await calls.refund(refund, at: channel)
        guard case .refused = answer else { return answer }
        let known = await calls.follow(refund, at: channel)
        return known == .noSuchRefund ? answer : known
    }

    /// A refund that the provider accepted and no longer knows is requested again: the same number is one refund.
    private func follow(_ refund: Refund, _ channel: Channel) async -> RefundAnswer {
        let answer = await ProviderCalls(parts: parts).follow(refund, at: channel)
        return answer == .noSuchRefund ? await submit(refund, channel) : answer
    }

    private func finish(_ refund: Refund, _ channel: Channel, _ answer: RefundAnswer) async throws -> RefundOutcome {
        let outcome = try await parts.decide(on: refund.tradeNumber.order) { order, now in
            let outcome = order.finishRefund(refund.number, answer, at: now)
            return Decision(outcome, noting: [.called(.refund, refund.tradeNumber, answer: answer.words)])
        }
        if case .moved(let state) = outcome { parts.witness.saw(.refund(channel, state, refund.tradeNumber)) }
        return outcome
    }
}
