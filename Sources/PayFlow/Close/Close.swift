public import PayCore

/// The result of the merchant's close.
public enum CloseResult: Sendable {
    /// The order is closed, by this call or before it.
    case closed(Order)
    /// `because` is the reason that a provider's outcome is unknown, if a provider was called.
    case refused(PayRefusal, because: ProviderWord? = nil)
}

/// Closes an order for the merchant. Every attempt that may take money is first closed at its provider and queried, so
/// that a payment before the close counts as honest.
public struct Close: Sendable {
    /// How often a call begins again because other work on its order had to end first.
    private static let mostRounds = 8
    /// Each attempt is closed at most twice. A longer chain is a bug.
    private static let mostSteps = 2 * PayRules.mostAttempts

    private let parts: FlowParts
    private let turnstile: Turnstile

    public init(_ stories: Stories) {
        parts = stories.parts
        turnstile = stories.turnstile
    }

    public func callAsFunction(_ number: OrderNumber) async throws -> CloseResult {
        guard try await parts.ledger.order(number) != nil else { return .refused(.noSuchOrder) }
        for _ in 0..<Self.mostRounds {
            if let result = try await turnstile.close(number, { try await run(number) }) { return result }
        }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private func run(_ number: OrderNumber) async throws -> CloseResult {
        var right: LeaseRight?
        var heard = HeardWords()
        var asked: Set<TradeNumber> = []
        for _ in 0..<Self.mostSteps {
            let (step, order) = try await begin(number, holding: right, asked: asked)
            switch step {
            case .done(let isNews):
                if isNews { parts.witness.saw(.orderEntered(.closed, number)) }
                return .closed(order)
            case .refuse(let refusal):
                return .refused(refusal)
            case .wait:
                if let refusal = try await waitForOther(number) { return .refused(refusal) }
            case .close(let given, let tradeNumber):
                right = given
                asked.insert(tradeNumber)
                if let refusal = try await makeWay(tradeNumber, given, &heard) {
                    return .refused(refusal, because: heard.word(on: refusal))
                }
            }
        }
        if let right { try await parts.giveBack(right, unanswered: false) }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private func begin(
        _ number: OrderNumber, holding held: LeaseRight?, asked: Set<TradeNumber>
    ) async throws -> (MerchantCloseStep, Order) {
        let parts = parts
        return try await parts.decide(on: number) { order, now in
            let step = try order.beginMerchantClose(
                by: parts.worker, holding: held, asked: asked, rules: parts.rules, at: now,
                isConfigured: { parts.providers[$0] != nil })
            return Decision((step, order), noting: held == nil ? [.closeAsked] : [])
        }
    }

    /// Polls by reads only until no other worker holds the order; a refusal if that takes too long.
    private func waitForOther(_ number: OrderNumber) async throws -> PayRefusal? {
        var begin = parts.clock.now()
        while true {
            let order = try await parts.ledger.order(number)
            let now = parts.clock.now()
            guard let order, let lease = order.lease, now < lease.endsAt, !lease.isUnanswered else { return nil }
            // The clock may be set back during the wait.
            begin = min(begin, now)
            guard now < begin + FlowParts.patience else {
                return .inProgress(retryAfter: order.leaseLeft(at: now, rules: parts.rules))
            }
            try await parts.clock.sleep(for: FlowParts.lookEvery)
        }
    }

    /// Closes one attempt, or returns the refusal. If a query is not answered the order stays new, because the buyer
    /// may have paid.
    private func makeWay(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ heard: inout HeardWords
    ) async throws -> PayRefusal? {
        guard let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: right) else {
            return try await refusalWhenFenced(right.order)
        }
        heard.hear(outcome.doubt)
        switch outcome.finished {
        case .closed, .lapsed, .returned, .exposed(isKnown: true):
            return nil
        case .exposed(isKnown: false):
            try await parts.giveBack(right, unanswered: outcome.wasUnanswered)
            return .providerUnknown(retryAfter: outcome.retryAfter(at: parts.clock.now()))
        case .settled:
            // Disputed money pays nothing. The merchant, who decides about it, may close the order.
            return outcome.state == .new ? nil : .orderNotNew(outcome.state)
        case .fenced:
            return try await refusalWhenFenced(right.order)
        }
    }

    private func refusalWhenFenced(_ number: OrderNumber) async throws -> PayRefusal {
        let state = try await parts.ledger.order(number)?.state.name ?? .new
        return state == .new ? .inProgress(retryAfter: .seconds(1)) : .orderNotNew(state)
    }
}
