import Testing

@testable import PayCore

/// A wish that the open trade can't serve, with the terms of the open trade.
private struct Wish: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let call: @Sendable (PayRules, Set<TradeNumber>) -> OpeningCall

    /// A trade of the sandbox is open for `pc` and payer o-1; `terms` are the sandbox's.
    static func all(provable: Bool) -> [Wish] {
        let sandboxTerms = terms(closeCanBeProven: provable)
        let bound = terms(boundToPayer: true, closeCanBeProven: provable)
        let once = terms(closeCanBeProven: provable, mayBeAskedAgain: false)
        return [
            Wish(testDescription: "another channel") {
                PayCoreTests.call(wechat, terms: wechatLike, others: [sandbox: sandboxTerms], rules: $0, asked: $1)
            },
            Wish(testDescription: "a terminal beyond the trade") {
                PayCoreTests.call(sandbox, .jsapi, terms: sandboxTerms, rules: $0, asked: $1)
            },
            Wish(testDescription: "another payer of a bound trade") {
                PayCoreTests.call(openID: "o-2", terms: bound, rules: $0, asked: $1)
            },
            Wish(testDescription: "a page of a number that isn't asked again") {
                PayCoreTests.call(fresh: true, terms: once, rules: $0, asked: $1)
            },
        ]
    }
}

@Suite struct `A switch` {
    /// The open trade, with a live page.
    private func open() -> Order {
        order([attempt(first, .open, openID: "o-1", pages: [page(openID: "o-1")])], fence: 2)
    }

    private static let provable = Wish.all(provable: true)
    private static let unprovable = Wish.all(provable: false)

    @Test(arguments: SwitchPolicy.allCases)
    func `a switch closes the live attempt before it creates another`(policy: SwitchPolicy) throws {
        for wish in Self.provable {
            // Given
            var order = open()
            let rules = rules(switching: policy)

            // When
            let closing = try order.beginOpening(wish.call(rules, []), at: at(5))

            // Then no page is served any more, and there is no second attempt.
            #expect(closing == .close(right(3), first), "\(wish)")
            #expect(order.attempts.map(\.state) == [.closing(Closing(recoverAt: at(15), closeUnansweredAt: nil))])
            #expect(order.livePage(for: PageWish(channel: sandbox, terminal: .pc, openID: "o-1"), at: at(5)) == nil)

            // When
            let closed = CloseReport(tradeNumber: first, close: .accepted, query: .closed, queriedAt: at(8))
            #expect(try order.finishClosing(closed, under: right(3), at: at(9)) == .closed)
            let creating = try order.beginOpening(wish.call(rules, [first]), holding: right(3), at: at(9))

            // Then
            guard case .create(right(3), let request, _) = creating else {
                Issue.record("\(wish): \(creating)")
                continue
            }
            #expect(request.tradeNumber == second)
            #expect(order.attempts.map(\.state.name) == [.closed, .creating])
        }
    }

    /// The answer to the query after the close, and the next step (docs/concepts.md, switching).
    static let outcomes: [(QueryAnswer, AttemptStateName, allow: String, strict: String)] = [
        (.closed, .closed, "create", "create"),
        (.unpaid, .exposed, "create", "switchUnsafe"),
        (.noSuchTrade, .exposed, "create", "switchUnsafe"),
        (.unknown(.answered), .exposed, "create", "switchUnsafe"),
        (.unknown(.unanswered), .exposed, "create", "switchUnsafe"),
        (.paid(receipt()), .paid, "orderNotNew", "orderNotNew"),
    ]

    @Test(arguments: outcomes)
    func `a switch continues as the query says, whatever the close answered`(
        row: (query: QueryAnswer, state: AttemptStateName, allow: String, strict: String)
    ) throws {
        let closes: [CloseAnswer] = [
            .accepted, .alreadyPaid, .noSuchTrade, .tooEarly, .refused(reason: "NO"), .unknown(.answered),
            .unknown(.unanswered),
        ]
        for (policy, expected) in [(SwitchPolicy.allow, row.allow), (.strict, row.strict)] {
            for wish in Self.provable {
                for close in closes {
                    // Given
                    var order = open()
                    let rules = rules(switching: policy)
                    _ = try order.beginOpening(wish.call(rules, []), at: at(5))

                    // When
                    let report = CloseReport(tradeNumber: first, close: close, query: row.query, queriedAt: at(8))
                    _ = try order.finishClosing(report, under: right(3), at: at(9))
                    let next = try order.beginOpening(wish.call(rules, [first]), holding: right(3), at: at(9))

                    // Then
                    #expect(word(next) == expected, "\(policy), \(wish), \(close)")
                    #expect(order.attempts[0].state.name == row.state)
                    #expect(order.attempts.count == (expected == "create" ? 2 : 1))
                }
            }
        }
    }

    @Test func `a switch whose close can't be proven is refused by strict, and made by allow`() throws {
        for wish in Self.unprovable {
            var refused = open()
            let strict = try refused.beginOpening(wish.call(rules(switching: .strict), []), at: at(5))
            #expect(strict == .refuse(.switchUnsafe), "\(wish)")
            #expect(refused == open())
            var made = open()
            #expect(try made.beginOpening(wish.call(rules(), []), at: at(5)) == .close(right(3), first))
        }
    }

    @Test func `a switch beyond the limits is refused before anything changes`() throws {
        let others = [sandbox: terms()]
        let failed = (1...19).map { attempt(trade($0), .failed) }
        let full = order(failed + [attempt(trade(20), .open, pages: [page()])], fence: 20)
        let cases: [(String, Order, OpeningCall, Int, PayRefusal)] = [
            ("no number left", full, call(wechat, others: others), 5, .tooManyAttempts),
            ("a channel that isn't there", open(), call(sandbox, others: others, gone: wechat), 5, .channelUnavailable),
            ("no room for a page", open(), call(wechat, terms: wechatLike, others: others), 1_735, .tooLate),
            ("past the cut-off", open(), call(wechat, others: others), 1_740, .tooLate),
        ]
        for policy in SwitchPolicy.allCases {
            for (what, before, call, second, refusal) in cases {
                var order = before
                let asked = OpeningCall(
                    wish: call.wish, clientIP: nil, takesStoredPage: true, notifyURL: call.notifyURL,
                    channels: call.channels, rules: rules(switching: policy), worker: worker)
                #expect(try order.beginOpening(asked, at: at(second)) == .refuse(refusal), "\(what), \(policy)")
                #expect(order == before, "\(what), \(policy)")
            }
        }
    }

    @Test func `strict closes an old page of another channel again if that can be proven`() throws {
        // Given a switch whose close had an unknown outcome.
        let old = attempt(first, .exposed(closeUnansweredAt: nil), channel: wechat, pages: [page()])
        let strict = rules(switching: .strict)
        var order = order([old], fence: 2)
        let others = [wechat: wechatLike]

        // When
        #expect(try order.beginOpening(call(others: others, rules: strict), at: at(5)) == .close(right(3), first))
        let closed = CloseReport(tradeNumber: first, close: .accepted, query: .closed, queriedAt: at(8))
        _ = try order.finishClosing(closed, under: right(3), at: at(9))
        let next = try order.beginOpening(
            call(others: others, rules: strict, asked: [first]), holding: right(3), at: at(9))

        // Then
        #expect(word(next) == "create" && order.attempts.map(\.state.name) == [.closed, .creating])
    }

    @Test func `strict refuses every further attempt if an old page can't be proven closed`() throws {
        let old = attempt(first, .exposed(closeUnansweredAt: nil), channel: wechat, pages: [page()])
        var order = order([old], fence: 2)
        let before = order
        let strict = call(others: [wechat: alipayLike], rules: rules(switching: .strict))
        #expect(try order.beginOpening(strict, at: at(5)) == .refuse(.switchUnsafe))
        #expect(order == before)
    }

    @Test func `a switch supersedes an attempt without a page at once, even under a kept lease`() throws {
        for policy in SwitchPolicy.allCases {
            // Given
            let creating = attempt(first, laterTry, channel: wechat)
            var order = order([creating], fence: 2, lease: lease(until: at(60), unanswered: true))
            let call = call(others: [wechat: wechatLike], rules: rules(switching: policy))

            // When
            #expect(try order.beginOpening(call, at: at(5)) == .beginAgain(right(3)))
            #expect(order.attempts.map(\.state) == [.exposed(closeUnansweredAt: nil)])
            let next = try order.beginOpening(call, holding: right(3), at: at(5))

            // Then
            #expect(word(next) == "create" && order.attempts.map(\.state.name) == [.exposed, .creating])
        }
    }

    @Test func `a switch waits for a held lease, and for a create without an answer`() throws {
        let others = [sandbox: terms()]
        for attempt in [attempt(first, firstTry), attempt(first, .open, pages: [page()])] {
            var busy = order([attempt], fence: 2, lease: lease(of: successor, until: at(12)))
            #expect(try busy.beginOpening(call(wechat, others: others), at: at(5)) == .wait(until: at(12)))
        }
        let mint = attempt(first, .open, pages: [page(until: at(1))])
        var kept = order([mint], fence: 2, lease: lease(until: at(12), unanswered: true))
        let refused = try kept.beginOpening(call(wechat, others: others), at: at(5))
        #expect(refused == .refuse(.providerUnknown(retryAfter: .seconds(7))))
    }

    @Test func `a switch interrupted while closing is resumed by the next call`() throws {
        for policy in SwitchPolicy.allCases {
            var order = order(
                [attempt(first, beingClosed, pages: [page()])], fence: 2, lease: lease(of: successor, until: at(10)))
            let call = call(wechat, others: [sandbox: terms()], rules: rules(switching: policy))
            #expect(try order.beginOpening(call, at: at(9)) == .wait(until: at(10)))
            #expect(try order.beginOpening(call, at: at(10)) == .close(right(3), first))
            #expect(order.attempts[0].state == .closing(Closing(recoverAt: at(20), closeUnansweredAt: at(10))))
        }
    }

    @Test func `an interrupted close must be known before its channel gets another attempt`() throws {
        for policy in SwitchPolicy.allCases {
            var order = order([attempt(first, beingClosed, pages: [page()])], fence: 2)
            let call = call(sandbox, .app, rules: rules(switching: policy))
            #expect(try order.beginOpening(call, at: at(10)) == .closeAgain(right(3), first))
        }
    }
}

/// The name of an opening step, without its values.
func word(_ step: OpeningStep) -> String {
    switch step {
    case .refuse(.orderNotNew): "orderNotNew"
    case .refuse(let refusal): "\(refusal)"
    case .serve: "serve"
    case .wait: "wait"
    case .create: "create"
    case .close: "close"
    case .closeAgain: "closeAgain"
    case .queryToRevive: "queryToRevive"
    case .beginAgain: "beginAgain"
    }
}

/// A call for a channel that is no longer configured.
private func call(_ channel: Channel, others: [Channel: ProviderTerms], gone: Channel) -> OpeningCall {
    OpeningCall(
        wish: PageWish(channel: gone, terminal: .pc), clientIP: nil, takesStoredPage: true, notifyURL: "",
        channels: others, rules: rules(), worker: worker)
}
