import PayCore

/// One piece of work on an order: ask the rules, do the step, report the answer, until there is a page or a refusal.
/// Each round is two short transactions with the network between them.
struct Opening: Sendable {
    /// The longest chain of the rules closes or revives every attempt once, gives way, sends, and mints for another
    /// terminal. A longer chain is a bug.
    private static let mostSteps = 2 * PayRules.mostAttempts + 4

    let parts: FlowParts
    let request: PayRequest
    /// The paused channels, if they were just read.
    let paused: Set<Channel>?

    /// The knowledge of the work so far.
    struct Progress {
        var right: LeaseRight?
        /// The page that is asked for. It is fixed in the decision that takes the right, and as long as the right is
        /// held: no other call decides meanwhile.
        var wish: PageWish?
        var madeOrder = false
        var origin = PageOrigin.hit
        var wasFenced = false
        /// The paused channels, for the first decision alone.
        var paused: Set<Channel>?
        /// A close or a query of the chain got no answer.
        var wasUnanswered = false
        /// The provider's last answers without a page.
        var heard = HeardWords()
        /// The attempts that were closed and queried.
        var asked: Set<TradeNumber> = []
        /// The lease of the key's claim ran out, and another request used the key.
        var lostKey = false

        /// Whether a page that is served now uses the key up. The work holds a right, or lost it to lease recovery, which
        /// may have made the page of the attempt that the key was claimed for.
        var usesTheKey: Bool { right != nil || wasFenced }
    }

    enum Turn {
        case done(PayResult)
        case goOn
        /// The next decision was part of the last commit.
        case begun(Begun)
    }

    /// The outcome of one decision.
    struct Begun: Sendable {
        let step: OpeningStep
        let summary: OrderSummary
        var wish: PageWish?
        var madeOrder = false
        /// The close or the query that the step asks for.
        var call: NextCall?
    }

    func run() async throws -> PayResult {
        var progress = Progress()
        progress.paused = paused
        let result = try await work(&progress)
        guard case .refused(let refusal, _) = result else { return result }
        return .refused(refusal, because: progress.heard.word(on: refusal))
    }

    private func work(_ progress: inout Progress) async throws -> PayResult {
        var decided: Begun?
        for _ in 0..<Self.mostSteps {
            let begun: Begun
            do {
                if let decided { begun = decided } else { begun = try await begin(&progress) }
            } catch is KeyConflict where progress.right != nil {
                progress.lostKey = true
                continue
            }
            switch try await take(begun, &progress) {
            case .done(let result): return result
            case .goOn: decided = nil
            case .begun(let next): decided = next
            }
        }
        if let right = progress.right { try await parts.giveBack(right, unanswered: progress.wasUnanswered) }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    /// Executes the step of a decision.
    private func take(_ begun: Begun, _ progress: inout Progress) async throws -> Turn {
        switch begun.step {
        case .refuse(let refusal):
            return .done(.refused(refusal))
        case .serve(let served):
            let key = progress.usesTheKey ? request.key : nil
            return .done(answer(served, begun.summary, progress, under: key))
        case .wait:
            return .done(try await waitForOther(progress))
        case .beginAgain(let right):
            progress.right = right
            return .goOn
        case .close(let right, _):
            progress.right = right
            return try await makeWay(begun.call, &progress)
        case .closeAgain(let right, _):
            progress.right = right
            return try await makeWay(begun.call, &progress, as: .mustBeKnown)
        case .queryToRevive(let right, _):
            progress.right = right
            guard let call = begun.call else { return fenced(&progress) }
            return turn(after: try await TradeQuery(parts: parts).revive(call), &progress)
        case .create(let right, let create, let wasStale):
            progress.right = right
            progress.origin = wasStale ? .stale : .miss
            return try await send(create, right, &progress)
        }
    }

    func call(
        _ wish: PageWish, _ progress: Progress, refusing: Set<Channel>, at now: Instant
    ) -> OpeningCall {
        let provider = parts.providers[wish.channel]
        return OpeningCall(
            wish: wish, clientIP: request.clientIP,
            takesStoredPage: parts.repayMode == .cached || progress.right != nil,
            notifyURL: parts.notifyURL(for: wish.channel), appID: provider?.appID(for: wish.terminal),
            channels: parts.providers.terms, rules: parts.rules, worker: parts.worker, asked: progress.asked,
            pause: provider?.pause(at: now),
            acceptsNewAttempts: !refusing.contains(wish.channel))
    }

    private func begin(_ progress: inout Progress) async throws -> Begun {
        let refusing: Set<Channel>
        if let paused = progress.paused {
            refusing = parts.acceptance.refusing(paused)
            progress.paused = nil
        } else {
            refusing = try await parts.acceptance.refusing()
        }
        let known = progress
        let begun = try await parts.decide(on: request.number, creating: request.draft) { order, now in
            try decide(&order, known, refusing: refusing, at: now)
        }
        note(begun, &progress)
        return begun
    }

    func note(_ begun: Begun, _ progress: inout Progress) {
        progress.wish = begun.wish
        if begun.madeOrder {
            progress.madeOrder = true
            parts.observer.saw(.orderEntered(.new, request.number))
        }
    }

    /// One decision. Omitted particulars are filled in here, from the order as it is now.
    func decide(
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
                step: step, summary: OrderSummary(order), wish: wish, madeOrder: isNew && order.hasBegun,
                call: step.nextCall(in: order)),
            // A page that this work revived uses the key up. A page that was live all the time doesn't.
            usingUp: progress.usesTheKey ? key(progress)?.record(step, order, progress.madeOrder, at: now) : nil,
            claiming: beginsWork && !progress.lostKey ? request.claim(step, order) : nil,
            noting: beginsWork ? [.asked(wish.channel, wish.terminal)] : [])
    }

    /// The provider call for a page, and its result.
    private func send(
        _ create: CreateRequest, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let wish = progress.wish, let right = try await parts.cover(right) else { return fenced(&progress) }
        let answer = await ProviderCalls(parts: parts).create(create)
        progress.heard.hear(answer)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let (finished, summary, call) = try await finish(report, under: right, &progress)
        if case .made = answer, finished != .fenced {
            parts.observer.saw(.pageMinted(create.channel, create.terminal))
        }
        switch finished {
        case .serve(let served):
            return .done(self.answer(served, summary, progress, under: request.key))
        case .refuse(let refusal):
            return .done(.refused(refusal))
        case .close:
            return try await makeWay(call, &progress, as: .endRefused)
        case .query:
            guard let call else { return fenced(&progress) }
            return turn(after: try await TradeQuery(parts: parts).run(call), &progress)
        case .settled(let action):
            return .done(.refused(action.refusal(of: summary.state)))
        case .fenced:
            return fenced(&progress)
        case .beginAgain, .returned:
            return .goOn
        }
    }

    /// Stores the answer with the key that its page uses up. A page that the provider made is stored in any case.
    private func finish(
        _ report: CreateReport, under right: LeaseRight, _ progress: inout Progress
    ) async throws -> (FinishedOpening, OrderSummary, NextCall?) {
        let use = key(progress)
        let madeOrder = progress.madeOrder
        do {
            return try await parts.decide(on: request.number) { order, now in
                let finished = try order.finishOpening(report, under: right, at: now)
                let call = finished.nextCall(in: &order, under: right, rules: report.rules, at: now)
                let key = use?.record(finished, order, madeOrder, at: now)
                return Decision((finished, OrderSummary(order), call), usingUp: key, noting: [report.note])
            }
        } catch is KeyConflict {
            progress.lostKey = true
            return try await finish(report, under: right, &progress)
        }
    }

    /// The key that a page of this work uses up.
    func key(_ progress: Progress) -> KeyUse? { progress.lostKey ? nil : request.key }

    private func turn(after outcome: TradeQuery.Outcome?, _ progress: inout Progress) -> Turn {
        guard let outcome else { return fenced(&progress) }
        progress.heard.hear(outcome.doubt)
        switch outcome.finished {
        case .refuse(let refusal): return .done(.refused(refusal))
        case .settled(let action): return .done(.refused(action.refusal(of: outcome.summary.state)))
        case .fenced: return fenced(&progress)
        case .serve, .close, .query, .beginAgain, .returned: return .goOn
        }
    }

    /// A holder of an old fence returns no page, and begins again, once.
    func fenced(_ progress: inout Progress) -> Turn {
        guard !progress.wasFenced else { return .done(.refused(.inProgress(retryAfter: .seconds(1)))) }
        progress.wasFenced = true
        progress.right = nil
        return .goOn
    }

    /// - Parameter key: the key that the page used up, if this work made the page.
    func answer(
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
    /// The right of a step that calls a provider or moves an attempt.
    var right: LeaseRight? {
        switch self {
        case .refuse, .serve, .wait: nil
        case .create(let right, _, _), .close(let right, _), .closeAgain(let right, _), .queryToRevive(let right, _),
            .beginAgain(let right):
            right
        }
    }

    /// The attempt of the step, if it names one.
    var tradeNumber: TradeNumber? {
        switch self {
        case .refuse, .serve, .wait, .beginAgain: nil
        case .create(_, let request, _): request.tradeNumber
        case .close(_, let number), .closeAgain(_, let number), .queryToRevive(_, let number): number
        }
    }

    /// The close or the query that the step asks for.
    fileprivate func nextCall(in order: Order) -> NextCall? {
        switch self {
        case .close(let right, let number), .closeAgain(let right, let number), .queryToRevive(let right, let number):
            order.nextCall(about: number, under: right)
        case .refuse, .serve, .wait, .beginAgain, .create: nil
        }
    }

    /// Whether the step ends the work under the right that was held.
    fileprivate var endsTheWork: Bool {
        switch self {
        case .refuse, .serve: true
        case .wait, .create, .close, .closeAgain, .queryToRevive, .beginAgain: false
        }
    }
}

extension SettleAction {
    /// The refusal of a pay call that finds money. Disputed money pays nothing, but may be the user's: until it is
    /// decided, no other page is offered.
    func refusal(of state: OrderStateName) -> PayRefusal {
        state == .new ? .switchUnsafe : PayRefusal(state)
    }
}
