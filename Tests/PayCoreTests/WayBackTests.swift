import Testing

@testable import PayCore

@Suite struct `A revival of a superseded attempt` {
    /// A trade like Alipay's that could not be proven closed, and a buyer has a page of it.
    private func exposed(
        closeUnansweredAt: Instant? = nil, until expiresAt: Instant = at(300), openID: String = ""
    ) -> Attempt {
        attempt(
            first, .exposed(closeUnansweredAt: closeUnansweredAt), openID: openID,
            pages: [page(openID: openID, until: expiresAt)])
    }

    private func back(
        _ terminal: Terminal = .pc, openID: String = "", fresh: Bool = false, terms: ProviderTerms = alipayLike,
        rules: PayRules = rules()
    ) -> OpeningCall {
        call(sandbox, terminal, openID: openID, fresh: fresh, terms: terms, others: [wechat: wechatLike], rules: rules)
    }

    private func revive(
        _ order: inout Order, _ answer: QueryAnswer = .unpaid, queriedAt: Instant = at(6), at now: Instant = at(7)
    ) throws -> FinishedOpening {
        try order.finishRevival(answer, of: first, under: right(3), queriedAt: queriedAt, rules: rules(), at: now)
    }

    @Test(arguments: SwitchPolicy.allCases, [QueryAnswer.unpaid, .noSuchTrade])
    func `a revival opens the same attempt again and serves its page`(policy: SwitchPolicy, answer: QueryAnswer) throws
    {
        // Given
        var order = order([exposed()], fence: 2)
        let call = back(rules: rules(switching: policy))

        // When
        #expect(try order.beginOpening(call, at: at(5)) == .queryToRevive(right(3), first))
        #expect(order.livePage(for: call.wish, at: at(5)) == nil)
        #expect(try revive(&order, answer) == .beginAgain)
        let step = try order.beginOpening(call, holding: right(3), at: at(7))

        // Then
        #expect(step == .serve(served(page(until: at(300)))))
        #expect(order.attempts.map(\.state) == [.open])
    }

    @Test(arguments: SwitchPolicy.allCases)
    func `a revival first closes the live attempt`(policy: SwitchPolicy) throws {
        // Given
        let live = attempt(second, .open, channel: wechat, pages: [page()])
        var order = order([exposed(), live], fence: 2)
        let call = back(rules: rules(switching: policy))

        // When
        #expect(try order.beginOpening(call, at: at(5)) == .close(right(3), second))
        let closed = CloseReport(tradeNumber: second, close: .accepted, query: .closed, queriedAt: at(6))
        _ = try order.finishClosing(closed, under: right(3), at: at(6))

        // Then
        let next = try order.beginOpening(asked(call, second), holding: right(3), at: at(6))
        #expect(next == .queryToRevive(right(3), first))
        _ = try revive(&order)
        #expect(order.attempts.map(\.state.name) == [.open, .closed])
    }

    @Test(arguments: [
        ("an expired page", Terminal.pc, false, 5), ("a page that the user calls dead", .pc, true, 300),
        ("a terminal that has no page yet", .app, false, 300),
    ]) func `a revival creates a page of the same trade if none is live`(
        what: String, terminal: Terminal, fresh: Bool, expiresAt: Int
    ) throws {
        // Given
        var order = order([exposed(until: at(expiresAt))], fence: 2)
        let call = back(terminal, fresh: fresh)

        // When
        #expect(word(try order.beginOpening(call, at: at(5))) == "queryToRevive")
        _ = try revive(&order)
        let step = try order.beginOpening(call, holding: right(3), at: at(7))

        // Then
        guard case .create(right(3), let request, _) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(request.tradeNumber == first && request.stored == order.attempts[0].request)
        #expect(request.terminal == terminal)
    }

    /// The reasons not to open an attempt again: it is closed again, and another attempt follows.
    static let closed: [(String, Attempt, OpeningCall, Int)] = {
        let page = page(until: at(300))
        let exposed = AttemptState.exposed(closeUnansweredAt: nil)
        let once = terms(mayBeAskedAgain: false, canBeRevived: true)
        let tight = terms(shortestLife: .refuseBelow(.seconds(1_200)), canBeRevived: true)
        let narrow = terms(serves: [.pc], canBeRevived: true)
        let bound = terms(boundToPayer: true, canBeRevived: true)
        return [
            ("the adapter can't revive", attempt(first, exposed, pages: [page]), call(terms: terms()), 5),
            (
                "a terminal beyond the trade", attempt(first, exposed, pages: [page]),
                call(sandbox, .app, terms: narrow), 5
            ),
            (
                "another payer", attempt(first, exposed, openID: "o-1", pages: [PayCoreTests.page(openID: "o-1")]),
                call(openID: "o-2", terms: bound), 5
            ),
            (
                "a close unanswered for less than a lease",
                attempt(first, .exposed(closeUnansweredAt: at(5)), pages: [page]), call(terms: alipayLike), 14
            ),
            (
                "an expired page of a number that isn't asked again", attempt(first, exposed, pages: [page]),
                call(terms: once), 300
            ),
            (
                "an expired page, and no room for another", attempt(first, exposed, pages: [page]),
                call(terms: tight), 1_000
            ),
        ]
    }()

    @Test(arguments: closed.map(\.0)) func `an attempt that can't be revived is closed again`(what: String) throws {
        let (_, old, call, second) = try #require(Self.closed.first { $0.0 == what })
        var order = order([old], fence: 2)
        let step = try order.beginOpening(call, at: at(second))
        // Without time for a page there is no next attempt either.
        let expected = what.hasSuffix("no room for another") ? "tooLate" : "closeAgain"
        #expect(word(step) == expected)
        #expect(order.attempts[0].state.name == (expected == "tooLate" ? .exposed : .closing))
    }

    @Test func `a revival queries an attempt at most once in a call`() throws {
        var order = order([exposed(closeUnansweredAt: at(5))], fence: 2)
        #expect(try order.beginOpening(back(), at: at(6)) == .closeAgain(right(3), first))
        let report = CloseReport(tradeNumber: first, close: .noSuchTrade, query: .noSuchTrade, queriedAt: at(6))
        _ = try order.finishClosing(report, under: right(3), at: at(20))
        let next = try order.beginOpening(asked(back(), first), holding: right(3), at: at(20))
        #expect(word(next) == "create" && order.attempts.map(\.state.name) == [.exposed, .creating])
    }

    @Test func `a revival opens an attempt once an unanswered close is older than a lease, not before`() throws {
        var early = order([exposed(closeUnansweredAt: at(5))], fence: 2)
        #expect(word(try early.beginOpening(back(), at: at(15) - millisecond)) == "closeAgain")
        var due = order([exposed(closeUnansweredAt: at(5))], fence: 2)
        #expect(word(try due.beginOpening(back(), at: at(15))) == "queryToRevive")
    }

    @Test func `a revival is prevented by a close that was sent after its query`() throws {
        // Given
        var order = order([exposed()], fence: 2)
        #expect(word(try order.beginOpening(back(), at: at(5))) == "queryToRevive")

        // When watching finds that the trade can be closed.
        let watched = try order.finishWatching(.unpaid, of: first, askedAt: at(5), rules: rules(), at: at(6))
        #expect(watched == .close(notedAt: at(6), by: at(16), closeUnansweredBefore: nil))
        #expect(try revive(&order) == .beginAgain)

        // Then
        #expect(order.attempts[0].state == .exposed(closeUnansweredAt: at(6)))
        #expect(try order.beginOpening(back(), holding: right(3), at: at(7)) == .closeAgain(right(3), first))
    }

    @Test func `a revival of a closed trade ends with another attempt`() throws {
        for isFoundByWatching in [false, true] {
            // Given
            var order = order([exposed()], fence: 2)
            _ = try order.beginOpening(back(), at: at(5))

            // When
            if isFoundByWatching {
                _ = try order.finishWatching(.closed, of: first, askedAt: at(5), rules: rules(), at: at(6))
            }
            #expect(try revive(&order, isFoundByWatching ? .unpaid : .closed) == .beginAgain)
            let step = try order.beginOpening(back(), holding: right(3), at: at(7))

            // Then
            #expect(word(step) == "create" && order.attempts.map(\.state.name) == [.closed, .creating])
        }
    }

    @Test(arguments: [(QueryAnswer.unknown(.answered), 1), (.unknown(.unanswered), 8)])
    func `a revival with an unknown query is reported as unknown`(answer: QueryAnswer, wait: Int) throws {
        var order = order([exposed()], fence: 2)
        _ = try order.beginOpening(back(), at: at(5))
        #expect(try revive(&order, answer) == .refuse(.providerUnknown(retryAfter: .seconds(wait))))
        #expect(order.attempts.map(\.state.name) == [.exposed])
        #expect((order.lease == nil) == (wait == 1))
    }

    @Test func `a revival finds money that was paid in the meantime`() throws {
        var order = order([exposed()], fence: 2)
        _ = try order.beginOpening(back(), at: at(5))
        #expect(try revive(&order, .paid(receipt())) == .settled(.paid))
        #expect(order.state == .paid(by: first, at: at(7)) && order.lease == nil)
    }

    @Test(arguments: SwitchPolicy.allCases)
    func `a revival is possible even if no attempt is left`(policy: SwitchPolicy) throws {
        // Given nineteen attempts behind the one that can be revived.
        let others = (2...19).map { attempt(trade($0), .failed) }
        let live = attempt(trade(20), .open, channel: wechat, pages: [page()])
        let full = order([exposed()] + others + [live], fence: 2)
        let call = back(rules: rules(switching: policy))

        // Then
        var order = full
        #expect(try order.beginOpening(call, at: at(5)) == .close(right(3), trade(20)))
        var refused = full
        let dead = back(terms: terms(), rules: rules(switching: policy))
        #expect(try refused.beginOpening(dead, at: at(5)) == .refuse(.tooManyAttempts))
        #expect(refused == full)
    }

    @Test func `a revival takes the newest of several attempts`() throws {
        let newer = attempt(second, .exposed(closeUnansweredAt: nil), pages: [page()])
        var order = order([exposed(), newer], fence: 2)
        #expect(try order.beginOpening(back(), at: at(5)) == .queryToRevive(right(3), second))
    }

    @Test func `a revival ends at the cut-off`() throws {
        var order = order([exposed(until: at(1_800))], fence: 2)
        let before = order
        #expect(try order.beginOpening(back(), at: at(1_740)) == .refuse(.tooLate))
        #expect(order == before)
        #expect(word(try order.beginOpening(back(), at: at(1_740) - millisecond)) == "queryToRevive")
    }

    @Test func `a revival skips an attempt without a page`() throws {
        var order = order([attempt(first, .exposed(closeUnansweredAt: nil))], fence: 2)
        #expect(word(try order.beginOpening(back(), at: at(5))) == "create")
    }

    private func served(_ page: Page) -> ServedPage { ServedPage(tradeNumber: first, channel: sandbox, page: page) }

    private func asked(_ call: OpeningCall, _ number: TradeNumber) -> OpeningCall {
        OpeningCall(
            wish: call.wish, clientIP: nil, takesStoredPage: true, notifyURL: call.notifyURL, channels: call.channels,
            rules: call.rules, worker: worker, asked: [number])
    }
}
