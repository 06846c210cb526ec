public import PayCore

/// The result of the merchant's close.
public enum CloseResult: Sendable {
    /// The order is closed, now or before.
    case closed(Order)
    /// `because` is the reason why a called provider's answer left the payment unknown.
    case refused(PayRefusal, because: ProviderWord? = nil)
}

/// The merchant closes an order. Every attempt that may take money is closed at its provider and queried first, so that
/// a payment made before the close pays the order.
public struct Close: Sendable {
    /// The most rounds of a call that has to wait for other work on its order.
    private static let mostRounds = 8
    /// Every attempt at most twice: a longer chain is a bug.
    private static let mostSteps = 2 * PayRules.mostAttempts

    private let parts: FlowParts
    private let singleFlight: SingleFlight

    public init(_ flows: Flows) {
        parts = flows.parts
        singleFlight = flows.singleFlight
    }

    /// Calls for one order that come together are one close, in the name of the first caller.
    public func callAsFunction(_ number: OrderNumber, by actor: Actor) async throws -> CloseResult {
        guard try await parts.reads.order(number) != nil else { return .refused(.noSuchOrder) }
        for _ in 0..<Self.mostRounds {
            if let result = try await singleFlight.close(number, { try await run(number, actor) }) { return result }
        }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    /// One step of the work: the decision, the order after it, and the call that must follow.
    private struct Begun: Sendable {
        let step: MerchantCloseStep
        let order: Order
        let call: NextCall?
    }

    private func run(_ number: OrderNumber, _ actor: Actor) async throws -> CloseResult {
        var right: LeaseRight?
        var heard = HeardWords()
        var asked: Set<TradeNumber> = []
        let note = AuditNote(actor, .orderClosed, on: number.text, of: number)
        var begun = try await begin(number, audit: note)
        for _ in 0..<Self.mostSteps {
            switch begun.step {
            case .done(let isNews):
                if isNews { parts.observer.saw(.orderEntered(.closed, number)) }
                return .closed(begun.order)
            case .refuse(let refusal):
                return .refused(refusal)
            case .wait:
                if let refusal = try await waitForOther(number) { return .refused(refusal) }
                // The entry of an interrupted close is stored already.
                begun = try await begin(number, audit: right == nil ? note : nil)
            case .close(let given, let tradeNumber):
                right = given
                asked.insert(tradeNumber)
                guard let call = begun.call else { throw OrderVanished(number: number) }
                switch try await makeWay(call, asked, &heard) {
                case .refuse(let refusal): return .refused(refusal, because: heard.word(on: refusal))
                case .begun(let next): begun = next
                }
            }
        }
        if let right { try await parts.giveBack(right, unanswered: false) }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    /// - Parameter audit: stored if the step changes the order.
    private func begin(
        _ number: OrderNumber, holding held: LeaseRight? = nil, asked: Set<TradeNumber> = [], audit: AuditNote? = nil
    ) async throws -> Begun {
        let parts = parts
        return try await parts.decide(on: number) { order, now in
            let begun = try Self.begin(&order, parts, holding: held, asked: asked, at: now)
            return Decision(
                begun.outcome, noting: begun.notes, audit: begun.outcome.step.changesOrder ? audit : nil)
        }
    }

    private static func begin(
        _ order: inout Order, _ parts: FlowParts, holding held: LeaseRight?, asked: Set<TradeNumber>, at now: Instant
    ) throws -> Decision<Begun> {
        let step = try order.beginMerchantClose(
            by: parts.worker, holding: held, asked: asked, rules: parts.rules, at: now,
            isConfigured: { parts.providers[$0] != nil })
        var call: NextCall?
        if case .close(let right, let number) = step { call = order.nextCall(about: number, under: right) }
        return Decision(Begun(step: step, order: order, call: call), noting: held == nil ? [.closeAsked] : [])
    }

    /// Waits, by reads alone, until the lease of another worker has ended. A refusal if that takes too long.
    private func waitForOther(_ number: OrderNumber) async throws -> PayRefusal? {
        var begin = parts.clock.now()
        while true {
            let order = try await parts.reads.order(number)
            let now = parts.clock.now()
            guard let order, let lease = order.lease, now < lease.endsAt, !lease.isUnanswered else { return nil }
            // The clock may have been set back.
            begin = min(begin, now)
            guard now < begin + FlowParts.patience else {
                return .inProgress(retryAfter: order.leaseLeft(at: now, rules: parts.rules))
            }
            try await parts.clock.sleep(for: FlowParts.lookEvery)
        }
    }

    private enum Way {
        case refuse(PayRefusal)
        case begun(Begun)
    }

    /// Closes one attempt and begins the next step, or refuses the close of the order. An unanswered query decides
    /// nothing: the order stays new, because the user may have paid.
    private func makeWay(
        _ call: NextCall, _ asked: Set<TradeNumber>, _ heard: inout HeardWords
    ) async throws -> Way {
        let (parts, right, number) = (parts, call.right, call.right.order)
        let chain = ClosingChain(parts: parts)
        guard let answers = try await chain.ask(call) else { return .refuse(try await refusalWhenFenced(number)) }
        heard.hear(answers.doubt)
        let wasUnanswered = answers.wasUnanswered
        let outcome = try await chain.finish(answers) { order, finished, now -> Decision<Begun?>? in
            switch finished.effect(on: order.state.name) {
            case .goOn:
                let next = try Self.begin(&order, parts, holding: right, asked: asked, at: now)
                return Decision(next.outcome, noting: next.notes)
            case .isUnknown:
                order.giveBackLease(right, unanswered: wasUnanswered)
                return Decision(nil)
            case .isPaid, .isFenced:
                return nil
            }
        }
        switch outcome.finished.effect(on: outcome.state) {
        case .goOn:
            if let next = outcome.next ?? nil { return .begun(next) }
            return .begun(try await begin(number, holding: right, asked: asked))
        case .isUnknown: return .refuse(.providerUnknown(retryAfter: answers.retryAfter(at: parts.clock.now())))
        case .isPaid: return .refuse(.orderNotNew(outcome.state))
        case .isFenced: return .refuse(try await refusalWhenFenced(number))
        }
    }

    private func refusalWhenFenced(_ number: OrderNumber) async throws -> PayRefusal {
        let state = try await parts.reads.order(number)?.state.name ?? .new
        return state == .new ? .inProgress(retryAfter: .seconds(1)) : .orderNotNew(state)
    }
}

extension FinishedClosing {
    fileprivate enum Effect {
        case goOn, isUnknown, isPaid, isFenced
    }

    /// The effect of one attempt's end on the close of its order.
    fileprivate func effect(on state: OrderStateName) -> Effect {
        switch self {
        case .closed, .lapsed, .returned, .exposed(isKnown: true): .goOn
        case .exposed(isKnown: false): .isUnknown
        // Disputed money pays nothing: the merchant, who decides about it, may close the order.
        case .settled: state == .new ? .goOn : .isPaid
        case .fenced: .isFenced
        }
    }
}

extension MerchantCloseStep {
    fileprivate var changesOrder: Bool {
        switch self {
        case .done(let isNews): isNews
        case .close: true
        case .wait, .refuse: false
        }
    }
}
