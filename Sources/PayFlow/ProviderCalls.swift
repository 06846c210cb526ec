import PayCore

/// Provider calls that are counted. Each is made outside any transaction.
struct ProviderCalls: Sendable {
    let parts: FlowParts

    func create(_ request: CreateRequest) async -> CreateAnswer {
        guard let provider = parts.providers[request.channel] else { return .notSent(reason: "channel not configured") }
        let answer = await provider.create(request)
        count(request.channel, .create, request.tradeNumber, answer.outcome)
        switch answer {
        case .refused(let reason), .notSent(let reason):
            parts.witness.saw(.refused(request.channel, request.tradeNumber, reason: reason))
        case .made, .unknown, .alreadyPaid, .alreadyClosed: break
        }
        return answer
    }

    func query(_ attempt: Attempt) async -> QueryAnswer {
        guard let provider = parts.providers[attempt.channel] else { return .unknown(.answered) }
        let answer = await provider.query(TradeReference(attempt))
        count(attempt.channel, .query, attempt.number, answer.outcome)
        return answer
    }

    func close(_ attempt: Attempt) async -> CloseAnswer {
        guard let provider = parts.providers[attempt.channel] else { return .unknown(.answered) }
        let answer = await provider.close(TradeReference(attempt))
        count(attempt.channel, .close, attempt.number, answer.outcome)
        return answer
    }

    private func count(
        _ channel: Channel, _ operation: ProviderOperation, _ trade: TradeNumber, _ outcome: CallOutcome
    ) {
        parts.witness.saw(.providerCall(channel, operation, outcome, trade))
    }
}

extension CreateAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .made, .alreadyPaid, .alreadyClosed: .ok
        case .refused, .notSent: .refused
        case .unknown: .unknown
        }
    }
}

extension QueryAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .paid, .unpaid, .closed, .noSuchTrade: .ok
        case .unknown: .unknown
        }
    }

    var wasUnanswered: Bool { self == .unknown(.unanswered) }
}

extension CloseAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .accepted, .alreadyPaid: .ok
        case .noSuchTrade, .tooEarly, .refused: .refused
        case .unknown: .unknown
        }
    }

    var wasUnanswered: Bool { self == .unknown(.unanswered) }
}
