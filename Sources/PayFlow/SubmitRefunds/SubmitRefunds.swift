public import PayCore

/// Refunds money that should not have arrived. It requests the refund under its existing number until the provider
/// accepts it, and then queries it until the money is returned.
public struct SubmitRefunds: Sendable {
    public enum Outcome: String, SweepOutcome {
        /// The provider accepted the refund.
        case submitted
        case succeeded
        /// The provider refused for good: manual action is needed.
        case refused
        /// The provider keeps refusing, or waits for the merchant's balance: an event reports it.
        case needAttention = "need_attention"
        /// Nothing new: the provider is called again later.
        case waiting
        /// The provider could not be called, or the answer could not be stored.
        case failed

        public var isProgress: Bool { true }

        init(_ outcome: RefundOutcome) {
            switch outcome {
            case .moved(.submitted): self = .submitted
            case .moved(.succeeded): self = .succeeded
            case .moved(.failed): self = .refused
            case .moved(.needsAttention): self = .needAttention
            case .moved(.pending), .stays, .contradicted: self = .waiting
            }
        }
    }

    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// Handles the refunds that are due at `now`. A failure of one refund is counted, and does not stop the others.
    public func runOnce(at now: Instant, limit: Int = Sweep.itemsPerRun) async throws -> SweepReport<Outcome> {
        let due = try await parts.due.refundsToAsk(on: parts.providers.channels, at: now, limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notRefunded) { Outcome(try await ask($0)) }
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
        if case .moved(let state) = outcome { parts.observer.saw(.refund(channel, state, refund.tradeNumber)) }
        return outcome
    }
}
