public import PayCore

/// Tells which changes of an order a person can make now, and why the others are refused. The rules are applied to a copy
/// of the order, so that nothing is stored and no provider is called.
///
/// The answer is for a page. The flow that makes the change decides again.
public struct PossibleChanges: Sendable {
    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// Whether the order can be closed.
    public func close(_ order: Order) throws -> PossibleClose {
        var copy = order
        let parts = parts
        let step = try copy.beginMerchantClose(
            by: parts.worker, holding: nil, asked: [], rules: parts.rules, at: parts.clock.now(),
            isConfigured: { parts.providers[$0] != nil })
        return switch step {
        case .done(let isNews): isNews ? .possible : .alreadyClosed
        case .refuse(let refusal): .refused(refusal)
        case .wait, .close: .possible
        }
    }

    /// Whether the refund can be requested.
    public func refund(_ wish: RefundWish, of order: Order) -> PossibleRefund {
        var copy = order
        let limits = order.payment.map { parts.providers[$0.receipt.channel]?.terms.refunds }
        switch copy.requestRefund(wish, terms: (limits ?? nil) ?? .unlimited, at: parts.clock.now()) {
        case .made(let refund), .known(let refund):
            if let payment = order.payment, limits == .some(nil) { return .channelMissing(payment.receipt.channel) }
            return .possible(refund.money)
        case .refused(let refusal):
            return .refused(refusal)
        }
    }

    /// Whether the refund can be retried.
    public func retry(_ refund: Refund, of order: Order) -> RefundRetry {
        var copy = order
        return copy.retryRefund(refund.number, at: parts.clock.now())
    }

    /// The outcome that the decision about a disputed payment would have now.
    public func decide(_ verdict: DisputeVerdict, on receipt: Receipt, of order: Order) throws -> RulingOutcome {
        var copy = order
        return try copy.decideDispute(receipt.transactionID, of: receipt.tradeNumber, verdict, at: parts.clock.now())
    }

    /// Whether the provider can be queried about the attempt.
    public func query(_ attempt: Attempt, of order: Order) -> PossibleQuery {
        guard parts.providers[attempt.channel] != nil else { return .channelMissing(attempt.channel) }
        var copy = order
        let now = parts.clock.now()
        copy.hearOfChange(of: attempt.number, at: now)
        return copy.beginWatching(attempt.number, rules: parts.rules, at: now) == .nothing ? .notAsked : .possible
    }
}

/// Whether an order can be closed.
public enum PossibleClose: Hashable, Sendable {
    case possible
    case alreadyClosed
    case refused(PayRefusal)
}

/// Whether a refund can be requested.
public enum PossibleRefund: Hashable, Sendable {
    /// The money that would go back.
    case possible(Money)
    case refused(RefundRefusal)
    /// The channel that was paid by is not configured.
    case channelMissing(Channel)
}

/// Whether the provider can be queried about an attempt.
public enum PossibleQuery: Hashable, Sendable {
    case possible
    /// The attempt is over, or a call about it is under way.
    case notAsked
    case channelMissing(Channel)
}
