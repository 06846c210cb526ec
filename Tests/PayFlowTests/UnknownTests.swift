import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Each way in which a provider does not say yes: the caller's answer, the stored state, and the next call.
@Suite struct `When the provider does not say yes` {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: CreateAnswer
        /// How long the call takes.
        let seconds: Int
        let query: QueryAnswer?
        let refusal: PayRefusal
        let states: [AttemptStateName]
        /// The refusal of a call at once, without a provider call; nil if the provider is called.
        let next: PayRefusal?
        /// The attempts after the next call that may call the provider has got its page.
        let later: [AttemptStateName]

        init(
            _ what: String, _ answer: CreateAnswer, after seconds: Int = 0, query: QueryAnswer? = nil,
            _ refusal: PayRefusal, _ states: [AttemptStateName], next: PayRefusal? = nil, later: [AttemptStateName]
        ) {
            testDescription = what
            (self.answer, self.seconds, self.query, self.refusal) = (answer, seconds, query, refusal)
            (self.states, self.next, self.later) = (states, next, later)
        }
    }

    private static func unknown(_ seconds: Int) -> PayRefusal { .providerUnknown(retryAfter: .seconds(seconds)) }

    private static let unavailable = PayRefusal.providerUnavailable(retryAfter: .seconds(1))

    static let rows: [Row] = [
        Row("a 5xx, garbage", .unknown(.answered), unknown(1), [.creating], later: [.open]),
        Row("slow garbage", .unknown(.answered), after: 7, unknown(1), [.creating], later: [.open]),
        Row(
            "no answer in time", .unknown(.unanswered), after: 8, unknown(2), [.creating], next: unknown(2),
            later: [.open]),
        Row(
            "a connection that broke", .unknown(.unanswered), after: 1, unknown(9), [.creating], next: unknown(9),
            later: [.open]),
        Row("a no", .refused(reason: "LIMIT"), .providerRefused, [.failed], later: [.failed, .open]),
        Row("no connection", .notSent(reason: "connect"), unavailable, [.creating], later: [.open]),
        Row("paid, says nobody else", .alreadyPaid, query: .unpaid, unknown(1), [.creating], later: [.open]),
        Row("paid, no trade", .alreadyPaid, query: .noSuchTrade, unknown(1), [.creating], later: [.open]),
        Row("closed, no word", .alreadyClosed, query: .unknown(.answered), unknown(1), [.creating], later: [.open]),
        Row(
            "closed, no answer", .alreadyClosed, query: .unknown(.unanswered), unknown(10), [.creating],
            next: unknown(10), later: [.open]),
    ]

    @Test(arguments: rows)
    func `after an unclear answer the caller gets what is known, and the next call is safe`(row: Row) async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(row.answer, after: { world.clock.advance(by: .seconds(row.seconds)) })
            if let query = row.query { world.sandbox.willQuery(query) }

            // When
            let refusal = try await process.pay(world.firstPay(key: use("k"))).refusal

            // Then
            #expect(refusal == row.refusal)
            #expect(try await world.states() == row.states)
            #expect(try await process.ledger.keyRecord(use("k").key, at: world.clock.now()) == nil)
            if let next = row.next, case .providerUnknown(let wait) = next {
                let calls = world.sandbox.calls.count
                #expect(try await process.pay(repay(sandbox, .pc)).refusal == next)
                world.clock.advance(by: wait - millisecond)
                #expect(
                    try await process.pay(repay(sandbox, .pc)).refusal == .providerUnknown(retryAfter: millisecond))
                #expect(world.sandbox.calls.count == calls)
                world.clock.advance(by: millisecond)
            }
            world.sandbox.willCreate(made("at last"))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "at last")
            #expect(try await world.states() == row.later)
        }
    }

    @Test func `an outage uses up no attempts, however often the buyer retries`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let tries = PayRules.mostAttempts + 5
            for _ in 1...tries { world.sandbox.willCreate(.notSent(reason: "no connection")) }
            _ = try await process.pay(world.firstPay())
            for _ in 2...tries {
                #expect(try await process.pay(repay(sandbox, .pc)).refusal == Self.unavailable)
            }
            world.sandbox.willCreate(made())
            #expect(try await process.pay(repay(sandbox, .pc)).answer().served.tradeNumber == first)
            #expect(try await world.states() == [.open])
        }
    }

    @Test func `a create that reports paid makes the order paid, after a query`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            _ = try await process.pay(world.firstPay())
            #expect(try await process.pay(repay()).refusal == .orderNotNew(.paid))
            #expect(try await world.order().state.name == .paid)
            #expect(try await world.states() == [.paid])
            #expect(process.observer.observations.contains(.orderEntered(.paid, number)))
        }
    }

    @Test func `a create that reports closed is followed by the next attempt, after a query`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 300)
            world.sandbox.willCreate(.alreadyClosed, made("on the next number"))
            world.sandbox.willQuery(.closed)
            let answer = try await process.pay(repay()).answer()
            #expect(answer.served.tradeNumber == second)
            #expect(try await world.states() == [.closed, .open])
            #expect(world.sandbox.operations == ["create", "create", "query", "create"])
        }
    }

    @Test func `money that does not match the attempt is disputed, and the order stays new`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .alreadyPaid, .alreadyPaid)
            let odd = QueryAnswer.paid(receipt(amount: 1))
            world.sandbox.willQuery(odd, odd)
            _ = try await process.pay(world.firstPay())

            // When
            let refusals = [try await process.pay(repay()).refusal, try await process.pay(repay()).refusal]

            // Then
            #expect(refusals == [.switchUnsafe, .switchUnsafe])
            let order = try await world.order()
            #expect(order.state == .new && order.receipts.map(\.standing) == [.disputed] && order.lease == nil)
        }
    }

    @Test func `a refused page replacement closes the trade, and the next call creates another`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 300)
            world.sandbox.willCreate(.refused(reason: "GONE"), made("on the next number"))
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)

            // When
            let refusal = try await process.pay(repay()).refusal
            #expect(try await world.order().lease == nil)
            let answer = try await process.pay(repay()).answer()

            // Then
            #expect(refusal == .providerRefused)
            #expect(answer.served.tradeNumber == second)
            #expect(world.sandbox.operations == ["create", "create", "close", "query", "create"])
        }
    }

    @Test func `a refusal after an unknown try finds the money that the unknown try took`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .refused(reason: "EXISTS"))
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.pay(world.firstPay()).refusal == .providerUnknown(retryAfter: .seconds(1)))
            #expect(try await process.pay(repay()).refusal == .orderNotNew(.paid))
            #expect(try await world.order().state.name == .paid)
        }
    }

    @Test func `a provider that is down does not keep the buyer from the others`() async throws {
        for switching in SwitchPolicy.allCases {
            try await withWorld(switching: switching) { world in
                // Given
                let process = try await world.process()
                world.sandbox.willCreate(.unknown(.unanswered))
                _ = try await process.pay(world.firstPay())

                // When
                world.wechat.willCreate(made("by the other"))
                let answer = try await process.pay(repay(wechat, .pc)).answer()

                // Then
                #expect(answer.served.page.content == "by the other" && answer.served.tradeNumber == second)
                #expect(try await world.states() == [.exposed, .open])
                #expect(try await process.pay(repay()).answer().served == answer.served)
            }
        }
    }

    @Test func `an attempt that stays unknown for three leases is superseded by the next`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered), .unknown(.answered), .unknown(.answered))
            _ = try await process.pay(world.firstPay())
            for second in [10, 20] {
                world.move(to: second)
                _ = try await process.pay(repay())
            }

            // When
            world.move(to: 30)
            world.sandbox.willCreate(made("on the next number"))

            // Then
            #expect(try await process.pay(repay()).answer().served.tradeNumber == second)
            #expect(world.sandbox.creates.map(\.tradeNumber) == [first, first, first, second])
            #expect(try await world.states() == [.exposed, .open])
        }
    }

    @Test func `an expired page whose number can't be sent again is replaced by another attempt`() async throws {
        try await withWorld(terms: terms(mayBeAskedAgain: false)) { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 300)
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("on the next number"))

            // When
            let answer = try await process.pay(repay()).answer()

            // Then
            #expect(answer.served.tradeNumber == second && answer.origin == .stale)
            #expect(world.sandbox.operations == ["create", "close", "query", "create"])
            #expect(try await world.states() == [.closed, .open])
        }
    }

    @Test(arguments: [(SwitchPolicy.allow, true), (.strict, false)])
    func `an exposed attempt is followed by another only if the switch policy allows it`(
        switching: SwitchPolicy, isFollowed: Bool
    ) async throws {
        try await withWorld(terms: terms(mayBeAskedAgain: false), switching: switching) { world in
            let process = try await world.withPage()
            world.move(to: 300)
            world.sandbox.willClose(.tooEarly)
            world.sandbox.willQuery(.unpaid)
            if isFollowed { world.sandbox.willCreate(made("on the next number")) }
            let result = try await process.pay(repay())
            #expect(result.refusal == (isFollowed ? nil : .switchUnsafe))
            #expect(try await world.states() == (isFollowed ? [.exposed, .open] : [.exposed]))
            #expect(try await world.order().lease == nil)
        }
    }

    @Test(arguments: [true, false])
    func `a page with an unknown close is superseded once its trade is known to be closed`(
        isAnswered: Bool
    ) async throws {
        try await withWorld { world in
            // Given a page that the merchant could not close.
            let process = try await world.withPage()
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(.unknown(.answered))
            #expect(try await process.close(number).refusal == .providerUnknown(retryAfter: .seconds(1)))

            // When the buyer returns.
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(isAnswered ? .closed : .unknown(.answered))
            if isAnswered { world.sandbox.willCreate(made("on the next number")) }
            let result = try await process.pay(repay(sandbox, .pc))

            // Then no two trades can be paid.
            #expect(result.refusal == (isAnswered ? nil : .providerUnknown(retryAfter: .seconds(1))))
            #expect(try await world.states() == (isAnswered ? [.closed, .open] : [.exposed]))
        }
    }

    @Test func `a refusal that money overtakes reports the order as paid`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 300)
            world.sandbox.willCreate(.refused(reason: "PAID"))
            let hold = world.sandbox.willHoldClose(then: .alreadyPaid)
            let call = Task { try await process.pay(repay()).refusal }
            await hold.waitForArrival()

            // When
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            hold.release()

            // Then
            #expect(try await call.value == .orderNotNew(.paid))
        }
    }
}
