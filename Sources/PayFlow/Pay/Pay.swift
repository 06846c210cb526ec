public import PayCore

/// Pay and repay, which are one path: the stored page if it is live, and the provider otherwise.
public struct Pay: Sendable {
    /// The most rounds of a call that has to wait for other work on its order.
    private static let mostRounds = 8

    let parts: FlowParts
    let singleFlight: SingleFlight
    private let freshLimit: FreshLimit

    public init(_ flows: Flows) {
        parts = flows.parts
        singleFlight = flows.singleFlight
        freshLimit = flows.freshLimit
    }

    public func callAsFunction(_ request: PayRequest) async throws -> PayResult {
        let result = try await answer(request)
        if case .served(let answer) = result { parts.observer.saw(.pageRequested(answer.origin)) }
        return result
    }

    private func answer(_ request: PayRequest) async throws -> PayResult {
        let look = try await look(for: request)
        let stored = storedAnswer(look, request)
        guard let use = request.key else {
            if let stored { return stored }
            return try await ask(request, after: look)
        }
        if let stored { return try await earlierOutcome(use, look.key, request) ?? stored }
        guard await singleFlight.admit(use) else { return .refused(.keyReused) }
        let result: Result<PayResult, any Error>
        do {
            result = .success(try await keyedAnswer(use, request, after: look))
        } catch {
            result = .failure(error)
        }
        await singleFlight.dismiss(use)
        return try result.get()
    }

    /// Another call may have used the key since the look. The decision that claims the key finds that out.
    private func keyedAnswer(_ use: KeyUse, _ request: PayRequest, after look: PayLook) async throws -> PayResult {
        if let earlier = try await earlierOutcome(use, look.key, request) { return earlier }
        let result = try await ask(request, after: look)
        switch result {
        case .served(let answer) where answer.key == use: return result
        case .ordered(let answer) where answer.key == use: return result
        // The page or the order is another call's, which may have been made under this very key. So may the pages that
        // the limit has counted.
        case .served, .ordered, .refused(.tooOften, _): return try await earlierOutcome(use, request) ?? result
        case .refused: return result
        }
    }

    private func earlierOutcome(_ use: KeyUse, _ request: PayRequest) async throws -> PayResult? {
        let record = try await parts.reads.keyRecord(use.key, at: parts.clock.now())
        return try await earlierOutcome(use, record, request)
    }

    /// The outcome that the key was used up for, if it still holds. Nil if the key is free, or if the same request is
    /// in flight under it.
    private func earlierOutcome(
        _ use: KeyUse, _ record: KeyRecord?, _ request: PayRequest
    ) async throws -> PayResult? {
        guard let record else { return nil }
        guard record.use.fingerprint == use.fingerprint else { return .refused(.keyReused) }
        guard record.isAnswered else { return nil }
        return try await replay(request, of: record)
    }

    /// Whether a stored page answers a repay.
    public var handsOutStoredPages: Bool { parts.repayMode == .cached }

    /// Counts a stored page that was served from a cache.
    public func handedOutStoredPage() {
        parts.observer.saw(.pageRequested(.hit))
    }

    /// The configured channels as buyers see them.
    public var channelList: ChannelList { parts.channels }

    /// The configured channels that can give a page of the order: those that take new attempts, and the live attempt's
    /// own. In the order of the list of channels. Channels without time for a page are left out, unless none has time.
    public func channels(for order: Order, on terminal: Terminal) async throws -> [Channel] {
        let refusing = try await parts.acceptance.refusing()
        let live = order.liveAttempt?.channel
        let fitting = parts.channels.sorted(parts.providers.channels).filter { channel in
            guard let terms = parts.providers[channel]?.terms, channel == live || !refusing.contains(channel) else {
                return false
            }
            return terms.trades[terminal] != nil && terms.currencies?.contains(order.money.currency.code) ?? true
        }
        let now = parts.clock.now()
        let inTime = Set(fitting.filter { hasTime(for: order, at: $0, on: terminal, now: now) })
        guard !inTime.isEmpty else { return fitting }
        return fitting.filter { $0 == live || inTime.contains($0) }
    }

    /// Whether the channel could still give a page of the order: a new one, or a fresh one of an attempt that it revives.
    private func hasTime(for order: Order, at channel: Channel, on terminal: Terminal, now: Instant) -> Bool {
        guard let trade = parts.providers[channel]?.terms.trades[terminal] else { return false }
        if parts.rules.shortestLife(of: order, trade: trade, at: now) == nil { return true }
        return order.attempts.contains { old in
            old.channel == channel && old.state.name == .exposed && old.pages.contains { $0.isFresh(at: now) }
        }
    }

    /// The longest time that one worker can hold an order.
    public var leaseLength: Duration { parts.rules.leaseLength }

    /// Whether the channel mints another page for the same number. If not, each request may use up another of the
    /// order's numbers.
    public func numberMayBeAskedAgain(by channel: Channel, on terminal: Terminal) -> Bool {
        parts.providers[channel]?.terms.trades[terminal]?.numberMayBeAskedAgain ?? false
    }

    /// The one read of a pay call before it begins.
    private func look(for request: PayRequest) async throws -> PayLook {
        let mayBeStored = handsOutStoredPages && !request.fresh
        return try await parts.reads.look(
            at: request.number, for: mayBeStored ? request.query : nil, key: request.key?.key, at: parts.clock.now())
    }

    /// The hot path: no write, no provider call. Nil if no page is live.
    private func storedAnswer(_ look: PayLook, _ request: PayRequest) -> PayResult? {
        guard case .page(let live) = look.found else { return nil }
        // The read may have waited, and the page may have expired since.
        let now = parts.clock.now()
        guard live.served.page.isFresh(at: now) else { return nil }
        if let refusal = request.refusal(for: live.order) { return .refused(refusal) }
        guard now < parts.rules.deadlines.cutOff(of: live.order.deadline) else { return .refused(.tooLate) }
        return .served(
            PayAnswer(
                order: live.order, served: live.served, version: live.version, origin: .hit, madeOrder: false,
                isReplay: false, key: nil))
    }

    /// A call without a stored page: alone for its order in this process, or joined to a call for the same page.
    ///
    /// - Parameter first: the read that found no answer.
    func ask(_ request: PayRequest, after first: PayLook) async throws -> PayResult {
        if let draft = request.draftWithoutChannel { return try await begin(draft, request, after: first) }
        var look = first
        for round in 0..<Self.mostRounds {
            if round > 0 {
                look = try await self.look(for: request)
                if let stored = storedAnswer(look, request) { return stored }
            }
            let order: Order?
            switch look.found {
            case .order(let known): order = known
            // The page has expired since it was read.
            case .page: order = try await parts.reads.order(request.number)
            }
            guard let known = order ?? request.draft else { return .refused(.noSuchOrder) }
            let wish: PageWish
            switch parts.checkedWish(of: request, for: known, isNew: order == nil, at: parts.clock.now()) {
            case .failure(let refusal): return .refused(refusal)
            case .success(let checked): wish = checked
            }
            if round == 0, let pause = request.limit?.pause() { return .refused(.tooOften(retryAfter: pause)) }
            do {
                let paused = look.paused
                let passed = try await singleFlight.pay(request.number, SingleFlight.Work(request)) {
                    if let pause = pauseBeforeFresh(wish, order) { return .refused(.tooOften(retryAfter: pause)) }
                    return try await Opening(parts: parts, request: request, paused: paused).run()
                }
                guard let (result, joined) = passed else { continue }
                return joined ? result.joined(by: request) : result
            } catch let conflict as KeyConflict {
                // The call joined one under another key, and that key has stopped it.
                guard conflict.use == request.key else { continue }
                return try await outcome(of: conflict, request)
            }
        }
        return .refused(.inProgress(retryAfter: .seconds(1)))
    }

    /// The result of a call whose key another process has used in the meantime.
    func outcome(of conflict: KeyConflict, _ request: PayRequest) async throws -> PayResult {
        switch conflict.reason {
        case .otherRequest: .refused(.keyReused)
        case .answered:
            try await earlierOutcome(conflict.use, request) ?? .refused(.inProgress(retryAfter: .seconds(1)))
        }
    }

    /// The wait before a live page may be minted again; nil without one.
    private func pauseBeforeFresh(_ wish: PageWish, _ order: Order?) -> Duration? {
        let now = parts.clock.now()
        guard wish.fresh, let order, order.livePage(for: wish, at: now) != nil else { return nil }
        return freshLimit.pause(before: order.number, at: now)
    }
}

extension PayResult {
    /// The result for a call that joined another one. The page is the same, but only a call under the same key counts
    /// as the one that made the order.
    fileprivate func joined(by request: PayRequest) -> PayResult {
        guard case .served(var answer) = self else { return self }
        let isSameCall = answer.key != nil && answer.key == request.key
        answer.madeOrder = answer.madeOrder && isSameCall
        answer.origin = .collapsed(wasStale: answer.origin == .stale)
        return .served(answer)
    }
}
