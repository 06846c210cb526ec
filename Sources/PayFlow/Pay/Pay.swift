public import PayCore

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
        guard let use = request.key else {
            if let stored = try await storedAnswer(request) { return stored }
            return try await ask(request)
        }
        // The key is looked up after the page: whoever stored the page stored its key with it.
        if let stored = try await storedAnswer(request) { return try await earlierOutcome(use, request) ?? stored }
        guard await turnstile.admit(use) else { return .refused(.keyReused) }
        let result: Result<PayResult, any Error>
        do {
            result = .success(try await keyedAnswer(use, request))
        } catch {
            result = .failure(error)
        }
        await turnstile.dismiss(use)
        return try result.get()
    }

    private func keyedAnswer(_ use: KeyUse, _ request: PayRequest) async throws -> PayResult {
        if let earlier = try await earlierOutcome(use, request) { return earlier }
        let result = try await ask(request)
        // A page that another call made, which may have been made under this very key.
        guard case .served(let answer) = result, answer.key != use else { return result }
        return try await earlierOutcome(use, request) ?? result
    }

    /// What the key was used up for, as far as it still holds; nil when it is free.
    private func earlierOutcome(_ use: KeyUse, _ request: PayRequest) async throws -> PayResult? {
        guard let record = try await parts.ledger.keyRecord(use.key, at: parts.clock.now()) else { return nil }
        guard record.use.fingerprint == use.fingerprint else { return .refused(.keyReused) }
        return try await replay(request, of: record)
    }

    /// Whether a stored page answers a repay.
    public var handsOutStoredPages: Bool { parts.repayMode == .cached }

    /// To be told when a stored page was handed out that somebody keeps in memory.
    public func handedOutStoredPage() {
        parts.witness.saw(.pageRequested(.hit))
    }

    /// The configured channels that could be asked for a page of such an order.
    public func channels(for money: Money, on terminal: Terminal) -> [Channel] {
        parts.providers.channels.filter { channel in
            guard let terms = parts.providers[channel]?.terms else { return false }
            return terms.trades[terminal] != nil && terms.currencies?.contains(money.currency.code) ?? true
        }
    }

    /// Whether the channel gives the page of a trade once more when it is asked; where not, each asking may use up
    /// another of an order's numbers.
    public func numberMayBeAskedAgain(by channel: Channel, on terminal: Terminal) -> Bool {
        parts.providers[channel]?.terms.trades[terminal]?.numberMayBeAskedAgain ?? false
    }

    /// The hot path: one indexed read, no write, no provider call. Nil when no page is live.
    private func storedAnswer(_ request: PayRequest) async throws -> PayResult? {
        guard handsOutStoredPages, !request.fresh else { return nil }
        guard let live = try await parts.ledger.livePage(for: request.query, at: parts.clock.now()) else { return nil }
        // The read may have waited, and what it found may have ended meanwhile.
        let now = parts.clock.now()
        guard live.served.page.isFresh(at: now) else { return nil }
        if let refusal = request.refusal(for: live.order) { return .refused(refusal) }
        guard now < parts.rules.deadlines.cutOff(of: live.order.deadline) else { return .refused(.tooLate) }
        return .served(
            PayAnswer(
                order: live.order, served: live.served, origin: .hit, madeOrder: false, isReplay: false, key: nil))
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
            if round == 0, let pause = request.limit?.pause() { return .refused(.tooOften(retryAfter: pause)) }
            let work = Turnstile.Work(
                wish: opening.wish, draft: request.draft.map(OrderDraftIdentity.init))
            let passed = try await turnstile.pay(request.number, work) {
                if let pause = pauseBeforeFresh(opening, order) { return .refused(.tooOften(retryAfter: pause)) }
                return try await opening.run()
            }
            guard let (result, joined) = passed else { continue }
            return joined ? result.joined(by: request) : result
        }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    private enum Prepared {
        case refused(PayRefusal)
        case ready(Opening)
    }

    /// Settles what was left out, and refuses what no provider has to be asked about.
    private func prepare(_ request: PayRequest, _ order: Order?) -> Prepared {
        let now = parts.clock.now()
        if let order {
            let refusal = request.refusal(for: OrderSummary(order)) ?? order.refusalToOpen(rules: parts.rules, at: now)
            if let refusal { return .refused(refusal) }
        }
        guard let known = order ?? request.draft else { return .refused(.noSuchOrder) }
        guard let wish = wish(of: request, for: known) else {
            return .refused(.unacceptable([.init(pointer: "/channel", detail: "no attempt was made yet: name one")]))
        }
        guard let provider = parts.providers[wish.channel], let trade = provider.terms.trades[wish.terminal] else {
            return .refused(.channelUnavailable)
        }
        let fields = provider.terms.unacceptable(
            wish, from: request.clientIP, for: known, isFirst: order == nil, trade: trade, rules: parts.rules, at: now)
        guard fields.isEmpty else { return .refused(.unacceptable(fields)) }
        return .ready(Opening(parts: parts, request: request, wish: wish))
    }

    /// What is asked for, with what was left out taken from the live attempt, or else the last one.
    func wish(of request: PayRequest, for order: Order) -> PageWish? {
        let model = order.liveAttempt ?? order.attempts.last
        guard let channel = request.channel ?? model?.channel,
            let terminal = request.terminal ?? model?.request.terminal
        else { return nil }
        let inherited = model?.channel == channel ? model?.request.payer.openID : nil
        let openID = request.openID ?? inherited ?? ""
        let bound = parts.providers[channel]?.terms.bound(openID, on: terminal) ?? openID
        return PageWish(channel: channel, terminal: terminal, openID: bound, fresh: request.fresh)
    }

    /// How long the user has to wait before a live page is made anew once more; nil when they needn't.
    private func pauseBeforeFresh(_ opening: Opening, _ order: Order?) -> Duration? {
        let now = parts.clock.now()
        guard opening.wish.fresh, let order, order.livePage(for: opening.wish, at: now) != nil else { return nil }
        return freshLimit.pause(before: order.number, at: now)
    }
}

extension PayRequest {
    /// Why the caller may not have this order, if so.
    func refusal(for order: OrderSummary) -> PayRefusal? {
        if let userID, userID != order.userID { return .noSuchOrder }
        if let draft, !order.agrees(with: draft) { return .orderMismatch }
        return nil
    }
}

extension PayResult {
    /// What a call is told that joined another: the page is the same, but only a call under the same key is the one
    /// that made the order.
    fileprivate func joined(by request: PayRequest) -> PayResult {
        guard case .served(var answer) = self else { return self }
        let isSameCall = answer.key != nil && answer.key == request.key
        answer.madeOrder = answer.madeOrder && isSameCall
        answer.origin = .collapsed(wasStale: answer.origin == .stale)
        return .served(answer)
    }
}

extension ProviderTerms {
    /// The particulars that break a rule of this channel's, all of them.
    func unacceptable(
        _ wish: PageWish, from clientIP: String?, for order: Order, isFirst: Bool, trade: TradeTerms, rules: PayRules,
        at now: Instant
    ) -> [UnacceptableField] {
        var fields: [UnacceptableField] = []
        if let currencies, !currencies.contains(order.money.currency.code) {
            fields.append(.init(pointer: "/currency", detail: "\(wish.channel) doesn't take \(order.money.currency)"))
        }
        if terminalsThatNeedOpenID.contains(wish.terminal), wish.openID.isEmpty {
            fields.append(.init(pointer: "/payer/openid", detail: "a page for \(wish.terminal) is bound to an openid"))
        }
        if terminalsThatNeedClientIP.contains(wish.terminal), clientIP == nil, order.storedAddress(for: wish) == nil {
            let detail = "a page for \(wish.terminal) is made for the reader's address"
            fields.append(.init(pointer: "/payer/client_ip", detail: detail))
        }
        if isFirst, let shortest = rules.shortestLife(of: order, trade: trade, at: now) {
            let seconds = shortest.secondsToWait
            fields.append(.init(pointer: "/expires_in", detail: "leaves no time to pay: at least \(seconds) s"))
        }
        return fields
    }
}
