import PayCore

/// One piece of work on an order: ask the rules, do what they say, tell them the answer, until there is a page or a
/// refusal. Two short transactions with the network between them, as often as it takes.
struct Opening: Sendable {
    /// The longest chain that the rules know is: give way, resend, mint for another terminal. Twice that is a bug.
    private static let mostSteps = 8

    let parts: FlowParts
    let request: PayRequest
    let wish: PageWish
    let terms: ProviderTerms

    /// What the work has come to know on its way.
    private struct Progress {
        var right: LeaseRight?
        var madeOrder = false
        var origin = PageOrigin.hit
        var wasFenced = false
        let lookUntil: Instant
    }

    private enum Turn {
        case done(PayResult)
        case goOn
    }

    func run() async throws -> PayResult {
        var progress = Progress(lookUntil: parts.clock.now() + FlowParts.patience)
        var steps = 0
        while steps < Self.mostSteps {
            let (step, summary) = try await begin(&progress)
            switch step {
            case .refuse(let refusal):
                return .refused(refusal)
            case .serve(let served):
                return answer(served, summary, progress)
            case .wait(let until):
                let now = parts.clock.now()
                guard now < progress.lookUntil else { return .refused(.inProgress(retryAfter: until - now)) }
                try await parts.clock.sleep(for: FlowParts.lookEvery)
                continue
            case .beginAgain(let right):
                progress.right = right
            case .close(let right, let tradeNumber):
                progress.right = right
                if case .done(let result) = try await makeWay(tradeNumber, right, &progress) { return result }
            case .create(let right, let create, let wasStale):
                progress.right = right
                progress.origin = wasStale ? .stale : .miss
                if case .done(let result) = try await send(create, right, &progress) { return result }
            }
            steps += 1
        }
        try await giveBack(progress.right)
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private func begin(_ progress: inout Progress) async throws -> (OpeningStep, OrderSummary) {
        let now = parts.clock.now()
        let call = OpeningCall(
            wish: wish, clientIP: request.payer?.clientIP,
            takesStoredPage: parts.repayMode == .cached || progress.right != nil,
            notifyURL: parts.notifyURL(for: wish.channel), terms: terms, rules: parts.rules, worker: parts.worker)
        let held = progress.right
        let begun = try await parts.ledger.update(request.number, creating: request.draft, at: now) { order in
            let isNew = !order.hasBegun
            if let refusal = request.refusal(for: OrderSummary(order)) {
                return Decision((OpeningStep.refuse(refusal), OrderSummary(order), false))
            }
            let step = try order.beginOpening(call, holding: held, at: now)
            if let held, step.endsTheWork { order.giveBackLease(held, unanswered: false) }
            return Decision((step, OrderSummary(order), isNew && order.hasBegun))
        }
        guard let (step, summary, madeOrder) = begun else { throw OrderVanished(number: request.number) }
        if madeOrder {
            progress.madeOrder = true
            parts.witness.saw(.orderEntered(.new, request.number))
        }
        return (step, summary)
    }

    /// The provider call of a page, and what its answer comes to.
    private func send(
        _ create: CreateRequest, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        let answer = await ProviderCalls(parts: parts).create(create)
        let report = CreateReport(request: create, answer: answer, wish: wish, rules: parts.rules)
        let now = parts.clock.now()
        let use = request.key
        let madeOrder = progress.madeOrder
        let (finished, summary) = try await store(at: now) { order in
            let finished = try order.finishOpening(report, under: right, at: now)
            return Decision((finished, OrderSummary(order)), usingUp: use?.record(finished, order, madeOrder, at: now))
        }
        if case .made = answer, finished != .fenced {
            parts.witness.saw(.pageMinted(create.channel, create.terminal))
        }
        switch finished {
        case .close(let tradeNumber):
            guard case .done(let result) = try await makeWay(tradeNumber, right, &progress) else {
                // The provider refused this number; another is for the user to ask for, not for us.
                try await giveBack(right)
                return .done(.refused(.providerRefused))
            }
            return .done(result)
        case .query(let tradeNumber):
            return try await query(tradeNumber, right, &progress)
        case .serve, .refuse, .fenced, .settled, .beginAgain:
            return turn(finished, summary, &progress)
        }
    }

    /// Asks what a trade is that the provider calls paid or closed, and believes that.
    private func query(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        guard let attempt = try await renew(right, for: tradeNumber) else {
            return turn(.fenced, nil, &progress)
        }
        let answer = await ProviderCalls(parts: parts).query(attempt)
        let now = parts.clock.now()
        let (finished, summary) = try await store(at: now) { order in
            let finished = try order.finishQuery(answer, of: tradeNumber, under: right, at: now)
            return Decision((finished, OrderSummary(order)))
        }
        if case .settled(let action) = finished {
            parts.witness.saw(action.observations(attempt.channel, tradeNumber))
        }
        return turn(finished, summary, &progress)
    }

    /// Closes the attempt that stands in the way. The work goes on under the same right, unless money came.
    private func makeWay(
        _ tradeNumber: TradeNumber, _ right: LeaseRight, _ progress: inout Progress
    ) async throws -> Turn {
        switch try await ClosingChain(parts: parts).run(tradeNumber, under: right).finished {
        case .settled(let action):
            try await giveBack(right)
            return .done(.refused(action.refusal))
        case .closed, .exposed:
            return .goOn
        case .fenced:
            return turn(.fenced, nil, &progress)
        }
    }

    private func turn(_ finished: FinishedOpening, _ summary: OrderSummary?, _ progress: inout Progress) -> Turn {
        switch finished {
        case .serve(let served):
            guard let summary else { return .goOn }
            return .done(answer(served, summary, progress))
        case .refuse(let refusal):
            return .done(.refused(refusal))
        case .settled(let action):
            return .done(.refused(action.refusal))
        case .fenced:
            guard !progress.wasFenced else { return .done(.refused(.inProgress(retryAfter: .seconds(1)))) }
            progress.wasFenced = true
            progress.right = nil
            return .goOn
        case .beginAgain, .close, .query:
            return .goOn
        }
    }

    private func answer(_ served: ServedPage, _ summary: OrderSummary, _ progress: Progress) -> PayResult {
        .served(
            PayAnswer(
                order: summary, served: served, origin: progress.origin, madeOrder: progress.madeOrder,
                isReplay: false))
    }
}

extension Opening {
    private func store<Outcome: Sendable>(
        at now: Instant, _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome {
        guard let outcome = try await parts.ledger.update(request.number, creating: nil, at: now, decide) else {
            throw OrderVanished(number: request.number)
        }
        return outcome
    }

    /// Renews the lease for one more call about an attempt; nil when the right is old.
    private func renew(_ right: LeaseRight, for tradeNumber: TradeNumber) async throws -> Attempt? {
        let now = parts.clock.now()
        return try await parts.ledger.update(request.number, at: now) { order in
            order.renewLease(right, rules: parts.rules, at: now) ? order.attempt(tradeNumber) : nil
        }
    }

    private func giveBack(_ right: LeaseRight?) async throws {
        guard let right else { return }
        try await parts.ledger.update(request.number, at: parts.clock.now()) { order in
            order.giveBackLease(right, unanswered: false)
        }
    }
}

extension OpeningStep {
    /// Whether nothing more is done under the right that was held.
    fileprivate var endsTheWork: Bool {
        switch self {
        case .refuse, .serve: true
        case .wait, .create, .close, .beginAgain: false
        }
    }
}

extension SettleAction {
    /// What a pay call is told when it finds that money has come.
    fileprivate var refusal: PayRefusal {
        switch self {
        case .paid, .duplicate, .alreadyRecorded: .orderNotNew(.paid)
        case .late: .orderNotNew(.closed)
        // It pays nothing, but it may be the user's: until a person has decided, nothing else is offered.
        case .disputed, .unknownTrade: .switchUnsafe
        }
    }
}

extension KeyUse {
    /// What a page uses a key up for; nil while there is none.
    fileprivate func record(
        _ finished: FinishedOpening, _ order: Order, _ madeOrder: Bool, at now: Instant
    ) -> KeyRecord? {
        guard case .serve(let served) = finished, let attempt = order.attempt(served.tradeNumber) else { return nil }
        return KeyRecord(
            use: self, tradeNumber: served.tradeNumber, madeOrder: madeOrder,
            expiresAt: max(now + KeyRecord.shortestLife, attempt.request.providerDeadline))
    }
}
