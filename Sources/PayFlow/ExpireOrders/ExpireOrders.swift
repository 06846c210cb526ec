public import PayCore

/// Ends the time of orders. An attempt that is open at its provider deadline is closed there, and an order expires when
/// none of its attempts can take money any more. Until then the order stays new, even after its deadline.
public struct ExpireOrders: Sendable {
    /// Orders in one run; the next run continues.
    public static let ordersPerRun = 200

    /// The number of orders in one run, and their outcomes.
    public struct Report: ClockReport, Hashable {
        /// An attempt was closed.
        public internal(set) var closed = 0
        public internal(set) var expired = 0
        public internal(set) var skipped = 0
        public internal(set) var failed = 0
        public internal(set) var reachedLimit = false

        public var isEmpty: Bool { closed + expired + failed == 0 }

        public var figures: [ClockFigure] {
            [
                ClockFigure("closed", closed), ClockFigure("expired", expired), ClockFigure("skipped", skipped),
                ClockFigure("failed", failed),
            ]
        }
    }

    private enum Outcome {
        case closed, expired, skipped, failed
    }

    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// Ends what is due at `now`. A failure of one order is counted, and does not stop the others.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> Report {
        let due = try await parts.due.ordersToExpire(on: parts.providers.channels, at: now, limit: limit)
        var report = Report()
        for outcome in await Crew().work(on: due, { await end($0) }) {
            switch outcome {
            case .closed: report.closed += 1
            case .expired: report.expired += 1
            case .skipped: report.skipped += 1
            case .failed: report.failed += 1
            }
        }
        report.reachedLimit = due.count == limit && report.failed + report.skipped < limit
        return report
    }

    private func end(_ number: OrderNumber) async -> Outcome {
        do {
            return try await close(number)
        } catch {
            parts.witness.saw(.notExpired(number, why: String(describing: error)))
            return .failed
        }
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
            parts.witness.saw(.orderEntered(.expired, number))
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
