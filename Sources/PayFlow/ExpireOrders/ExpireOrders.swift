public import PayCore

/// Ends the time of orders. An attempt that is open at its provider deadline is closed there, and an order expires when
/// none of its attempts can take money any more. Until then the order stays new, even after its deadline.
public struct ExpireOrders: Sendable {
    public enum Outcome: String, SweepOutcome {
        /// An attempt was closed.
        case closed
        case expired, skipped, failed

        public var isProgress: Bool { self != .skipped }
    }

    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// Ends what is due at `now`. A failure of one order is counted, and does not stop the others.
    public func runOnce(
        at now: Instant, in share: ClockShare = .whole, limit: Int = Sweep.itemsPerRun
    ) async throws -> SweepReport<Outcome> {
        let due = try await (share.due ?? parts.due).ordersToExpire(
            on: parts.providers.channels, at: now, limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notExpired) { try await close($0) }
    }

    private func close(_ number: OrderNumber) async throws -> Outcome {
        let parts = parts
        let (step, call) = try await parts.decide(on: number) { order, now in
            let step = try order.beginExpiry(by: parts.worker, rules: parts.rules, at: now)
            return Decision((step, step.nextCall(in: order)))
        }
        switch step {
        case .nothing:
            return .skipped
        case .close:
            guard let call else { return .skipped }
            return try await ClosingChain(parts: parts).run(call) ? .closed : .skipped
        case .expired:
            parts.observer.saw(.orderEntered(.expired, number))
            return .expired
        }
    }
}

extension ExpiryStep {
    fileprivate func nextCall(in order: Order) -> NextCall? {
        switch self {
        case .close(let right, let tradeNumber): order.nextCall(about: tradeNumber, under: right)
        case .nothing, .expired: nil
        }
    }
}
