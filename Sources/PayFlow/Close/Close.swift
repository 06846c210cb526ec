public import PayCore

/// What the merchant's close comes to.
public enum CloseResult: Sendable {
    /// The order is closed; so it may have been before.
    case closed(Order)
    case refused(PayRefusal)
}

/// The merchant closes an order: whatever may take money is closed at its provider and asked after first, so that a
/// payment made before the close is honest money.
public struct Close: Sendable {
    /// How often a call begins again because other work on its order had to end first.
    private static let mostRounds = 8

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
        var asked: Set<TradeNumber> = []
        let lookUntil = parts.clock.now() + FlowParts.patience
        // Ends, because each round asks an attempt that was not asked before, or waits, which `lookUntil` bounds.
        while true {
            let (step, order) = try await begin(number, holding: right, asked: asked)
            switch step {
            case .done(let isNews):
                if isNews { parts.witness.saw(.orderEntered(.closed, number)) }
                return .closed(order)
            case .refuse(let refusal):
                return .refused(refusal)
            case .wait(let until):
                let now = parts.clock.now()
                guard now < lookUntil else { return .refused(.inProgress(retryAfter: until - now)) }
                try await parts.clock.sleep(for: FlowParts.lookEvery)
            case .close(let given, let tradeNumber):
                right = given
                asked.insert(tradeNumber)
                let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: given)
                if let refusal = try await refusal(after: outcome, given) { return .refused(refusal) }
            }
        }
    }

    private func begin(
        _ number: OrderNumber, holding held: LeaseRight?, asked: Set<TradeNumber>
    ) async throws -> (MerchantCloseStep, Order) {
        let now = parts.clock.now()
        return try await parts.ledger.update(number, at: now) { order in
            let step = try order.beginMerchantClose(
                by: parts.worker, holding: held, asked: asked, rules: parts.rules, at: now)
            return (step, order)
        }
    }

    /// Why the close can't go on, if so. A query that was not answered is no word of the provider's: the order stays
    /// new, because the user may have paid.
    private func refusal(after outcome: ClosingChain.Outcome, _ right: LeaseRight) async throws -> PayRefusal? {
        switch outcome.finished {
        case .closed, .exposed(isKnown: true):
            return nil
        case .exposed(isKnown: false):
            let now = parts.clock.now()
            try await parts.ledger.update(right.order, at: now) { order in
                order.giveBackLease(right, unanswered: outcome.wasUnanswered)
            }
            return .providerUnknown(retryAfter: outcome.wasUnanswered ? parts.rules.leaseLength : .seconds(1))
        case .settled, .fenced:
            guard let order = try await parts.ledger.order(right.order), order.state.name != .new else {
                return .inProgress(retryAfter: .seconds(1))
            }
            return .orderNotNew(order.state.name)
        }
    }
}
