import PayCore

/// Opens a payment for one call: apply the rules, do the step that they return, apply them to the answer, until there
/// is a page or a refusal. Each step is two short transactions with the provider call between them.
struct Opening: Sendable {
    /// The longest chain closes or revives every attempt once, and then supersedes one, sends, and creates a page for
    /// another terminal. A longer chain is a bug.
    private static let mostSteps = 2 * PayRules.mostAttempts + 4

    let parts: FlowParts
    let request: PayRequest

    /// The state of the work so far.
    private struct Progress {
        var right: LeaseRight?
        /// The wanted page. It is determined in the decision that takes the right, and stays fixed while the right is
        /// held: no other call decides in that time.
        var wish: PageWish?
        var madeOrder = false
        var origin = PageOrigin.hit
        var wasFenced = false
        /// Whether a close or a query of the chain was not answered.
        var wasUnanswered = false
        /// The provider's last answers that gave no page.
        var heard = HeardWords()
        /// The attempts that were closed and queried.
        var asked: Set<TradeNumber> = []
        /// Whether another request used the key after the lease of its claim had expired.
        var lostKey = false
    }

    private enum Turn {
        case done(PayResult)
        case goOn
    }

    /// The outcome of one decision.
    private struct Begun: Sendable {
        let step: OpeningStep
        let summary: OrderSummary
        var wish: PageWish?
        var madeOrder = false
    }

    func run() async throws -> PayResult {
        var progress = Progress()
        let result = try await work(&progress)
        guard case .refused(let refusal, _) = result else { return result }
        return .refused(refusal, because: progress.heard.word(on: refusal))
    }

    private func work(_ progress: inout Progress) async throws -> PayResult {
        for _ in 0..<Self.mostSteps {
            let begun: Begun
            do {
                begun = try await begin(&progress)
            } catch is KeyConflict where progress.right != nil {
                progress.lostKey = true
                continue
            }
            switch begun.step {
            case .refuse(let refusal):
                return .refused(refusal)
            case .serve(let served):
                return answer(served, begun.summary, progress, under: progress.right == nil ? nil : request.key)
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

    private func call(
        _ wish: PageWish, _ progress: Progress, refusing: Set<Channel>, at now: Instant
    ) -> OpeningCall {
        OpeningCall(
            wish: wish, clientIP: request.clientIP,
            takesStoredPage: parts.repayMode == .cached || progress.right != nil,
            notifyURL: parts.notifyURL(for: wish.channel), channels: parts.providers.terms, rules: parts.rules,
            worker: parts.worker, asked: progress.asked, pause: parts.providers[wish.channel]?.pause(at: now),
            acceptsNewAttempts: !refusing.contains(wish.channel))
    }

    private func begin(_ progress: inout Progress) async throws -> Begun {
        let refusing = try await parts.acceptance.refusing()
        let known = progress
        let begun = try await parts.decide(on: request.number, creating: request.draft) { order, now in
            try decide(&order, known, refusing: refusing, at: now)
        }
        progress.wish = begun.wish
        if begun.madeOrder {
            progress.madeOrder = true
            parts.witness.saw(.orderEntered(.new, request.number))
        }
        return begun
    }

    /// Makes one decision. Parameters that the call omits are taken from the order's current state.
    private func decide(
        _ order: inout Order, _ progress: Progress, refusing: Set<Channel>, at now: Instant
    ) throws -> Decision<Begun> {
        let held = progress.right.flatMap { order.honours($0) ? $0 : nil }
        let isNew = !order.hasBegun
        let wish: PageWish
        if held != nil, let settled = progress.wish {
            wish = settled
        } else {
            switch parts.checkedWish(of: request, for: order, isNew: isNew, at: now) {
            case .failure(let refusal): return Decision(Begun(step: .refuse(refusal), summary: OrderSummary(order)))
            case .success(let checked): wish = checked
            }
        }
        let step = try order.beginOpening(
            call(wish, progress, refusing: refusing, at: now), holding: held, at: now)
        if let held, step.endsTheWork { order.giveBackLease(held, unanswered: progress.wasUnanswered) }
        let beginsWork = step.right != nil && held == nil
        return Decision(
            Begun(
                step: step, summary: OrderSummary(order), wish: wish, madeOrder: isNew && order.hasBegun),
            // A page that this work created uses the key up; a page that existed before does not.
            usingUp: held == nil ? nil : key(progress)?.record(step, order, at: now),
            claiming: beginsWork && !progress.lostKey ? request.claim(step, order) : nil,
            noting: beginsWork ? [.asked(wish.channel, wish.terminal)] : [])
    }

    /// Another process or lease recovery works on the order: polls for its result for a short time, by reads only.
    private func waitForOther(_ progress: Progress) async throws -> PayResult {
        var begin = parts.clock.now()
        while true {
            guard let order = try await parts.ledger.order(request.number) else {
                throw OrderVanished(number: request.number)
            }
            let now = parts.clock.now()
            // The clock may be set back during the wait.
            begin = min(begin, now)
            let wish: PageWish
            switch parts.checkedWish(of: request, for: order, isNew: false, at: now) {
            case .failure(let refusal): return .refused(refusal)
            case .success(let checked): wish = checked
            }
            switch order.look(for: call(wish, progress, refusing: [], at: now), since: begin, at: now) {
            case .serve(let served): return answer(served, OrderSummary(order), progress, under: nil)
            case .refuse(let refusal): return .refused(refusal)
            case .ended: return .refused(.inProgress(retryAfter: .seconds(1)))
            case .atWork(let until) where now >= begin + FlowParts.patience:
                return .refused(.inProgress(retryAfter: until - now))
            case .atWork: try await parts.clock.sleep(for: FlowParts.lookEvery)
            }
        }
    }

    /// Calls the provider for a page, and handles the answer.
    private func send(
        _ create: CreateRequest, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let wish = progress.wish, let right = try await parts.cover(right) else { return fenced(&progress) }
        let answer = await ProviderCalls(parts: parts).create(create)
        progress.heard.hear(answer)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let (finished, summary) = try await finish(report, under: right, &progress)
        if case .made = answer, finished != .fenced {
            parts.witness.saw(.pageMinted(create.channel, create.terminal))
        }
        switch finished {
        case .serve(let served):
            return .done(self.answer(served, summary, progress, under: request.key))
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

    /// Stores the answer, and the key that its page uses up. A created page is stored in any case.
    private func finish(
        _ report: CreateReport, under right: LeaseRight, _ progress: inout Progress
    ) async throws -> (FinishedOpening, OrderSummary) {
        let use = key(progress)
        let madeOrder = progress.madeOrder
        do {
            return try await parts.decide(on: request.number) { order, now in
                let finished = try order.finishOpening(report, under: right, at: now)
                let key = use?.record(finished, order, madeOrder, at: now)
                return Decision((finished, OrderSummary(order)), usingUp: key, noting: [report.note])
            }
        } catch is KeyConflict {
            progress.lostKey = true
            return try await finish(report, under: right, &progress)
        }
    }

    /// The key that a page of this work uses up.
    private func key(_ progress: Progress) -> KeyUse? { progress.lostKey ? nil : request.key }

    /// The provider refused this number, but may have opened it: the attempt is closed and reported as refused. A new
    /// number needs a new call by the buyer.
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
        progress.heard.hear(outcome.doubt)
        return turn(after: outcome, &progress)
    }

    /// The buyer returns to a superseded attempt: it is opened again, or the rules choose another step.
    private func comeBack(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let outcome = try await TradeQuery(parts: parts).revive(tradeNumber, under: right) else {
            return fenced(&progress)
        }
        progress.heard.hear(outcome.doubt)
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

    /// Closes the attempt that must be superseded. The work continues under the same right, unless money arrived or the
    /// outcome must be known and is unknown.
    private func makeWay(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress, mustBeKnown: Bool = false
    ) async throws -> Turn {
        guard let outcome = try await ClosingChain(parts: parts).run(tradeNumber, under: right) else {
            return fenced(&progress)
        }
        progress.wasUnanswered = progress.wasUnanswered || outcome.wasUnanswered
        progress.heard.hear(outcome.doubt)
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

    /// A holder with an outdated fence returns no page, and starts again once.
    private func fenced(_ progress: inout Progress) -> Turn {
        guard !progress.wasFenced else { return .done(.refused(.inProgress(retryAfter: .seconds(1)))) }
        progress.wasFenced = true
        progress.right = nil
        return .goOn
    }

    /// `key` is the key that the page used up, if this work created the page.
    private func answer(
        _ served: ServedPage, _ summary: OrderSummary, _ progress: Progress, under key: KeyUse?
    ) -> PayResult {
        guard !progress.lostKey else { return .refused(.keyReused) }
        return .served(
            PayAnswer(
                order: summary, served: served, origin: progress.origin, madeOrder: progress.madeOrder,
                isReplay: false, key: key))
    }
}

extension OpeningStep {
    /// The right of a step that calls a provider or changes an attempt.
    fileprivate var right: LeaseRight? {
        switch self {
        case .refuse, .serve, .wait: nil
        case .create(let right, _, _), .close(let right, _), .closeAgain(let right, _), .queryToRevive(let right, _),
            .beginAgain(let right):
            right
        }
    }

    /// The attempt of the step, if it names one.
    fileprivate var tradeNumber: TradeNumber? {
        switch self {
        case .refuse, .serve, .wait, .beginAgain: nil
        case .create(_, let request, _): request.tradeNumber
        case .close(_, let number), .closeAgain(_, let number), .queryToRevive(_, let number): number
        }
    }

    /// Whether the step ends the work under the held right.
    fileprivate var endsTheWork: Bool {
        switch self {
        case .refuse, .serve: true
        case .wait, .create, .close, .closeAgain, .queryToRevive, .beginAgain: false
        }
    }
}

extension SettleAction {
    /// The refusal of a pay call that finds received money. Disputed money pays nothing, but it may be the buyer's:
    /// until the manual decision, no other page is offered.
    fileprivate func refusal(of state: OrderStateName) -> PayRefusal {
        state == .new ? .switchUnsafe : PayRefusal(state)
    }
}

extension PayRequest {
    /// The claim on the key for work that begins with this step. A replay already has its key.
    fileprivate func claim(_ step: OpeningStep, _ order: Order) -> KeyClaim? {
        guard replayed == nil, let key, let right = step.right,
            let trade = step.tradeNumber ?? order.attempts.last?.number
        else { return nil }
        return KeyClaim(use: key, tradeNumber: trade, fence: right.fence)
    }
}

extension KeyUse {
    /// The record of the page that uses a key up; nil without a page.
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
