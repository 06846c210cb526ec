public import PayCore

/// The result of a manual retry of a refund.
public enum RefundRetryResult: Sendable {
    /// The clock requests the refund within a second: the same one, or another one that returns the rest of the payment.
    case queued(Refund, of: Order)
    /// Only a failed refund, or one that needs attention, is retried.
    case notWaiting(Refund)
    /// The rest of the payment was refunded since: this is what is left of it.
    case tooMuch(left: Int64)
    case noSuchRefund
    case noSuchOrder
}

/// Retries a failed refund, or one that needs attention, by a person's word. No provider is called.
public struct RetryRefund: Sendable {
    private let decisions: any OrderDecisions
    private let clock: any PayClock

    public init(_ flows: Flows) {
        self.init(decisions: flows.parts.decisions, clock: flows.parts.clock)
    }

    /// For a process without providers.
    public init(decisions: any OrderDecisions, clock: any PayClock) {
        self.decisions = decisions
        self.clock = clock
    }

    /// - Parameter name: the merchant's number of the refund, or the provider's.
    public func callAsFunction(
        _ name: String, of number: OrderNumber, by actor: Actor
    ) async throws -> RefundRetryResult {
        let clock = clock
        let result = try await decisions.update(number, creating: nil, at: clock.now()) { order in
            guard let refund = order.refund(named: name) else { return Decision(RefundRetryResult.noSuchRefund) }
            switch order.retryRefund(refund.number, at: clock.now()) {
            case .queued:
                let queued = order.refundUnderWay(insteadOf: refund)
                return Decision(
                    .queued(queued, of: order),
                    audit: AuditNote(
                        actor, .refundRetried, on: queued.providerNumber, of: number, detail: "\(queued.money)"))
            case .notWaiting: return Decision(.notWaiting(refund))
            case .tooMuch(let left): return Decision(.tooMuch(left: left))
            }
        }
        return result ?? .noSuchOrder
    }
}

extension Order {
    /// The refund that a retry queued. It is another one if a part of the money had gone back in the meantime.
    fileprivate func refundUnderWay(insteadOf retried: Refund) -> Refund {
        let same = refunds.first { $0.number == retried.number }
        return same.flatMap { $0.state.isUnderWay ? $0 : nil } ?? refunds.last ?? retried
    }
}
