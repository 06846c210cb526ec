/// The input of a pay call to the rules.
public struct OpeningCall: Sendable {
    public let wish: PageWish
    /// The buyer's IP address, for a provider that requires it with a trade's first request.
    public let clientIP: String?
    /// False in `repay.mode = provider`, where a stored page is never returned.
    public let takesStoredPage: Bool
    public let notifyURL: String
    /// The merchant's app that a new trade for the wish belongs to; nil if the provider has no apps by terminal.
    public let appID: String?
    /// The terms of every configured channel: the attempt that must be closed may belong to another channel.
    public let channels: [Channel: ProviderTerms]
    public let rules: PayRules
    public let worker: WorkerID
    /// The attempts that this call has closed and queried.
    public let asked: Set<TradeNumber>
    /// How long the provider of the wish is paused; nil if it can be called.
    public let pause: Duration?
    /// False while the channel of the wish is paused: it creates no new attempts and finishes the ones it has.
    public let acceptsNewAttempts: Bool

    public init(
        wish: PageWish, clientIP: String?, takesStoredPage: Bool, notifyURL: String, appID: String? = nil,
        channels: [Channel: ProviderTerms], rules: PayRules, worker: WorkerID, asked: Set<TradeNumber> = [],
        pause: Duration? = nil, acceptsNewAttempts: Bool = true
    ) {
        self.wish = wish
        self.clientIP = clientIP
        self.takesStoredPage = takesStoredPage
        self.notifyURL = notifyURL
        self.appID = appID
        self.channels = channels
        self.rules = rules
        self.worker = worker
        self.asked = asked
        self.pause = pause
        self.acceptsNewAttempts = acceptsNewAttempts
    }

    /// The terms of a trade that is opened from a terminal at the channel of the wish; nil if the terminal is not
    /// supported.
    func trade(openedFrom terminal: Terminal) -> TradeTerms? { channels[wish.channel]?.trades[terminal] }

    /// The refusal while the provider is paused; nil if it can be called.
    fileprivate var refusalWhilePaused: PayRefusal? { pause.map { .providerUnavailable(retryAfter: $0) } }

    /// Whether the attempt's channel is not configured, so that nothing can be sent to its provider.
    fileprivate func isMissingChannel(of attempt: Attempt) -> Bool { channels[attempt.channel] == nil }

    /// Whether a close that the provider confirms proves that the attempt takes no money.
    func closeCanBeProven(of attempt: Attempt) -> Bool {
        channels[attempt.channel]?.trades[attempt.request.terminal]?.closeCanBeProven == true
    }
}

/// The next step for the caller of ``Order/beginOpening(_:holding:at:)``.
public enum OpeningStep: Hashable, Sendable {
    case refuse(PayRefusal)
    case serve(ServedPage)
    /// Another worker holds the lease until this instant.
    case wait(until: Instant)
    /// Send this request. `wasStale` is true if a page existed and has expired.
    case create(LeaseRight, CreateRequest, wasStale: Bool)
    /// The live attempt must be superseded first: close it, then query it.
    case close(LeaseRight, TradeNumber)
    /// A buyer may hold a page of this attempt, which could not be proven closed: close it again, and query it. Without
    /// an answer, no other attempt may follow.
    case closeAgain(LeaseRight, TradeNumber)
    /// The buyer returns to a superseded attempt. It may be opened again if a query shows that it can be paid.
    case queryToRevive(LeaseRight, TradeNumber)
    /// An attempt without a page was superseded; begin again under this right.
    case beginAgain(LeaseRight)
}

/// The result of a look by a call that waits for another call.
public enum WaitingLook: Hashable, Sendable {
    case serve(ServedPage)
    case refuse(PayRefusal)
    case atWork(until: Instant)
    case ended
}

/// A stored request, and the terminal and payer of the wanted page.
public struct CreateRequest: Hashable, Sendable {
    public let tradeNumber: TradeNumber
    public let channel: Channel
    public let stored: StoredRequest
    public let terminal: Terminal
    public let openID: String
    /// When the attempt was created. It never changes, like the stored request.
    public let createdAt: Instant
    /// The provider's own name for the trade, if the provider has returned it.
    public let reference: ProviderReference?

    public init(
        tradeNumber: TradeNumber, channel: Channel, stored: StoredRequest, terminal: Terminal, openID: String,
        createdAt: Instant, reference: ProviderReference? = nil
    ) {
        self.tradeNumber = tradeNumber
        self.channel = channel
        self.stored = stored
        self.terminal = terminal
        self.openID = openID
        self.createdAt = createdAt
        self.reference = reference
    }
}

extension Order {
    /// The buyer's IP address from an earlier call for the same channel and terminal. A later call need not repeat it.
    public func storedAddress(for wish: PageWish) -> String? {
        attempts.last { $0.channel == wish.channel && $0.request.terminal == wish.terminal }?.request.payer.clientIP
    }

    /// Decides the next step of a pay call, and stores the intent if the step is a provider call.
    public mutating func beginOpening(
        _ call: OpeningCall, holding held: LeaseRight? = nil, at now: Instant
    ) throws(IllegalTransition) -> OpeningStep {
        if let refusal = refusalToOpen(rules: call.rules, at: now) { return .refuse(refusal) }
        if call.takesStoredPage, !call.wish.fresh, let served = livePage(for: call.wish, at: now) {
            return .serve(served)
        }
        cutFutureLease(call.rules, at: now)
        if isLeased(at: now), held.map({ honours($0) }) != true, !unansweredCreateMayGiveWay(to: call.wish) {
            let left = leaseLeft(at: now)
            return lease?.isUnanswered == true ? .refuse(.providerUnknown(retryAfter: left)) : .wait(until: now + left)
        }
        guard let live = liveIndex else { return try openNext(call, holding: held, at: now) }
        switch attempts[live].state {
        case .creating(let tries):
            return try askAgain(live, tries, call, holding: held, at: now)
        case .open:
            return try mintAgain(live, call, holding: held, at: now)
        case .closing, .exposed, .closed, .failed, .lapsed, .paid:
            if attempts[live].pages.isEmpty, call.isMissingChannel(of: attempts[live]) {
                // Its close can't be sent, and no buyer holds a page of it, so no money can be taken.
                if let refusal = refusalToMakeWay(for: call, at: now) { return .refuse(refusal) }
                let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
                try attempts[live].become(.exposed(closeUnansweredAt: nil), at: now)
                return .beginAgain(right)
            }
            if let refusal = refusalToCloseLeftover(live, for: call, at: now) { return .refuse(refusal) }
            let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
            try beginClosing(live, rules: call.rules, at: now)
            // A close was interrupted. A buyer who returns to the same channel may hold a page of it.
            let isComingBack = attempts[live].channel == call.wish.channel
            return isComingBack ? .closeAgain(right, attempts[live].number) : .close(right, attempts[live].number)
        }
    }

    /// The state for a call that waits for another call's result: the page, a refusal, still in progress, or ended
    /// without a page. A waiting call never calls the provider itself.
    ///
    /// If a stored page is not allowed, a page created since the wait began is.
    public func look(for call: OpeningCall, since begin: Instant, at now: Instant) -> WaitingLook {
        if let refusal = refusalToOpen(rules: call.rules, at: now) { return .refuse(refusal) }
        let mustBeNew = call.wish.fresh || !call.takesStoredPage
        if let served = livePage(for: call.wish, at: now), !mustBeNew || served.page.mintedAt >= begin {
            return .serve(served)
        }
        guard isLeased(at: now) else { return .ended }
        let left = leaseLeft(at: now, rules: call.rules)
        return lease?.isUnanswered == true ? .refuse(.providerUnknown(retryAfter: left)) : .atWork(until: now + left)
    }

    /// The refusal of every pay call of this order; nil if pay calls are possible.
    public func refusalToOpen(rules: PayRules, at now: Instant) -> PayRefusal? {
        switch state {
        case .paid, .closed, .expired: PayRefusal(state.name)
        case .new: now < rules.deadlines.cutOff(of: deadline) ? nil : .tooLate
        }
    }

    /// Whether a create that is sent now ends at our deadline, and not at a deadline that the provider extended.
    func hasRoom(for terms: TradeTerms, until providerDeadline: Instant, rules: PayRules, at now: Instant) -> Bool {
        providerDeadline - now >= terms.shortestRoom(rules)
    }

    /// The refusal of a new attempt for this call, if any. Checked before another attempt is superseded.
    private func refusalOfNext(for call: OpeningCall, at now: Instant) -> PayRefusal? {
        guard let trade = call.trade(openedFrom: call.wish.terminal), call.acceptsNewAttempts else {
            return .channelUnavailable
        }
        guard hasRoom(for: trade, until: nextProviderDeadline(for: call, at: now), rules: call.rules, at: now) else {
            return .tooLate
        }
        if attempts.count >= PayRules.mostAttempts || !nextTradeNumber.fitsProviders { return .tooManyAttempts }
        return call.refusalWhilePaused
    }

    /// The reason not to supersede the live attempt for this call, if any: no new attempt and no revival would follow.
    private func refusalToMakeWay(for call: OpeningCall, at now: Instant) -> PayRefusal? {
        if mayBePaidUnseen(by: call) { return .switchUnsafe }
        if wayBack(for: call, at: now) != nil { return call.refusalWhilePaused }
        return refusalOfNext(for: call, at: now) ?? (isHeldBack(by: call.rules) ? .switchUnsafe : nil)
    }

    /// The reason not to finish an interrupted close for this call, if any. A close that can't be sent proves nothing,
    /// and a close without a following attempt is not sent.
    private func refusalToCloseLeftover(_ index: Int, for call: OpeningCall, at now: Instant) -> PayRefusal? {
        if call.isMissingChannel(of: attempts[index]) { return .switchUnsafe }
        guard !call.acceptsNewAttempts, attempts[index].channel != call.wish.channel else { return nil }
        return wayBack(for: call, at: now) == nil ? .channelUnavailable : nil
    }

    /// Whether a buyer may hold a payable page at a channel that is not configured. No close can reach it and no query
    /// would find its money, so no other payable page is created.
    private func mayBePaidUnseen(by call: OpeningCall) -> Bool {
        attempts.contains { attempt in
            guard !attempt.pages.isEmpty, call.isMissingChannel(of: attempt) else { return false }
            switch attempt.state {
            case .open, .closing, .exposed: return true
            case .creating, .closed, .failed, .lapsed, .paid: return false
            }
        }
    }

    /// Whether `strict` forbids another attempt, because a buyer may hold a page that still takes money.
    private func isHeldBack(by rules: PayRules) -> Bool {
        rules.switchPolicy == .strict && attempts.contains(where: \.mayBePaidByAnOldPage)
    }

    private func nextProviderDeadline(for call: OpeningCall, at now: Instant) -> Instant {
        let providerDeadline = call.rules.deadlines.providerDeadline(of: deadline)
        let longestLife = call.channels[call.wish.channel]?.longestLife
        return longestLife.map { min(providerDeadline, now + $0) } ?? providerDeadline
    }

    /// No attempt is live: revive a superseded attempt, or create the next one.
    private mutating func openNext(
        _ call: OpeningCall, holding held: LeaseRight?, at now: Instant
    ) throws(IllegalTransition) -> OpeningStep {
        if mayBePaidUnseen(by: call) { return .refuse(.switchUnsafe) }
        if let back = wayBack(for: call, at: now) {
            if let refusal = call.refusalWhilePaused { return .refuse(refusal) }
            let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
            return .queryToRevive(right, attempts[back].number)
        }
        if let refusal = refusalOfNext(for: call, at: now) { return .refuse(refusal) }
        if let old = oldPageToClose(for: call) {
            let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
            try beginClosing(old, rules: call.rules, at: now)
            let isComingBack = attempts[old].channel == call.wish.channel
            return isComingBack ? .closeAgain(right, attempts[old].number) : .close(right, attempts[old].number)
        }
        if isHeldBack(by: call.rules) { return .refuse(.switchUnsafe) }
        return openNext(after: held, call, at: now)
    }

    private mutating func openNext(after held: LeaseRight?, _ call: OpeningCall, at now: Instant) -> OpeningStep {
        let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
        let providerDeadline = nextProviderDeadline(for: call, at: now)
        let attempt = Attempt(
            number: nextTradeNumber, channel: call.wish.channel,
            request: StoredRequest(
                terminal: call.wish.terminal,
                payer: Payer(openID: call.wish.openID, clientIP: call.clientIP ?? storedAddress(for: call.wish)),
                money: money, subject: subject, providerDeadline: providerDeadline, notifyURL: call.notifyURL,
                returnURL: returnURL, appID: call.appID),
            createdAt: now,
            state: .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: now + call.rules.leaseLength)),
            stateSince: now, lastWordAt: providerDeadline + call.rules.deadlines.margin)
        attempts.append(attempt)
        return .create(right, attempt.storedCreate, wasStale: hadPage(for: call.wish))
    }

    /// The attempt to close again before another attempt follows, because a buyer may hold a page of it. This is always
    /// an attempt of the same channel; with `strict` also one of another channel whose close can be proven.
    private func oldPageToClose(for call: OpeningCall) -> Int? {
        attempts.firstIndex { old in
            guard old.mayBePaidByAnOldPage, !call.asked.contains(old.number) else { return false }
            if old.channel == call.wish.channel { return true }
            return call.rules.switchPolicy == .strict && call.closeCanBeProven(of: old)
        }
    }

    /// A create with an unknown outcome: send the same request again, or create another attempt if that is safe.
    private mutating func askAgain(
        _ index: Int, _ tries: Tries, _ call: OpeningCall, holding held: LeaseRight?, at now: Instant
    ) throws(IllegalTransition) -> OpeningStep {
        let live = attempts[index]
        let wasNeverSent = nothingWasSent(tries)
        if mayGiveWay(live, tries, wasNeverSent: wasNeverSent, to: call, at: now) {
            if let refusal = refusalToMakeWay(for: call, at: now) { return .refuse(refusal) }
            let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
            try attempts[index].become(.exposed(closeUnansweredAt: nil), at: now)
            return .beginAgain(right)
        }
        guard let trade = call.trade(openedFrom: live.request.terminal),
            hasRoom(for: trade, until: live.request.providerDeadline, rules: call.rules, at: now)
        else { return .refuse(.tooLate) }
        if let refusal = call.refusalWhilePaused { return .refuse(refusal) }
        if mayBePaidUnseen(by: call) { return .refuse(.switchUnsafe) }
        let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
        noteSending(index, tries, wasNeverSent: wasNeverSent, rules: call.rules, at: now)
        return .create(right, live.storedCreate, wasStale: false)
    }

    /// Whether it is certain that no try of a create left this machine. A process that crashed at work leaves its lease
    /// behind, and an unknown outcome is recorded; a request that was not sent leaves neither.
    func nothingWasSent(_ tries: Tries) -> Bool { lease == nil && tries.firstUnknownAt == nil }

    /// Records that a request is sent again. An earlier request may have arrived.
    mutating func noteSending(
        _ index: Int, _ tries: Tries, wasNeverSent: Bool, rules: PayRules, at now: Instant
    ) {
        attempts[index].note(
            .creating(
                Tries(
                    count: tries.count, firstUnknownAt: wasNeverSent ? nil : tries.firstUnknownAt ?? now,
                    recoverAt: now + rules.leaseLength)))
    }

    /// The open attempt has no live page for the wish: create one more page of the same trade, or end the trade.
    private mutating func mintAgain(
        _ index: Int, _ call: OpeningCall, holding held: LeaseRight?, at now: Instant
    ) throws(IllegalTransition) -> OpeningStep {
        let live = attempts[index]
        guard live.channel == call.wish.channel, let trade = call.trade(openedFrom: live.request.terminal),
            trade.numberMayBeAskedAgain, trade.canServe(call.wish, openedBy: live.request)
        else { return try makeWay(index, call, holding: held, at: now) }
        guard hasRoom(for: trade, until: live.request.providerDeadline, rules: call.rules, at: now) else {
            return .refuse(.tooLate)
        }
        if let refusal = call.refusalWhilePaused { return .refuse(refusal) }
        let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
        // The provider may invalidate the old page as soon as it is called, so the page ends here before the call.
        attempts[index].endPages(for: call.wish, at: now)
        let request = live.create(for: call.wish.terminal, openID: call.wish.openID)
        return .create(right, request, wasStale: hadPage(for: call.wish))
    }

    /// The open attempt can't give this page: it is closed before another attempt is created. Nothing changes until it
    /// is certain that another attempt may follow.
    private mutating func makeWay(
        _ index: Int, _ call: OpeningCall, holding held: LeaseRight?, at now: Instant
    ) throws(IllegalTransition) -> OpeningStep {
        if let refusal = refusalToMakeWay(for: call, at: now) { return .refuse(refusal) }
        guard call.rules.switchPolicy == .allow || call.closeCanBeProven(of: attempts[index]) else {
            return .refuse(.switchUnsafe)
        }
        let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
        try beginClosing(index, rules: call.rules, at: now)
        return .close(right, attempts[index].number)
    }

    /// Whether the wish was once given a page, which has expired.
    private func hadPage(for wish: PageWish) -> Bool {
        attempts.contains { attempt in
            attempt.channel == wish.channel
                && attempt.pages.contains { $0.serves(wish.terminal, openID: wish.openID) }
        }
    }

    /// Whether an attempt that never stored a page may be superseded. No buyer holds a page of it. Another channel may
    /// follow at once; the same channel may follow if the number can't be sent again or its outcome stayed unknown for
    /// long.
    private func mayGiveWay(
        _ live: Attempt, _ tries: Tries, wasNeverSent: Bool, to call: OpeningCall, at now: Instant
    ) -> Bool {
        guard live.channel == call.wish.channel else { return true }
        // The provider can't know the number, so the number stays usable.
        if wasNeverSent { return false }
        guard call.trade(openedFrom: live.request.terminal)?.numberMayBeAskedAgain == true else { return true }
        let patience = call.rules.leaseLength * PayRules.leasesUntilUnknownGivesWay
        guard let since = tries.firstUnknownAt, tries.count > PayRules.leasesUntilUnknownGivesWay else { return false }
        return now - since >= patience
    }

    /// A kept lease blocks calls for the same channel, but not for another channel.
    private func unansweredCreateMayGiveWay(to wish: PageWish) -> Bool {
        guard lease?.isUnanswered == true, let live = liveAttempt, live.state.name == .creating else { return false }
        return live.channel != wish.channel
    }
}

extension Attempt {
    /// The stored request for its own terminal and payer.
    var storedCreate: CreateRequest { create(for: request.terminal, openID: request.payer.openID) }

    /// The stored request for a page of this terminal and payer.
    func create(for terminal: Terminal, openID: String) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: request, terminal: terminal, openID: openID,
            createdAt: createdAt, reference: reference)
    }

    /// Whether a buyer may hold a payable page of this superseded attempt.
    var mayBePaidByAnOldPage: Bool { state.name == .exposed && !pages.isEmpty }
}
