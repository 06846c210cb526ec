public import PayCore

/// Finishes the work that a crashed process or a missing answer left behind. It runs at start and on a timer, and uses
/// a newer fence and the same trade number.
public struct RecoverLeases: Sendable {
    public enum Outcome: String, SweepOutcome {
        case asked, closed, skipped, failed

        public var isProgress: Bool { self != .skipped }
    }

    private let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// Takes over what is due at `now`. A failure of one order is counted, and does not stop the others.
    public func runOnce(
        at now: Instant, in share: ClockShare = .whole, limit: Int = Sweep.itemsPerRun
    ) async throws -> SweepReport<Outcome> {
        let due = try await (share.due ?? parts.due).ordersToRecover(
            on: parts.providers.channels, at: now, limit: limit)
        return await parts.sweep(due, limit: limit, failure: Observation.notRecovered) { try await takeOver($0) }
    }

    private func takeOver(_ number: OrderNumber) async throws -> Outcome {
        let parts = parts
        let (step, call) = try await parts.decide(on: number) { order, now in
            let terms = order.liveAttempt.flatMap { parts.providers[$0.channel]?.terms }
            let step = try order.beginRecovery(by: parts.worker, terms: terms, rules: parts.rules, at: now)
            return Decision((step, step.closing(in: order)))
        }
        switch step {
        case .nothing:
            return .skipped
        case .create(let right, let create):
            parts.observer.saw(.recovered(number))
            try await ask(create, under: right)
            return .asked
        case .close:
            parts.observer.saw(.recovered(number))
            if let call { _ = try await ClosingChain(parts: parts).run(call) }
            return .closed
        }
    }

    private func ask(_ create: CreateRequest, under right: LeaseRight) async throws {
        guard let right = try await parts.cover(right) else { return }
        let answer = await ProviderCalls(parts: parts).create(create)
        let wish = PageWish(channel: create.channel, terminal: create.terminal, openID: create.openID)
        let rules = parts.rules
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: rules)
        let (finished, call) = try await parts.decide(on: right.order) { order, now in
            let finished = try order.finishOpening(report, under: right, at: now)
            let call = finished.nextCall(in: &order, under: right, rules: rules, at: now)
            // Without a user there is nothing to begin again.
            if finished.keepsTheRight { order.giveBackLease(right, unanswered: false) }
            return Decision((finished, call), noting: [report.note])
        }
        switch finished {
        case .serve:
            parts.observer.saw(.pageMinted(create.channel, create.terminal))
        case .close:
            if let call { _ = try await ClosingChain(parts: parts).run(call) }
        case .query:
            guard let call else { return }
            let outcome = try await TradeQuery(parts: parts).run(call)
            if outcome?.finished.keepsTheRight == true { try await parts.giveBack(right, unanswered: false) }
        case .beginAgain, .returned, .refuse, .fenced, .settled:
            break
        }
    }
}

extension RecoveryStep {
    fileprivate func closing(in order: Order) -> NextCall? {
        switch self {
        case .close(let right, let tradeNumber): order.nextCall(about: tradeNumber, under: right)
        case .nothing, .create: nil
        }
    }
}
