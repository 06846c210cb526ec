import PayCore

/// Pay and repay, which are one path: the stored page where it is live, the provider where it is not.
public struct Pay: Sendable {
    /// How often a call begins again because other work on its order had to end first.
    private static let mostRounds = 8

    let parts: FlowParts
    let turnstile: Turnstile
    private let freshLimit = FreshLimit()

    public init(_ stories: Stories) {
        parts = stories.parts
        turnstile = stories.turnstile
    }

    public func callAsFunction(_ request: PayRequest) async throws -> PayResult {
        let result = try await answer(request)
        if case .served(let answer) = result { parts.witness.saw(.pageRequested(answer.origin)) }
        return result
    }

    private func answer(_ request: PayRequest) async throws -> PayResult {
        if let use = request.key, let record = try await parts.ledger.keyRecord(use.key, at: parts.clock.now()) {
            guard record.use.fingerprint == use.fingerprint else { return .refused(.keyReused) }
            return try await replay(request, of: record)
        }
        if let stored = try await storedAnswer(request) { return stored }
        guard let use = request.key else { return try await ask(request) }
        guard await turnstile.admit(use) else { return .refused(.keyReused) }
        do {
            let result = try await ask(request)
            await turnstile.dismiss(use)
            return result
        } catch {
            await turnstile.dismiss(use)
            throw error
        }
    }

    /// The hot path: one indexed read, no write, no provider call. Nil when no page is live.
    private func storedAnswer(_ request: PayRequest) async throws -> PayResult? {
        guard parts.repayMode == .cached, !request.fresh else { return nil }
        let now = parts.clock.now()
        let query = LivePageQuery(
            number: request.number, channel: request.channel, terminal: request.terminal,
            openID: request.payer?.openID)
        guard let live = try await parts.ledger.livePage(for: query, at: now) else { return nil }
        if let refusal = request.refusal(for: live.order) { return .refused(refusal) }
        guard now < parts.rules.deadlines.cutOff(of: live.order.deadline) else { return .refused(.tooLate) }
        return .served(
            PayAnswer(order: live.order, served: live.served, origin: .hit, madeOrder: false, isReplay: false))
    }

    /// A call that no stored page answers: alone for its order in this process, or joined to one that asks the same.
    func ask(_ request: PayRequest) async throws -> PayResult {
        for round in 0..<Self.mostRounds {
            if round > 0, let stored = try await storedAnswer(request) { return stored }
            let order = try await parts.ledger.order(request.number)
            let opening: Opening
            switch prepare(request, order) {
            case .refused(let refusal): return .refused(refusal)
            case .ready(let ready): opening = ready
            }
            let work = Turnstile.Work.page(opening.wish, draft: request.draft.map(OrderDraftIdentity.init))
            guard let (result, joined) = try await turnstile.pay(request.number, work, { try await opening.run() })
            else { continue }
            return joined ? result.joined : result
        }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private enum Prepared {
        case refused(PayRefusal)
        case ready(Opening)
    }

    /// Settles what was left out, and refuses what no provider has to be asked about.
    private func prepare(_ request: PayRequest, _ order: Order?) -> Prepared {
        guard let known = order ?? request.draft else { return .refused(.noSuchOrder) }
        let now = parts.clock.now()
        if let refusal = request.refusal(for: OrderSummary(known)) ?? known.refusalToOpen(rules: parts.rules, at: now),
            order != nil
        {
            return .refused(refusal)
        }
        guard let wish = request.wish(for: known) else {
            return .refused(.unacceptable([.init(pointer: "/channel", detail: "no attempt was made yet: name one")]))
        }
        guard let provider = parts.providers[wish.channel], let trade = provider.terms.trades[wish.terminal] else {
            return .refused(.channelUnavailable)
        }
        let fields = provider.terms.unacceptable(
            wish, for: known, isFirst: order == nil, trade: trade, rules: parts.rules, at: now)
        guard fields.isEmpty else { return .refused(.unacceptable(fields)) }
        if wish.fresh, let pause = freshLimit.pause(before: request.number, at: now) {
            return .refused(.tooOften(retryAfter: pause))
        }
        return .ready(Opening(parts: parts, request: request, wish: wish, terms: provider.terms))
    }
}

extension PayRequest {
    /// Why the caller may not have this order, if so.
    func refusal(for order: OrderSummary) -> PayRefusal? {
        if let userID, userID != order.userID { return .noSuchOrder }
        if let draft, !order.agrees(with: draft) { return .orderMismatch }
        return nil
    }

    /// What is asked for, with what was left out taken from the live attempt, or else the last one.
    func wish(for order: Order) -> PageWish? {
        let model = order.liveAttempt ?? order.attempts.last
        guard let channel = channel ?? model?.channel, let terminal = terminal ?? model?.request.terminal else {
            return nil
        }
        let inherited = model?.channel == channel ? model?.request.payer.openID : nil
        return PageWish(
            channel: channel, terminal: terminal, openID: payer?.openID ?? inherited ?? "", fresh: fresh)
    }
}

extension PayResult {
    /// What a call is told that joined another: the page is the same, the work was not its own.
    fileprivate var joined: PayResult {
        guard case .served(var answer) = self else { return self }
        answer.origin = .collapsed(wasStale: answer.origin == .stale)
        return .served(answer)
    }
}

extension ProviderTerms {
    /// The particulars that break a rule of this channel's, all of them.
    func unacceptable(
        _ wish: PageWish, for order: Order, isFirst: Bool, trade: TradeTerms, rules: PayRules, at now: Instant
    ) -> [UnacceptableField] {
        var fields: [UnacceptableField] = []
        if let currencies, !currencies.contains(order.money.currency.code) {
            let taken = currencies.sorted().joined(separator: ", ")
            fields.append(.init(pointer: "/currency", detail: "\(wish.channel) takes \(taken) only"))
        }
        if terminalsThatNeedOpenID.contains(wish.terminal), wish.openID.isEmpty {
            fields.append(.init(pointer: "/payer/openid", detail: "a page for \(wish.terminal) is bound to an openid"))
        }
        if isFirst, let shortest = rules.shortestLife(of: order, trade: trade, at: now) {
            let seconds = shortest.secondsToWait
            fields.append(.init(pointer: "/expires_in", detail: "leaves no time to pay: at least \(seconds) s"))
        }
        return fields
    }
}
