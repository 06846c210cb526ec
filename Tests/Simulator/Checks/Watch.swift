import PayCore
import PayFlow

/// Checks every commit and every request against the promises.
final class Watch: @unchecked Sendable {
    /// The life of a page: from one commit up to another, and until it expired.
    private struct Life {
        let bornAt: Int
        var diedAt: Int?
        let expiresAt: Instant
    }

    /// For whom a page is made.
    private struct Place: Hashable {
        let tradeNumber: TradeNumber
        let terminal: Terminal
        let openID: String
    }

    unowned let world: World
    /// How many commits there were.
    private(set) var commits = 0
    private(set) var orders: [OrderNumber: Order] = [:]
    private var dueTimes: [OrderNumber: DueTimes] = [:]
    private var lives: [String: [Life]] = [:]
    /// Until when a page needs no second create, unless its user says that it is dead.
    private var promised: [Place: Instant] = [:]
    private var bodies: [TradeNumber: StoredRequest] = [:]
    /// Numbers that a close was sent for since they were last open.
    private var askedToClose: Set<TradeNumber> = []
    /// The messages that each order owes the merchant, and the number of those that each endpoint took.
    private(set) var events: [OrderNumber: [OrderEvent]] = [:]
    private(set) var delivered: [Line: Int] = [:]
    private var deliverFrom: [Line: Instant] = [:]
    /// The request that each key has made a page for.
    private var keysUsed: [ScopedKey: String] = [:]
    /// The orders whose close is in the audit.
    var closesInAudit: Set<OrderNumber> = []
    /// The commit in which each order left new.
    private var leftNew: [OrderNumber: Int] = [:]

    init(_ world: World) {
        self.world = world
    }

    /// - Parameter audit: the entry that the commit stored in the audit.
    func committed(_ order: Order, by process: ServiceProcess, audit: AuditNote? = nil) {
        commits += 1
        world.tally[.commits] += 1
        let before = orders[order.number]
        orders[order.number] = order
        if order.state != .new, leftNew[order.number] == nil { leftNew[order.number] = commits }
        if !order.newEvents.isEmpty { events[order.number, default: []] += order.newEvents }
        checkAudit(audit, order, before)
        guard before != order else { return }
        dueTimes[order.number] = DueTimes(order)
        world.trace.write(world.now, process.name, "commits \(order.changes(since: before, world.trace))")
        checkOrder(order, before)
        checkRefunds(order, before)
        world.merchants[order.number]?.saw(order, before)
        for (index, attempt) in order.attempts.enumerated() {
            let earlier = before.flatMap { index < $0.attempts.count ? $0.attempts[index] : nil }
            guard earlier != attempt || before?.state != order.state else { continue }
            checkCall(attempt, earlier)
            checkAttempt(attempt, earlier)
            notePages(attempt, earlier, of: order)
        }
        if world.setting.rules.switchPolicy == .strict { checkStrict(order, before) }
    }

    /// The rules for a call that commits: where it may begin an attempt.
    private func checkCall(_ attempt: Attempt, _ earlier: Attempt?) {
        guard let call = CallRecord.current else { return }
        if earlier?.state == .open, attempt.state.name == .closing { call.closes(attempt.channel) }
        guard earlier == nil else { return }
        if call.paused.contains(attempt.channel) {
            world.fail(.pausedMakesNone, "\(attempt.number) at \(attempt.channel)")
        }
        if call.leavesChannelOut, let other = call.closed.first(where: { $0 != attempt.channel }) {
            world.fail(.leftOutStays, "\(attempt.number) at \(attempt.channel) follows a page of \(other)'s")
        }
    }

    /// The messages of an order to an endpoint, which come one after the other.
    struct Line: Hashable {
        let order: OrderNumber
        let endpoint: EndpointName
    }

    func delivery(_ claim: DeliveryClaim, became step: DeliveryStep) {
        // Messages about differences come from the store, not from an order.
        guard claim.message.event.kind != .reconciliationDifference else { return }
        let line = Line(order: claim.message.order.number, endpoint: claim.endpoint)
        deliverFrom[line] = nil
        switch step {
        case .delivered: delivered[line, default: 0] += 1
        case .again(let at): deliverFrom[line] = at
        case .parked: world.fail(.everyDelivery, "\(claim.id) of \(line) was parked")
        }
    }

    /// Until when a create or close may land that is sent now: whoever comes after it is kept away until then, by the
    /// lease that covers it, or by the note that watching made of a close.
    func landsBefore(_ number: TradeNumber, from process: ServiceProcess) -> Instant {
        if ClockTask.Duty.current == .query, let end = watchedCloseEnd(number) { return end }
        if let lease = orders[number.order]?.lease, lease.owner == process.worker { return lease.endsAt }
        return world.now + world.setting.rules.providerTimeout
    }

    /// Until when nobody opens an exposed attempt again, because a close of it was noted.
    private func watchedCloseEnd(_ number: TradeNumber) -> Instant? {
        guard case .exposed(let noted?) = orders[number.order]?.attempt(number)?.state else { return nil }
        return noted + world.setting.rules.leaseLength
    }
}

extension Watch {
    /// Whether the clock may find something to do now.
    func mayBeDue(_ duty: ClockTask.Duty) -> Bool {
        switch duty {
        case .recover, .refund, .query, .expire:
            return dueTimes.values.contains { $0.isDue(duty, at: world.now) }
        case .deliver:
            return events.contains { number, events in
                Receiver.names.map { Line(order: number, endpoint: $0) }.contains { line in
                    events.count > delivered[line, default: 0] && deliverFrom[line] ?? world.now <= world.now
                }
            }
        case .reconcile:
            return world.looksForBills()
        case .purge:
            // Pages are kept for a day after their order is over: most worlds end before.
            return false
        }
    }

    private func checkOrder(_ order: Order, _ before: Order?) {
        let live = order.attempts.filter { $0.state.name.isLive }
        if live.count > 1 { world.fail(.oneLiveAttempt, "\(order.number): \(live.map(\.number))") }
        if let before {
            if before.state != .new, before.state != order.state {
                world.fail(.leavesNewOnce, "\(order.number) went from \(before.state) to \(order.state)")
            }
            if order.fence < before.fence { world.fail(.fenceRises, "\(order.number)'s fence fell") }
            if before.state == .new, order.state != .new, order.fence <= before.fence {
                world.fail(.fenceRises, "\(order.number) became \(order.state.name) under \(order.fence)")
            }
        }
        checkReceipts(order, before)
        let honest = order.receipts.filter { $0.standing == .honest }
        if honest.count != (order.state.name == .paid ? 1 : 0) {
            world.fail(.paidOnce, "\(order.number) is \(order.state.name) with \(honest.count) honest receipts")
        }
    }

    private func checkAttempt(_ attempt: Attempt, _ earlier: Attempt?) {
        let number = attempt.number
        if let earlier, earlier.request != attempt.request { world.fail(.requestIsFixed, "\(number)") }
        guard earlier?.state.name != attempt.state.name else { return }
        let books = world.books(attempt.channel)
        let trade = books.trades[number]
        if attempt.state == .open { askedToClose.remove(number) }
        switch attempt.state.name {
        case .closed where !(trade?.hasSaidClosed ?? false) && !books.refused.contains(number):
            world.fail(
                .closedIsTheirWord, "\(number) at \(books.channel): \(trade.map { "\($0.state)" } ?? "no trade")")
        case .failed where !books.refused.contains(number):
            world.fail(.failedIsTheirWord, "\(number) was never refused by \(books.channel)")
        case .lapsed:
            let end = attempt.request.providerDeadline + world.setting.rules.deadlines.margin
            // A trade whose create was never answered may be there, but nobody holds a page of it.
            let mayBePaid = !attempt.pages.isEmpty && books.isPayable(number, at: world.now)
            if world.now < end || trade?.payment != nil || mayBePaid {
                world.fail(.lapsedInTime, "\(number), \(trade.map { "\($0.state)" } ?? "no trade") at \(books.channel)")
            }
        case .creating, .open, .closing, .exposed, .closed, .failed, .paid:
            break
        }
    }

    /// Whether a page of one number can be paid while a page of another has just been stored.
    private func checkStrict(_ order: Order, _ before: Order?) {
        guard let live = order.liveAttempt, live.state == .open,
            before?.attempt(live.number)?.pages != live.pages
        else { return }
        for other in order.attempts where other.number != live.number && !other.pages.isEmpty {
            if world.books(other.channel).isPayable(other.number, at: world.now) {
                world.fail(.strictIsStrict, "\(live.number) was given a page while \(other.number) is payable")
            }
        }
    }

    private func notePages(_ attempt: Attempt, _ earlier: Attempt?, of order: Order) {
        let mayServe = order.state == .new && attempt.state == .open
        var there: Set<String> = []
        for page in attempt.pages {
            let place = Place(tradeNumber: attempt.number, terminal: page.terminal, openID: page.openID)
            let old = earlier?.pages.first { $0.content == page.content }
            let isEnded = old.map { page.expiresAt < $0.expiresAt } ?? false
            let isLive = mayServe && !isEnded
            if isLive { there.insert(page.content) }
            let known = lives[page.content]?.last
            if isLive, known == nil || known?.diedAt != nil, world.now < page.expiresAt {
                lives[page.content, default: []].append(
                    Life(bornAt: commits, diedAt: nil, expiresAt: page.expiresAt))
                promised[place] = world.setting.repayMode == .cached ? page.expiresAt : nil
            }
            if !isLive { promised[place] = nil }
        }
        for page in (earlier?.pages ?? []) + attempt.pages where !there.contains(page.content) {
            guard let last = lives[page.content]?.indices.last, lives[page.content]?[last].diedAt == nil else {
                continue
            }
            lives[page.content]?[last].diedAt = commits
        }
    }
}

extension Watch {
    func handedOut(_ answer: PayAnswer, to request: PayRequest, _ record: CallRecord) {
        let content = answer.served.page.content
        if let use = request.key, !answer.isReplay, answer.origin == .miss || answer.origin == .stale { usedUp(use) }
        if let userID = request.userID, orders[request.number]?.userID != userID {
            world.fail(.ownPage, "\(content) of \(request.number) went to \(userID)")
        }
        guard answer.served.tradeNumber.order == request.number else {
            return world.fail(.ownPage, "\(content) answers a call for \(request.number)")
        }
        let looks = record.looks
        let lives = lives[content] ?? []
        var wasLive = lives.contains { life in
            looks.contains { look in
                life.bornAt <= look.commit && look.commit < life.diedAt ?? .max && look.at < life.expiresAt
            }
        }
        if !wasLive, case .collapsed = answer.origin, let first = looks.first {
            wasLive = lives.contains { first.commit < $0.diedAt ?? .max && first.at < $0.expiresAt }
        }
        if !wasLive {
            let were = lives.map {
                "commit \($0.bornAt) to \($0.diedAt ?? .max) until \(world.trace.stamp($0.expiresAt))"
            }
            let looked = looks.suffix(4).map { "commit \($0.commit) at \(world.trace.stamp($0.at))" }
            world.fail(.liveWhenHandedOut, "\(content), as \(answer.origin): live \(were), looked \(looked)")
        }
    }

    /// An order without a page was handed out.
    func handedOut(_ answer: OrderedAnswer, to request: PayRequest, _ record: CallRecord) {
        if let use = request.key, answer.madeOrder, !answer.isReplay { usedUp(use) }
        guard let order = orders[request.number], answer.order.number == request.number else {
            return world.fail(.ownPage, "\(answer.order.number), for \(request.number), is not stored or another's")
        }
        let asking = request.userID ?? request.draft?.userID
        if order.userID != answer.order.userID || order.userID != asking {
            world.fail(.ownPage, "the order \(request.number) went to \(asking.map { "\($0)" } ?? "nobody")")
        }
        let cutOff = world.setting.rules.deadlines.cutOff(of: order.deadline)
        let wasPayable = record.looks.contains { $0.commit < leftNew[request.number] ?? .max && $0.at < cutOff }
        if answer.order.state != .new || !wasPayable {
            let looked = record.looks.suffix(4).map { "commit \($0.commit) at \(world.trace.stamp($0.at))" }
            world.fail(
                .payableWhenHandedOut,
                "\(request.number) as \(answer.order.state), until \(world.trace.stamp(cutOff)), looked \(looked)")
        }
    }

    private func usedUp(_ use: KeyUse) {
        let first = keysUsed[use.key, default: use.fingerprint]
        if first != use.fingerprint {
            world.fail(.oneRequestPerKey, "\(use.key.key.text) for \(first), and for \(use.fingerprint)")
        }
        keysUsed[use.key] = first
    }

    func sending(_ request: CreateRequest, from process: ServiceProcess) {
        let place = Place(tradeNumber: request.tradeNumber, terminal: request.terminal, openID: request.openID)
        if let until = promised[place], world.now < until, CallRecord.current?.isFresh != true {
            world.fail(.oneCreatePerLife, "\(request.tradeNumber) for \(request.terminal): a page is live until then")
        }
        promised[place] = nil
        checkLease(of: request.tradeNumber, from: process, "create")
        checkCloseFirst(request.tradeNumber)
    }

    /// Every attempt with a page was closed at its provider since it was last open.
    private func checkCloseFirst(_ number: TradeNumber) {
        guard let order = orders[number.order], order.state == .new else { return }
        for other in order.attempts where other.number != number && !other.pages.isEmpty {
            guard [.open, .closing, .exposed].contains(other.state.name), !askedToClose.contains(other.number) else {
                continue
            }
            world.fail(.closeFirst, "a create of \(number) is sent, and \(other.number) is \(other.state.name)")
        }
    }

    func landing(_ request: CreateRequest, at books: Books) {
        if let body = bodies[request.tradeNumber], body != request.stored {
            world.fail(.oneBody, "\(request.tradeNumber): \(body) and \(request.stored)")
        }
        bodies[request.tradeNumber] = request.stored
    }

    func sendingClose(of number: TradeNumber, from process: ServiceProcess) {
        askedToClose.insert(number)
        guard ClockTask.Duty.current != .query else {
            // Another worker may hold the attempt by now. The close then does what that worker is about to do, or comes
            // too late.
            if let end = watchedCloseEnd(number), end <= world.now + world.setting.rules.providerTimeout {
                world.fail(.coveredByLease, "a watched close of \(number) was noted until \(world.trace.stamp(end))")
            }
            return
        }
        checkLease(of: number, from: process, "close")
    }

    /// The lease is longer than the call, and it is the caller's. An order that has left `new` took it away, which the
    /// caller could not know.
    private func checkLease(of number: TradeNumber, from process: ServiceProcess, _ what: String) {
        guard let order = orders[number.order] else { return }
        let end = world.now + world.setting.rules.providerTimeout
        if let lease = order.lease, lease.owner == process.worker, lease.endsAt > end { return }
        guard order.state == .new else { return }
        let lease = order.lease.map { "\($0.owner)'s, until \(world.trace.stamp($0.endsAt))" } ?? "nobody's"
        world.fail(.coveredByLease, "a \(what) of \(number) by \(process.name), and the lease is \(lease)")
    }
}
