import PayCore

/// Provider calls with metrics. Each call is made outside of any transaction.
struct ProviderCalls: Sendable {
    let parts: FlowParts

    func create(_ request: CreateRequest) async -> CreateAnswer {
        guard let provider = parts.providers[request.channel] else { return .notSent(reason: "channel not configured") }
        let answer = await provider.create(request)
        count(request.channel, .create, request.tradeNumber, answer.outcome, answer.doubt)
        switch answer {
        case .refused(let reason):
            parts.observer.saw(.refused(request.channel, request.tradeNumber, reason: reason))
        case .notSent(let reason, _):
            parts.observer.saw(.notSent(request.channel, request.tradeNumber, reason: reason))
        case .made, .unknown, .alreadyPaid, .alreadyClosed: break
        }
        return answer
    }

    func query(_ attempt: Attempt) async -> QueryAnswer {
        guard let provider = parts.providers[attempt.channel] else { return .unknown(.answered(.connection)) }
        let answer = await provider.query(TradeReference(attempt))
        count(attempt.channel, .query, attempt.number, answer.outcome, answer.doubt)
        return answer
    }

    func close(_ attempt: Attempt) async -> CloseAnswer {
        guard let provider = parts.providers[attempt.channel] else { return .unknown(.answered(.connection)) }
        let answer = await provider.close(TradeReference(attempt))
        count(attempt.channel, .close, attempt.number, answer.outcome, answer.doubt)
        return answer
    }

    func refund(_ refund: RefundRequest, at channel: Channel) async -> RefundAnswer {
        guard let provider = parts.providers[channel] else { return .unknown(.answered(.connection)) }
        return counted(await provider.refund(refund), refund, channel)
    }

    func follow(_ refund: RefundRequest, at channel: Channel) async -> RefundAnswer {
        guard let provider = parts.providers[channel] else { return .unknown(.answered(.connection)) }
        return counted(await provider.follow(refund), refund, channel)
    }

    func findRefund(_ number: String, of attempt: Attempt, payment: TransactionID) async -> ForeignRefundAnswer {
        guard let provider = parts.providers[attempt.channel] else { return .unknown(.answered(.connection)) }
        let answer = await provider.findRefund(number, of: TradeReference(attempt), payment: payment)
        count(attempt.channel, .refund, attempt.number, answer.doubt == nil ? .ok : .unknown, answer.doubt)
        return answer
    }

    private func counted(_ answer: RefundAnswer, _ refund: RefundRequest, _ channel: Channel) -> RefundAnswer {
        count(channel, .refund, refund.tradeNumber, answer.outcome, answer.doubt)
        switch answer {
        case .refused(let reason), .closed(let reason):
            parts.observer.saw(.refused(channel, refund.tradeNumber, reason: reason))
        case .succeeded, .submitted, .held, .noSuchRefund, .unknown: break
        }
        return answer
    }

    private func count(
        _ channel: Channel, _ operation: ProviderOperation, _ trade: TradeNumber, _ outcome: CallOutcome,
        _ doubt: Doubt?
    ) {
        parts.observer.saw(.providerCall(channel, operation, outcome, trade, doubt))
    }
}

extension CreateAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .made, .alreadyPaid, .alreadyClosed: .ok
        case .refused: .refused
        case .notSent, .unknown: .unknown
        }
    }

    /// For an order's history.
    var words: String {
        switch self {
        case .made: "made"
        case .refused(let reason): "refused: \(reason)"
        case .notSent(let reason, _): "not sent: \(reason)"
        case .unknown(let doubt): doubt.words
        case .alreadyPaid: "already paid"
        case .alreadyClosed: "already closed"
        }
    }
}

extension CreateReport {
    /// The note for the order's history.
    var note: HistoryNote { .called(.create, request.tradeNumber, answer: answer.words) }
}

extension QueryAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .paid, .unpaid, .closed, .noSuchTrade: .ok
        case .unknown: .unknown
        }
    }

    /// Whether the provider gave any answer about the trade.
    var isAnswered: Bool { doubt == nil }

    /// For an order's history.
    var words: String {
        switch self {
        case .paid(let receipt): "paid by \(receipt.transactionID)"
        case .unpaid: "unpaid"
        case .closed: "closed"
        case .noSuchTrade: "no such trade"
        case .unknown(let doubt): doubt.words
        }
    }
}

extension CloseAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .accepted, .alreadyPaid: .ok
        case .noSuchTrade, .tooEarly, .refused: .refused
        case .unknown: .unknown
        }
    }

    /// For an order's history.
    var words: String {
        switch self {
        case .accepted: "accepted"
        case .alreadyPaid: "already paid"
        case .noSuchTrade: "no such trade"
        case .tooEarly: "too early"
        case .refused(let reason): "refused: \(reason)"
        case .unknown(let doubt): doubt.words
        }
    }
}

extension RefundAnswer {
    fileprivate var outcome: CallOutcome {
        switch self {
        case .succeeded, .submitted, .held: .ok
        case .refused, .closed, .noSuchRefund: .refused
        case .unknown: .unknown
        }
    }

    /// For an order's history.
    var words: String {
        switch self {
        case .succeeded: "succeeded"
        case .submitted: "submitted"
        case .held(let error): "submitted, held: \(error.words)"
        case .refused(let reason): "refused: \(reason)"
        case .closed(let reason): "closed: \(reason)"
        case .noSuchRefund: "no such refund"
        case .unknown(let doubt): doubt.words
        }
    }
}

extension Doubt {
    fileprivate var words: String {
        let why = reason.error.map { "code:\($0.words)" } ?? reason.text
        if reason.error?.weight == .refusal { return HistoryNote.unlistedRefusal + why }
        return isUnanswered ? "unknown, no answer: \(why)" : "unknown: \(why)"
    }
}

extension ProviderError {
    fileprivate var words: String { message.map { "\(code), \($0)" } ?? code }
}
