public import PayCore

/// Gives back money that should not have come: asks the provider under the number that the refund has, as often as it
/// takes, and follows it until the provider says that it is back.
public struct SubmitRefunds: Sendable {
    /// Refunds in one run: the next run goes on.
    public static let refundsPerRun = 200

    /// How many refunds one run asked about, and what became of them.
    public struct Report: ClockReport, Hashable {
        /// The provider has taken it on.
        public internal(set) var submitted = 0
        public internal(set) var succeeded = 0
        /// The provider said no for good: a person is needed.
        public internal(set) var refused = 0
        /// The provider keeps refusing it, or waits for the merchant's balance: a person was told.
        public internal(set) var needAttention = 0
        /// Nothing new: asked again later.
        public internal(set) var waiting = 0
        /// It could not be asked, or not be stored.
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

    /// Asks for what is due at `now`. One refund's failure doesn't keep the others waiting: it is counted.
    public func runOnce(at now: Instant, limit: Int = refundsPerRun) async throws -> Report {
        let due = try await parts.ledger.refundsToAsk(on: parts.providers.channels, at: now, limit: limit)
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

    /// A refusal is believed once the provider, asked, knows of no such refund: an earlier request that nobody saw
    /// answered may have been done.
    private func submit(_ refund: Refund, _ channel: Channel) async -> RefundAnswer {
        let calls = ProviderCalls(parts: parts)
        let answer = await calls.refund(refund, at: channel)
        guard case .refused = answer else { return answer }
        let known = await calls.follow(refund, at: channel)
        return known == .noSuchRefund ? answer : known
    }

    /// A refund that the provider took on and does not know any more is asked for again: the same number is one refund.
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
