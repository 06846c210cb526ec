import PayCore

// An attempt stands in the way of the page that is asked for.
extension Opening {
    /// The reason why an attempt is closed.
    enum CloseReason {
        /// Another attempt follows.
        case makeWay
        /// The same, but only if the outcome is known.
        case mustBeKnown
        /// The provider refused the number, which may be open there all the same. The user has to ask for another.
        case endRefused
    }

    /// Closes the attempt that stands in the way, and decides the next step in the commit that stores the answers. The
    /// right is given back in that commit if the work ends with it.
    func makeWay(
        _ call: NextCall?, _ progress: inout Progress, as reason: CloseReason = .makeWay
    ) async throws -> Turn {
        let chain = ClosingChain(parts: parts)
        guard let call, let answers = try await chain.ask(call) else { return fenced(&progress) }
        progress.wasUnanswered = progress.wasUnanswered || answers.wasUnanswered
        progress.heard.hear(answers.doubt)
        progress.asked.insert(call.attempt.number)
        // The answers are stored even if the pauses can't be read. The next decision then has a commit of its own.
        let refusing = try? await parts.acceptance.refusing()
        let known = progress
        let outcome = try await chain.finish(answers) { order, finished, now -> Decision<Begun?>? in
            switch finished.effect(reason) {
            case .goOn:
                guard let refusing else { return nil }
                let next = try decide(&order, known, refusing: refusing, at: now)
                return Decision(next.outcome, usingUp: next.key, claiming: next.claim, noting: next.notes)
            case .refuse, .isSettled:
                order.giveBackLease(call.right, unanswered: known.wasUnanswered)
                return Decision(nil)
            case .isFenced:
                return nil
            }
        }
        switch outcome.finished.effect(reason) {
        case .goOn:
            guard let next = outcome.next ?? nil else { return .goOn }
            note(next, &progress)
            return .begun(next)
        case .refuse where reason == .mustBeKnown:
            return .done(.refused(.providerUnknown(retryAfter: answers.retryAfter(at: parts.clock.now()))))
        case .refuse: return .done(.refused(.providerRefused))
        case .isSettled(let action): return .done(.refused(action.refusal(of: outcome.state)))
        case .isFenced: return fenced(&progress)
        }
    }
}

extension FinishedClosing {
    fileprivate enum Effect {
        case goOn, refuse, isFenced
        case isSettled(SettleAction)
    }

    /// The effect of a close on the work.
    fileprivate func effect(_ reason: Opening.CloseReason) -> Effect {
        switch self {
        case .settled(let action): .isSettled(action)
        case .fenced: .isFenced
        case .exposed(isKnown: false): reason == .makeWay ? .goOn : .refuse
        case .closed, .lapsed, .exposed(isKnown: true), .returned: reason == .endRefused ? .refuse : .goOn
        }
    }
}
