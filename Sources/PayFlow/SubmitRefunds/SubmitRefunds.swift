public import PayCore

/// Carries out the stored refunds. Each is requested under its number until the provider accepts it, and then queried
/// until the money is returned.
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
    public func runOnce(
        at now: Instant, in share: ClockShare = .whole, limit: Int = Sweep.itemsPerRun
    ) async throws -> SweepReport<Outcome> {
        let due = try await (share.due ?? parts.due).refundsToAsk(
            on: parts.providers.channels, at: now, limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notRefunded) { Outcome(try await ask($0)) }
    }

    private func ask(_ reference: RefundReference, lostAreKnown: Bool = false) async throws -> RefundOutcome {
        let parts = parts
        let step = try await parts.decide(on: reference.order) { order, now in
            let terms = order.refundTerms(of: reference.number, parts.providers)
            if lostAreKnown { order.hasLookedForLostRefunds(of: reference.number, at: now) }
            return Decision(
                order.beginRefund(
                    reference.number, rules: parts.rules, terms: terms, lostAreKnown: lostAreKnown, at: now))
        }
        switch step {
        case .nothing:
            return .stays
        case .submit(let request, let channel):
            return try await finish(reference, request, channel, await submit(request, channel))
        case .follow(let request, let channel):
            return try await finish(reference, request, channel, await follow(request, channel))
        case .findLost(let trade, let payment):
            try await FindLostRefunds(parts: parts).run(of: trade, payment: payment)
            return try await ask(reference, lostAreKnown: true)
        case .stop(let outcome, let channel, let trade):
            parts.observer.saw(outcome.observations(channel, trade))
            return outcome
        }
    }

    /// A refusal is believed only if a query finds no such refund: an earlier request without an answer may have
    /// succeeded.
    private func submit(_ refund: RefundRequest, _ channel: Channel) async -> RefundAnswer {
        let calls = ProviderCalls(parts: parts)
        let answer = await calls.refund(refund, at: channel)
        switch answer {
        case .refused, .closed: break
        case .succeeded, .submitted, .held, .noSuchRefund, .unknown: return answer
        }
        let known = await calls.follow(refund, at: channel)
        return known == .noSuchRefund ? answer : known
    }

    /// A refund that the provider accepted and no longer knows is requested again: the same number is one refund. A
    /// refund that was made in the provider's console is never requested.
    private func follow(_ refund: RefundRequest, _ channel: Channel) async -> RefundAnswer {
        let answer = await ProviderCalls(parts: parts).follow(refund, at: channel)
        return answer == .noSuchRefund && refund.cause.isOurs ? await submit(refund, channel) : answer
    }

    private func finish(
        _ reference: RefundReference, _ request: RefundRequest, _ channel: Channel, _ answer: RefundAnswer
    ) async throws -> RefundOutcome {
        let outcome = try await parts.decide(on: reference.order) { order, now in
            let outcome = order.finishRefund(
                reference.number, answer, askedAs: request.number, at: now)
            return Decision(outcome, noting: [.called(.refund, request.tradeNumber, answer: answer.words)])
        }
        parts.observer.saw(outcome.observations(channel, request.tradeNumber))
        return outcome
    }
}

extension Order {
    /// The limits of the provider that a refund goes back by.
    fileprivate func refundTerms(of number: String, _ providers: Providers) -> RefundTerms {
        let channel = refunds.first { $0.number == number }.flatMap(channel(of:))
        return channel.flatMap { providers[$0]?.terms.refunds } ?? .unlimited
    }
}

extension RefundOutcome {
    func observations(_ channel: Channel, _ trade: TradeNumber) -> [Observation] {
        switch self {
        case .moved(let state): [.refund(channel, state, trade)]
        case .contradicted: [.needsPerson(channel, trade: trade.text)]
        case .stays: []
        }
    }
}
