import Testing

@testable import PayCore

@Suite struct `An order's deadlines` {
    static let instants: [(DeadlinePolicy, cutOff: Int, providerDeadline: Int)] = [
        (.reserve, 1_740, 1_800), (.grace, 1_800, 1_860),
    ]

    @Test(arguments: instants)
    func `the deadline policy decides on which side of the margin user and provider end`(
        policy: DeadlinePolicy, cutOff: Int, providerDeadline: Int
    ) {
        let deadlines = Deadlines(policy: policy, margin: .seconds(60))
        #expect(deadlines.cutOff(of: at(1_800)) == at(cutOff))
        #expect(deadlines.providerDeadline(of: at(1_800)) == at(providerDeadline))
    }

    @Test(arguments: instants)
    func `a pay call is accepted before the cut-off, but not at it`(
        policy: DeadlinePolicy, cutOff: Int, providerDeadline: Int
    ) {
        let order = order([attempt(first, .open)])
        #expect(order.refusalToOpen(rules: rules(policy), at: at(cutOff) - millisecond) == nil)
        #expect(order.refusalToOpen(rules: rules(policy), at: at(cutOff)) == .tooLate)
        #expect(order.refusalToOpen(rules: rules(policy), at: at(cutOff) + millisecond) == .tooLate)
    }

    @Test(arguments: instants)
    func `the provider gets the policy's deadline, whatever the time of the call`(
        policy: DeadlinePolicy, cutOff: Int, providerDeadline: Int
    ) throws {
        for now in [at(0), at(1_000), at(1_700)] {
            var order = draft()
            let step = try order.beginOpening(call(rules: rules(policy)), at: now)
            guard case .create(_, let request, _) = step else {
                Issue.record("\(step)")
                continue
            }
            #expect(request.stored.providerDeadline == at(providerDeadline))
        }
    }

    /// The time that must be left: the adapter's shortest life plus the provider's time-out.
    static let rooms: [(DeadlinePolicy, ShortestLife, last: Int)] = [
        (.reserve, .refuseBelow(.seconds(60)), 1_732), (.grace, .refuseBelow(.seconds(120)), 1_732),
        (.reserve, .extendTo(.seconds(1_800)), 1_739), (.grace, .refuseBelow(.zero), 1_799),
    ]

    @Test(arguments: rooms)
    func `a create is not sent if the provider would extend its deadline`(
        policy: DeadlinePolicy, shortest: ShortestLife, last: Int
    ) throws {
        let call = call(terms: terms(shortestLife: shortest), rules: rules(policy))
        var early = draft()
        var late = draft()
        guard case .create = try early.beginOpening(call, at: at(last)) else {
            Issue.record("not sent in time")
            return
        }
        #expect(try late.beginOpening(call, at: at(last + 1)) == .refuse(.tooLate))
        #expect(late == draft())
    }

    @Test func `a live page is served until the cut-off, even if it is too late for a new page`() throws {
        // Given
        let live = page(until: at(1_800))
        let call = call(terms: terms(shortestLife: .refuseBelow(.seconds(60))))
        var stored = order([attempt(first, .open, pages: [live])], fence: 1)
        var expired = order([attempt(first, .open, pages: [page(until: at(1_733))])], fence: 1)

        // Then
        #expect(try stored.beginOpening(call, at: at(1_739)) == .serve(served(live)))
        #expect(try expired.beginOpening(call, at: at(1_733)) == .refuse(.tooLate))
        #expect(try expired.beginOpening(self.fresh(call), at: at(1_733)) == .refuse(.tooLate))
        #expect(expired.attempts[0].state == .open)
    }

    @Test func `a deadline beyond the provider's longest life is clamped before it is stored`() throws {
        var order = draft()
        let step = try order.beginOpening(call(terms: terms(longestLife: .seconds(600))), at: at(5))
        guard case .create(_, let request, _) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(request.stored.providerDeadline == at(605))
    }

    @Test(arguments: [
        // A draft's lifetime, and the shortest that would suffice if it does not.
        (DeadlinePolicy.reserve, ShortestLife.refuseBelow(.zero), 61, Int?.none),
        (.reserve, .refuseBelow(.seconds(60)), 68, nil), (.reserve, .refuseBelow(.seconds(60)), 67, 68),
        (.reserve, .refuseBelow(.zero), 60, 61), (.grace, .refuseBelow(.seconds(120)), 68, nil),
        (.grace, .refuseBelow(.seconds(120)), 67, 68), (.grace, .refuseBelow(.zero), 1, nil),
        (.reserve, .extendTo(.seconds(1_800)), 61, nil),
    ]) func `an order too short for a first page gets the shortest lifetime that would suffice`(
        policy: DeadlinePolicy, shortest: ShortestLife, life: Int, would: Int?
    ) throws {
        let draft = Order(
            number: number, userID: try #require(UserID("u")), money: yuan, subject: try #require(Subject("s")),
            returnURL: nil, createdAt: noon, deadline: at(life))
        let trade = try #require(terms(shortestLife: shortest).trades[.pc])
        #expect(rules(policy).shortestLife(of: draft, trade: trade, at: noon) == would.map { .seconds($0) })
    }

    private func fresh(_ call: OpeningCall) -> OpeningCall {
        OpeningCall(
            wish: PageWish(channel: call.wish.channel, terminal: call.wish.terminal, fresh: true), clientIP: nil,
            takesStoredPage: true, notifyURL: call.notifyURL, channels: call.channels, rules: call.rules,
            worker: call.worker)
    }
}

func served(_ page: Page, of number: TradeNumber = first, channel: Channel = sandbox) -> ServedPage {
    ServedPage(tradeNumber: number, channel: channel, page: page)
}
