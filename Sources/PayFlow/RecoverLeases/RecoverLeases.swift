public import PayCore

/// What a process that died, or an answer that never came, left behind: found at start and on a timer, and finished
/// under a newer fence with the number that it had.
public struct RecoverLeases: Sendable {
    /// Orders in one run: each may take two provider time-outs, and the loop has other work.
    public static let ordersPerRun = 50

    /// How many orders one run looked at, and what became of them.
    public struct Report: Hashable, Sendable {
        public var asked = 0
        public var closed = 0
        public var skipped = 0
        public var failed = 0

        public init() {}

        /// Whether there was nothing to do.
        public var isEmpty: Bool { self == Report() }
    }

    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// Takes over what is due at `now`. One order's failure doesn't keep the others waiting: it is counted.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> Report {
        var report = Report()
        for number in try await parts.ledger.ordersToRecover(at: now, limit: limit) {
            if Task.isCancelled { break }
            do {
                try await recover(number, &report)
            } catch {
                report.failed += 1
            }
        }
        return report
    }

    private func recover(_ number: OrderNumber, _ report: inout Report) async throws {
        let now = parts.clock.now()
        let step = try await parts.ledger.update(number, at: now) { order in
            let terms = order.liveAttempt.flatMap { parts.providers[$0.channel]?.terms }
            return try order.beginRecovery(by: parts.worker, terms: terms, rules: parts.rules, at: now)
        }
        switch step {
        case .nothing:
            report.skipped += 1
        case .create(let right, let create):
            parts.witness.saw(.recovered(number))
            try await ask(create, under: right)
            report.asked += 1
        case .close(let right, let tradeNumber):
            parts.witness.saw(.recovered(number))
            try await close(tradeNumber, under: right)
            report.closed += 1
        }
    }

    private func ask(_ create: CreateRequest, under right: LeaseRight) async throws {
        let answer = await ProviderCalls(parts: parts).create(create)
        let now = parts.clock.now()
        let wish = PageWish(
            channel: create.channel, terminal: create.terminal, openID: create.openID)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let finished = try await parts.ledger.update(right.order, at: now) { order in
            try order.finishOpening(report, under: right, at: now)
        }
        switch finished {
        case .serve:
            parts.witness.saw(.pageMinted(create.channel, create.terminal))
        case .close(let tradeNumber), .query(let tradeNumber):
            // Paid or closed, says a create: closing asks the same question, and stores whatever the answer is.
            try await close(tradeNumber, under: right)
        case .refuse, .fenced, .settled, .beginAgain:
            break
        }
    }

    private func close(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws {
        let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: right)
        try await parts.ledger.update(right.order, at: parts.clock.now()) { order in
            order.giveBackLease(right, unanswered: outcome.wasUnanswered)
        }
    }
}
