public import PayCore

/// What a process that died, or an answer that never came, left behind: found at start and on a timer, and finished
/// under a newer fence with the number that it had.
public struct RecoverLeases: Sendable {
    /// Orders in one run: the loop has other work, and the next run goes on.
    public static let ordersPerRun = 200
    /// Orders at a time: one provider that doesn't answer takes a time-out for each, and must not hold up the others.
    static let ordersAtATime = 8

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

    fileprivate enum Outcome {
        case asked, closed, skipped, failed
    }

    private let parts: FlowParts

    public init(_ stories: Stories) {
        parts = stories.parts
    }

    /// Takes over what is due at `now`. One order's failure doesn't keep the others waiting: it is counted. When the
    /// task is cancelled nothing more is begun, and what is under way is finished.
    public func runOnce(at now: Instant, limit: Int = ordersPerRun) async throws -> Report {
        let due = try await parts.ledger.ordersToRecover(on: parts.providers.channels, at: now, limit: limit)
        var report = Report()
        await withTaskGroup(of: Outcome.self) { group in
            for (index, number) in due.enumerated() {
                if index >= Self.ordersAtATime, let outcome = await group.next() { report.count(outcome) }
                if Task.isCancelled { break }
                // A task of its own: a provider call is not cut short because nothing more shall be begun.
                let work = Task { await recover(number) }
                group.addTask { await work.value }
            }
            for await outcome in group { report.count(outcome) }
        }
        return report
    }

    private func recover(_ number: OrderNumber) async -> Outcome {
        do {
            return try await takeOver(number)
        } catch {
            parts.witness.saw(.notRecovered(number, why: String(describing: error)))
            return .failed
        }
    }

    private func takeOver(_ number: OrderNumber) async throws -> Outcome {
        let parts = parts
        let step = try await parts.decide(on: number) { order, now in
            let terms = order.liveAttempt.flatMap { parts.providers[$0.channel]?.terms }
            return Decision(
                try order.beginRecovery(by: parts.worker, terms: terms, rules: parts.rules, at: now))
        }
        switch step {
        case .nothing:
            return .skipped
        case .create(let right, let create):
            parts.witness.saw(.recovered(number))
            try await ask(create, under: right)
            return .asked
        case .close(let right, let tradeNumber):
            parts.witness.saw(.recovered(number))
            try await close(tradeNumber, under: right)
            return .closed
        }
    }

    private func ask(_ create: CreateRequest, under right: LeaseRight) async throws {
        guard let right = try await parts.cover(right) else { return }
        let answer = await ProviderCalls(parts: parts).create(create)
        let wish = PageWish(channel: create.channel, terminal: create.terminal, openID: create.openID)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let finished = try await parts.decide(on: right.order) { order, now in
            Decision(try order.finishOpening(report, under: right, at: now))
        }
        switch finished {
        case .serve:
            parts.witness.saw(.pageMinted(create.channel, create.terminal))
        case .close(let tradeNumber):
            try await close(tradeNumber, under: right)
        case .query(let tradeNumber):
            let outcome = try await TradeQuery(parts: parts).run(tradeNumber, under: right)
            if outcome?.finished == .beginAgain { try await parts.giveBack(right, unanswered: false) }
        case .refuse, .fenced, .settled, .beginAgain:
            break
        }
    }

    private func close(_ tradeNumber: TradeNumber, under right: LeaseRight) async throws {
        guard let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: right) else { return }
        try await parts.giveBack(right, unanswered: outcome.wasUnanswered)
    }
}

extension RecoverLeases.Report {
    fileprivate mutating func count(_ outcome: RecoverLeases.Outcome) {
        switch outcome {
        case .asked: asked += 1
        case .closed: closed += 1
        case .skipped: skipped += 1
        case .failed: failed += 1
        }
    }
}
