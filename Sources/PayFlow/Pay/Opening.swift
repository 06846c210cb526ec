import PayCore

/// One piece of work on an order: ask the rules, do what they say, tell them the answer, until there is a page or a
/// refusal. Two short transactions with the network between them, as often as it takes.
struct Opening: Sendable {
    /// The longest chain that the rules know closes every attempt once, or tries to go back to it, and then gives way,
    /// sends, and mints for another terminal. A longer one is a bug.
    private static let mostSteps = 2 * PayRules.mostAttempts + 4

    let parts: FlowParts
    let request: PayRequest
    let wish: PageWish

    /// What the work has come to know on its way.
    private struct Progress {
        var right: LeaseRight?
        var madeOrder = false
        var origin = PageOrigin.hit
        var wasFenced = false
        /// A close or a query of the chain went unanswered.
        var wasUnanswered = false
        /// The attempts that were closed and asked after.
        var asked: Set<TradeNumber> = []
    }

    private enum Turn {
        case done(PayResult)
        case goOn
    }

    func run() async throws -> PayResult {
        var progress = Progress()
        for _ in 0..<Self.mostSteps {
            let (step, summary) = try await begin(&progress)
            switch step {
            case .refuse(let refusal):
                return .refused(refusal)
            case .serve(let served):
                return answer(served, summary, progress, under: progress.right == nil ? nil : request.key)
            case .wait:
                return try await waitForOther(progress)
            case .beginAgain(let right):
                progress.right = right
            case .close(let right, let tradeNumber):
                progress.right = right
                if case .done(let result) = try await makeWay(tradeNumber, right, &progress) { return result }
            case .closeAgain(let right, let tradeNumber):
                progress.right = right
                if case .done(let result) = try await makeWay(tradeNumber, right, &progress, mustBeKnown: true) {
                    return result
                }
            case .queryToRevive(let right, let tradeNumber):
                progress.right = right
                if case .done(let result) = try await comeBack(tradeNumber, right, &progress) { return result }
            case .create(let right, let create, let wasStale):
                progress.right = right
                progress.origin = wasStale ? .stale : .miss
                if case .done(let result) = try await send(create, right, &progress) { return result }
            }
        }
        if let right = progress.right { try await parts.giveBack(right, unanswered: progress.wasUnanswered) }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private func call(_ progress: Progress) -> OpeningCall {
        let now = parts.clock.now()
        return OpeningCall(
            wish: wish, clientIP: request.clientIP,
            takesStoredPage: parts.repayMode == .cached || progress.right != nil,
            notifyURL: parts.notifyURL(for: wish.channel), channels: parts.providers.terms, rules: parts.rules,
            worker: parts.worker, asked: progress.asked, pause: parts.providers[wish.channel]?.pause(at: now))
    }

    private func begin(_ progress: inout Progress) async throws -> (OpeningStep, OrderSummary) {
        let call = call(progress)
        let held = progress.right
        let unanswered = progress.wasUnanswered
        let request = request
        let (step, summary, madeOrder) = try await parts.decide(on: request.number, creating: request.draft) {
            order, now in
            let isNew = !order.hasBegun
            if let refusal = request.refusal(for: OrderSummary(order)) {
                return Decision((OpeningStep.refuse(refusal), OrderSummary(order), false))
            }
            let step = try order.beginOpening(call, holding: held, at: now)
            if let held, step.endsTheWork { order.giveBackLease(held, unanswered: unanswered) }
            let notes: [HistoryNote] =
                step.asksProvider && held == nil ? [.asked(call.wish.channel, call.wish.terminal)] : []
            // A page that this work has brought back uses the key up; one that was there all the time doesn't.
            let key = held == nil ? nil : request.key?.record(step, order, at: now)
            return Decision((step, OrderSummary(order), isNew && order.hasBegun), usingUp: key, noting: notes)
        }
        if madeOrder {
            progress.madeOrder = true
            parts.witness.saw(.orderEntered(.new, request.number))
        }
        return (step, summary)
    }

    /// Another process is at it, or lease recovery: looks for its result a short while, by reads alone.
    private func waitForOther(_ progress: Progress) async throws -> PayResult {
        let call = call(progress)
        let begin = parts.clock.now()
        while true {
            guard let order = try await parts.ledger.order(request.number) else {
                throw OrderVanished(number: request.number)
            }
            let now = parts.clock.now()
            switch order.look(for: call, since: begin, at: now) {
            case .serve(let served): return answer(served, OrderSummary(order), progress, under: nil)
            case .refuse(let refusal): return .refused(refusal)
            case .ended: return .refused(.inProgress(retryAfter: .seconds(1)))
            case .atWork(let until) where now >= begin + FlowParts.patience:
                return .refused(.inProgress(retryAfter: until - now))
            case .atWork: try await parts.clock.sleep(for: FlowParts.lookEvery)
            }
        }
    }

    /// The provider call of a page, and what its answer comes to.
    private func send(
        _ create: CreateRequest, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let right = try await parts.cover(right) else { return fenced(&progress) }
        let answer = await ProviderCalls(parts: parts).create(create)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let use = request.key
        let madeOrder = progress.madeOrder
        let (finished, summary) = try await parts.decide(on: request.number) { order, now in
            let finished = try order.finishOpening(report, under: right, at: now)
            let key = use?.record(finished, order, madeOrder, at: now)
            return Decision((finished, OrderSummary(order)), usingUp: key, noting: [report.note])
        }
        if case .made = answer, finished != .fenced {
            parts.witness.saw(.pageMinted(create.channel, create.terminal))
        }
        switch finished {
        case .serve(let served):
            return .done(self.answer(served, summary, progress, under: use))
        case .refuse(let refusal):
            return .done(.refused(refusal))
        case .close(let tradeNumber):
            return try await endRefused(tradeNumber, right, &progress)
        case .query(let tradeNumber):
            return try await query(tradeNumber, right, &progress)
        case .settled(let action):
            return .done(.refused(action.refusal(of: summary.state)))
        case .fenced:
            return fenced(&progress)
        case .beginAgain, .returned:
            return .goOn
        }
    }

    /// The provider refused this number, which may be open there all the same: closed, it is told as refused. Another
    /// number is for the user to ask for, not for us.
    private func endRefused(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        let turn = try await makeWay(tradeNumber, right, &progress)
        guard case .goOn = turn, progress.right != nil else { return turn }
        try await parts.giveBack(right, unanswered: progress.wasUnanswered)
        return .done(.refused(.providerRefused))
    }

    private func query(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let outcome = try await TradeQuery(parts: parts).run(tradeNumber, under: right) else {
            return fenced(&progress)
        }
        return turn(after: outcome, &progress)
    }

    /// The user comes back to an attempt that was offered no more: it is open again, or the rules know another way.
    private func comeBack(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let outcome = try await TradeQuery(parts: parts).revive(tradeNumber, under: right) else {
            return fenced(&progress)
        }
        return turn(after: outcome, &progress)
    }

    private func turn(after outcome: TradeQuery.Outcome, _ progress: inout Progress) -> Turn {
        switch outcome.finished {
        case .refuse(let refusal): return .done(.refused(refusal))
        case .settled(let action): return .done(.refused(action.refusal(of: outcome.summary.state)))
        case .fenced: return fenced(&progress)
        case .serve, .close, .query, .beginAgain, .returned: return .goOn
        }
    }

    /// Closes the attempt that stands in the way. The work goes on under the same right, unless money came, or what
    /// became of the attempt must be known and is not.
    private func makeWay(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress, mustBeKnown: Bool = false
    ) async throws -> Turn {
        guard let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: right) else {
            return fenced(&progress)
        }
        progress.wasUnanswered = progress.wasUnanswered || outcome.wasUnanswered
        progress.asked.insert(tradeNumber)
        switch outcome.finished {
        case .exposed(isKnown: false) where mustBeKnown:
            try await parts.giveBack(right, unanswered: progress.wasUnanswered)
            return .done(.refused(.providerUnknown(retryAfter: outcome.retryAfter(at: parts.clock.now()))))
        case .closed, .lapsed, .exposed, .returned:
            return .goOn
        case .settled(let action):
            try await parts.giveBack(right, unanswered: progress.wasUnanswered)
            return .done(.refused(action.refusal(of: outcome.state)))
        case .fenced:
            return fenced(&progress)
        }
    }

    /// A holder whose fence is old hands out nothing, and starts again, once.
    private func fenced(_ progress: inout Progress) -> Turn {
        guard !progress.wasFenced else { return .done(.refused(.inProgress(retryAfter: .seconds(1)))) }
        progress.wasFenced = true
        progress.right = nil
        return .goOn
    }

    /// `key` is the one that the page used up, if it was made by this work.
    private func answer(
        _ served: ServedPage, _ summary: OrderSummary, _ progress: Progress, under key: KeyUse?
    ) -> PayResult {
        .served(
            PayAnswer(
                order: summary, served: served, origin: progress.origin, madeOrder: progress.madeOrder,
                isReplay: false, key: key))
    }
}

extension OpeningStep {
    /// Whether a provider is called, or an attempt moved.
    fileprivate var asksProvider: Bool {
        switch self {
        case .refuse, .serve, .wait: false
        case .create, .close, .closeAgain, .queryToRevive, .beginAgain: true
        }
    }

    /// Whether nothing more is done under the right that was held.
    fileprivate var endsTheWork: Bool {
        switch self {
        case .refuse, .serve: true
        case .wait, .create, .close, .closeAgain, .queryToRevive, .beginAgain: false
        }
    }
}

extension SettleAction {
    /// What a pay call is told that finds that money has come. Money that is disputed pays nothing, but it may be the
    /// user's: until a person has decided, nothing else is offered.
    fileprivate func refusal(of state: OrderStateName) -> PayRefusal {
        state == .new ? .switchUnsafe : PayRefusal(state)
    }
}

extension KeyUse {
    /// What a page uses a key up for; nil while there is none.
    fileprivate func record(
        _ finished: FinishedOpening, _ order: Order, _ madeOrder: Bool, at now: Instant
    ) -> KeyRecord? {
        guard case .serve(let served) = finished else { return nil }
        return record(served, order, madeOrder, at: now)
    }

    fileprivate func record(_ step: OpeningStep, _ order: Order, at now: Instant) -> KeyRecord? {
        guard case .serve(let served) = step else { return nil }
        return record(served, order, false, at: now)
    }

    private func record(_ served: ServedPage, _ order: Order, _ madeOrder: Bool, at now: Instant) -> KeyRecord? {
        guard let attempt = order.attempt(served.tradeNumber) else { return nil }
        return KeyRecord(
            use: self, tradeNumber: served.tradeNumber, madeOrder: madeOrder,
            expiresAt: max(now + KeyRecord.shortestLife, attempt.request.providerDeadline))
    }
}
