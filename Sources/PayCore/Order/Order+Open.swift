/// What a pay call brings to the rules.
public struct OpeningCall: Sendable {
    public let wish: PageWish
    /// The reader's address, for a provider that wants it with a trade's first request.
    public let clientIP: String?
    /// False in `repay.mode = provider`, where a stored page is never the answer.
    public let takesStoredPage: Bool
    public let notifyURL: String
    /// The terms of every configured channel: an attempt that stands in the way may be another's.
    public let channels: [Channel: ProviderTerms]
    public let rules: PayRules
    public let worker: WorkerID
    /// The attempts that this call has closed and asked after.
    public let asked: Set<TradeNumber>
    /// How long the wish's provider is not to be called; nil when it can be.
    public let pause: Duration?
    /// False while the wish's channel is paused: it makes no new attempt, and goes on with those that it has.
    public let acceptsNewAttempts: Bool

    public init(
        wish: PageWish, clientIP: String?, takesStoredPage: Bool, notifyURL: String,
        channels: [Channel: ProviderTerms], rules: PayRules, worker: WorkerID, asked: Set<TradeNumber> = [],
        pause: Duration? = nil, acceptsNewAttempts: Bool = true
    ) {
        self.wish = wish
        self.clientIP = clientIP
        self.takesStoredPage = takesStoredPage
        self.notifyURL = notifyURL
        self.channels = channels
        self.rules = rules
        self.worker = worker
        self.asked = asked
        self.pause = pause
        self.acceptsNewAttempts = acceptsNewAttempts
    }

    /// What holds for a trade of the wish's channel that is opened from a terminal; nil where none can be.
    func trade(openedFrom terminal: Terminal) -> TradeTerms? { channels[wish.channel]?.trades[terminal] }

    /// Nothing is begun with a provider that is not to be called; nil when it can be.
    fileprivate var refusalWhilePaused: PayRefusal? { pause.map { .providerUnavailable(retryAfter: $0) } }

    /// Whether the attempt's channel is not configured, so that nothing can be sent to its provider.
    fileprivate func isMissingChannel(of attempt: Attempt) -> Bool { channels[attempt.channel] == nil }

    /// Whether a close that the provider confirms proves that the attempt takes no money.
    func closeCanBeProven(of attempt: Attempt) -> Bool {
        channels[attempt.channel]?.trades[attempt.request.terminal]?.closeCanBeProven == true
    }
}

/// What the caller of ``Order/beginOpening(_:holding:at:)`` has to do.
public enum OpeningStep: Hashable, Sendable {
    case refuse(PayRefusal)
    case serve(ServedPage)
    /// Somebody else holds the lease until then.
    case wait(until: Instant)
    /// Send this request. `wasStale` says that a page was there, and its time is over.
    case create(LeaseRight, CreateRequest, wasStale: Bool)
    /// The live attempt must make way first: close it, and query it.
    case close(LeaseRight, TradeNumber)
    /// Somebody may hold a page of this attempt, which could not be proven closed: close it again, and query it. When
    /// that isn't answered, nothing may follow it.
    case closeAgain(LeaseRight, TradeNumber)
    /// The user comes back to an attempt that was offered no more: it may be opened again, if a query says that it can
    /// be paid.
    case queryToRevive(LeaseRight, TradeNumber)
    /// An attempt that nobody holds a page of has made way; begin again under this right.
    case beginAgain(LeaseRight)
}

/// What a call sees that waits for another.
public enum WaitingLook: Hashable, Sendable {
    case serve(ServedPage)
    case refuse(PayRefusal)
    case atWork(until: Instant)
    case ended
}

/// A stored request, and the terminal and payer that a page is wanted for.
public struct CreateRequest: Hashable, Sendable {
    public let tradeNumber: TradeNumber
    public let channel: Channel
    public let stored: StoredRequest
    public let terminal: Terminal
    public let openID: String
    /// When the attempt was created: with its stored request, what never changes about it.
    public let createdAt: Instant
    /// The provider's own name for the trade, when it has told it.
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
    /// The reader's address as it was told for the wish's channel and terminal before: a later call needn't tell it again.
    public func storedAddress(for wish: PageWish) -> String? {
        attempts.last { $0.channel == wish.channel && $0.request.terminal == wish.terminal }?.request.payer.clientIP
    }

    /// Decides what a pay call does next, and writes the intention down where that is a provider call.
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
                // Its close can't be sent, and nobody holds a page of it: it harms nobody.
                if let refusal = refusalToMakeWay(for: call, at: now) { return .refuse(refusal) }
                let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
                try attempts[live].become(.exposed(closeUnansweredAt: nil), at: now)
                return .beginAgain(right)
            }
            if let refusal = refusalToCloseLeftover(live, for: call, at: now) { return .refuse(refusal) }
            let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
            try beginClosing(live, rules: call.rules, at: now)
            // Somebody left it half closed. Who comes for the same channel may hold a page of it.
            let isComingBack = attempts[live].channel == call.wish.channel
            return isComingBack ? .closeAgain(right, attempts[live].number) : .close(right, attempts[live].number)
        }
    }

    /// What a call that waits for another's result sees: the page, a refusal, that the other is still at it, or that it
    /// ended without a page. Whoever waits never goes to the provider by itself.
    ///
    /// Where a stored page is no answer, one that was minted since the wait began is.
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

    /// Why no pay call gets anything from this order any more, if so.
    public func refusalToOpen(rules: PayRules, at now: Instant) -> PayRefusal? {
        switch state {
        case .paid, .closed, .expired: PayRefusal(state.name)
        case .new: now < rules.deadlines.cutOff(of: deadline) ? nil : .tooLate
        }
    }

    /// Whether a create that is sent now still ends at our deadline, not at one that the provider made of it.
    func hasRoom(for terms: TradeTerms, until providerDeadline: Instant, rules: PayRules, at now: Instant) -> Bool {
        providerDeadline - now >= terms.shortestRoom(rules)
    }

    /// Why this call gets no further number, if so. Asked before anything makes way for one.
    private func refusalOfNext(for call: OpeningCall, at now: Instant) -> PayRefusal? {
        guard let trade = call.trade(openedFrom: call.wish.terminal), call.acceptsNewAttempts else {
            return .channelUnavailable
        }
        guard hasRoom(for: trade, until: nextProviderDeadline(for: call, at: now), rules: call.rules, at: now) else {
            return .tooLate
        }
        if attempts.count >= PayRules.mostAttempts { return .tooManyAttempts }
        return call.refusalWhilePaused
    }

    /// Why the live attempt may not make way for this call, if so: neither a number nor a way back would follow.
    private func refusalToMakeWay(for call: OpeningCall, at now: Instant) -> PayRefusal? {
        if mayBePaidUnseen(by: call) { return .switchUnsafe }
        if wayBack(for: call, at: now) != nil { return call.refusalWhilePaused }
        return refusalOfNext(for: call, at: now) ?? (isHeldBack(by: call.rules) ? .switchUnsafe : nil)
    }

    /// Why an attempt that somebody left half closed is not closed for this call, if so. A close that can't be sent
    /// proves nothing, and one that leads to nothing isn't sent.
    private func refusalToCloseLeftover(_ index: Int, for call: OpeningCall, at now: Instant) -> PayRefusal? {
        if call.isMissingChannel(of: attempts[index]) { return .switchUnsafe }
        guard !call.acceptsNewAttempts, attempts[index].channel != call.wish.channel else { return nil }
        return wayBack(for: call, at: now) == nil ? .channelUnavailable : nil
    }

    /// Whether somebody may hold a page that takes money at a channel that is not configured. Nothing can close it, and
    /// no query would see its money: another payable page beside it is never made.
    private func mayBePaidUnseen(by call: OpeningCall) -> Bool {
        attempts.contains { attempt in
            guard !attempt.pages.isEmpty, call.isMissingChannel(of: attempt) else { return false }
            switch attempt.state {
            case .open, .closing, .exposed: return true
            case .creating, .closed, .failed, .lapsed, .paid: return false
            }
        }
    }

    /// Whether `strict` forbids another number, because somebody may hold a page that still takes money.
    private func isHeldBack(by rules: PayRules) -> Bool {
        rules.switchPolicy == .strict && attempts.contains(where: \.mayBePaidByAnOldPage)
    }

    private func nextProviderDeadline(for call: OpeningCall, at now: Instant) -> Instant {
        let providerDeadline = call.rules.deadlines.providerDeadline(of: deadline)
        let longestLife = call.channels[call.wish.channel]?.longestLife
        return longestLife.map { min(providerDeadline, now + $0) } ?? providerDeadline
    }

    /// No attempt is live: the way back to one that was offered no more, or the next number.
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
        return openNumber(attempts.count + 1, call, holding: held, at: now)
    }

    private mutating func openNumber(
        _ sequence: Int, _ call: OpeningCall, holding held: LeaseRight?, at now: Instant
    ) -> OpeningStep {
        let right = takeLease(for: call.worker, continuing: held, rules: call.rules, at: now)
        let providerDeadline = nextProviderDeadline(for: call, at: now)
        let attempt = Attempt(
            number: TradeNumber(order: number, sequence: sequence), channel: call.wish.channel,
            request: StoredRequest(
                terminal: call.wish.terminal,
                payer: Payer(openID: call.wish.openID, clientIP: call.clientIP ?? storedAddress(for: call.wish)),
                money: money, subject: subject, providerDeadline: providerDeadline, notifyURL: call.notifyURL,
                returnURL: returnURL),
            createdAt: now,
            state: .creating(Tries(count: 1, firstUnknownAt: nil, recoverAt: now + call.rules.leaseLength)),
            stateSince: now, lastWordAt: providerDeadline + call.rules.deadlines.margin)
        attempts.append(attempt)
        return .create(right, attempt.storedCreate, wasStale: hadPage(for: call.wish))
    }

    /// An attempt that is to be closed again before another number follows, because somebody may hold a page of it: one
    /// of the same channel always, one of another where only a proven close lets anything follow.
    private func oldPageToClose(for call: OpeningCall) -> Int? {
        attempts.firstIndex { old in
            guard old.mayBePaidByAnOldPage, !call.asked.contains(old.number) else { return false }
            if old.channel == call.wish.channel { return true }
            return call.rules.switchPolicy == .strict && call.closeCanBeProven(of: old)
        }
    }

    /// A create whose outcome is not known: the same request again, or another number where that harms nobody.
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

    /// Whether it is certain that no try of a create has left this machine. A process that dies at work leaves its lease
    /// behind, and an answer that fails to tell is noted; a request that was not sent leaves neither.
    func nothingWasSent(_ tries: Tries) -> Bool { lease == nil && tries.firstUnknownAt == nil }

    /// Notes that a request is sent once more. Whatever was sent before may have landed.
    mutating func noteSending(
        _ index: Int, _ tries: Tries, wasNeverSent: Bool, rules: PayRules, at now: Instant
    ) {
        attempts[index].note(
            .creating(
                Tries(
                    count: tries.count, firstUnknownAt: wasNeverSent ? nil : tries.firstUnknownAt ?? now,
                    recoverAt: now + rules.leaseLength)))
    }

    /// An open attempt without a live page for the wish: one more page of the same trade, or its end.
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
        // The provider may kill the old page the moment that it is asked: it is dead to us before that.
        attempts[index].endPages(for: call.wish, at: now)
        let request = live.create(for: call.wish.terminal, openID: call.wish.openID)
        return .create(right, request, wasStale: hadPage(for: call.wish))
    }

    /// The open attempt can't give this page: it is closed before another is opened. Nothing is touched before it is
    /// clear that another may follow.
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

    /// Whether the wish was once given a page whose time is over now.
    private func hadPage(for wish: PageWish) -> Bool {
        attempts.contains { attempt in
            attempt.channel == wish.channel
                && attempt.pages.contains { $0.serves(wish.terminal, openID: wish.openID) }
        }
    }

    /// An attempt that never stored a page harms nobody, because nobody holds a page of it. It gives way to another
    /// channel at once, and to its own where its number can't be asked again or has stayed unknown for long.
    private func mayGiveWay(
        _ live: Attempt, _ tries: Tries, wasNeverSent: Bool, to call: OpeningCall, at now: Instant
    ) -> Bool {
        guard live.channel == call.wish.channel else { return true }
        // The provider can't have heard of the number: it is as good as new.
        if wasNeverSent { return false }
        guard call.trade(openedFrom: live.request.terminal)?.numberMayBeAskedAgain == true else { return true }
        let patience = call.rules.leaseLength * PayRules.leasesUntilUnknownGivesWay
        guard let since = tries.firstUnknownAt, tries.count > PayRules.leasesUntilUnknownGivesWay else { return false }
        return now - since >= patience
    }

    /// A kept lease stops whoever would ask the same channel again, not whoever goes to another.
    private func unansweredCreateMayGiveWay(to wish: PageWish) -> Bool {
        guard lease?.isUnanswered == true, let live = liveAttempt, live.state.name == .creating else { return false }
        return live.channel != wish.channel
    }
}

extension Attempt {
    /// The request as it was stored, for the terminal and payer that it was stored for.
    var storedCreate: CreateRequest { create(for: request.terminal, openID: request.payer.openID) }

    /// The request as it was stored, for a page for that terminal and payer.
    func create(for terminal: Terminal, openID: String) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: channel, stored: request, terminal: terminal, openID: openID,
            createdAt: createdAt, reference: reference)
    }

    /// Whether somebody may hold a page of it that still takes money, though we offer it no more.
    var mayBePaidByAnOldPage: Bool { state.name == .exposed && !pages.isEmpty }
}
