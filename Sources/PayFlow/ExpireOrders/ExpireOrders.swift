public import PayCore

/// The end of an order's time: what is still open at its provider deadline is closed there, and an order ends when none
/// of its attempts can hold money any more. Until then it stays new, whatever its countdown says.
public struct ExpireOrders: Sendable {
    /// Orders in one run: the next run goes on.
    public static let ordersPerRun = 200

    /// How many orders one run looked at, and what became of them.
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

    /// Ends what is over at `now`. One order's failure doesn't keep the others waiting: it is counted.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> Report {
        let due = try await parts.ledger.ordersToExpire(on: parts.providers.channels, at: now, limit: limit)
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
        let step = try await parts.decide(on: number) { order, now in
            Decision(try order.beginExpiry(by: parts.worker, rules: parts.rules, at: now))
        }
        switch step {
        case .nothing:
            return .skipped
        case .close(let right, let tradeNumber):
            return try await ClosingChain(parts: parts).runToTheEnd(tradeNumber, under: right) ? .closed : .skipped
        case .expired:
            parts.witness.saw(.orderEntered(.expired, number))
            return .expired
        }
    }
}
