import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `Pay and repay` {
    @Test func `a first pay calls the provider once, and stores its page`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            world.sandbox.willCreate(made())

            // When
            let answer = try await process.pay(world.firstPay()).answer()

            // Then
            #expect(answer.madeOrder && answer.origin == .miss && !answer.isReplay)
            #expect(answer.served.tradeNumber == first)
            #expect(answer.served.page.expiresAt == world.at(300))
            let sent = try #require(world.sandbox.creates.first)
            #expect(sent.stored.providerDeadline == world.at(1_800))
            #expect(sent.stored.notifyURL == "https://pay.example/v1/notices/sandbox")
            let order = try await world.order()
            #expect(order.attempts.map(\.state) == [.open])
            #expect(order.attempts[0].pages == [answer.served.page])
            #expect(order.attempts[0].request == sent.stored)
            #expect(order.lease == nil)
        }
    }

    @Test func `a repay of a live page calls no provider and writes nothing`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let writes = process.ledger.count(.update)

            // When
            for request in [repay(), repay(sandbox, .pc), repay(sandbox, .h5), repay(user: "user-7"), repay(nil, .h5)] {
                let answer = try await process.pay(request).answer()
                #expect(answer.origin == .hit && !answer.madeOrder)
                #expect(answer.served.page.content == "<!doctype html>page")
            }

            // Then
            #expect(world.sandbox.operations == ["create"])
            #expect(process.ledger.count(.update) == writes)
        }
    }

    @Test func `a page is served until it expires, then replaced with the same request`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage(made("first"))

            // When
            world.move(to: world.at(300) - millisecond)
            let before = try await process.pay(repay(sandbox, .pc)).answer()
            world.move(to: world.at(300))
            world.sandbox.willCreate(made("second"))
            let behind = try await process.pay(repay(sandbox, .pc)).answer()
            let again = try await process.pay(repay(sandbox, .pc)).answer()

            // Then
            #expect(before.served.page.content == "first" && before.origin == .hit)
            #expect(behind.served.page.content == "second" && behind.origin == .stale)
            #expect(again.served.page.content == "second" && again.origin == .hit)
            let creates = world.sandbox.creates
            #expect(creates.count == 2)
            #expect(creates[0] == creates[1])
            #expect(creates[1].tradeNumber == first)
            #expect(creates[1].stored.providerDeadline == world.at(1_800))
            #expect(behind.served.page.expiresAt == world.at(600))
        }
    }

    @Test(arguments: [(DeadlinePolicy.reserve, 1_740), (.grace, 1_800)])
    func `pay calls are accepted before the cut-off, but not at it`(policy: DeadlinePolicy, cutOff: Int) async throws {
        try await withWorld(policy: policy) { world in
            // Given
            let process = try await world.withPage(made(usableFor: nil))

            // Then
            world.move(to: world.at(cutOff) - millisecond)
            #expect(try await process.pay(repay()).content != nil)
            #expect(try await process.pay(world.firstPayAgain()).content != nil)
            world.move(to: world.at(cutOff))
            #expect(try await process.pay(repay()).refusal == .tooLate)
            #expect(try await process.pay(repay(fresh: true)).refusal == .tooLate)
            #expect(try await process.pay(world.firstPayAgain()).refusal == .tooLate)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test(arguments: [(DeadlinePolicy.reserve, 1_740), (.grace, 1_800)])
    func `an expired page is replaced before the cut-off, but not at it`(policy: DeadlinePolicy, cutOff: Int)
        async throws
    {
        for (early, isMade) in [(millisecond, true), (Duration.zero, false)] {
            try await withWorld(policy: policy) { world in
                let process = try await world.withPage()
                world.move(to: world.at(cutOff) - early)
                if isMade { world.sandbox.willCreate(made()) }
                let result = try await process.pay(repay())
                #expect((result.content != nil) == isMade)
                #expect(result.refusal == (isMade ? nil : .tooLate))
            }
        }
    }

    @Test func `in provider mode each repay sends the stored request again`() async throws {
        try await withWorld(repayMode: .provider) { world in
            // Given
            let process = try await world.withPage(made("first"))
            world.sandbox.willCreate(made("second"), made("third"))

            // When
            let contents = [try await process.pay(repay()).content, try await process.pay(repay()).content]

            // Then
            #expect(contents == ["second", "third"])
            #expect(Set(world.sandbox.creates).count == 1 && world.sandbox.creates.count == 3)
            #expect(try await world.order().attempts.count == 1)
        }
    }

    @Test func `fresh replaces a live page, and is limited`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage(made("page 0"))

            // When
            for count in 1...5 {
                world.clock.advance(by: .seconds(1))
                world.sandbox.willCreate(made("page \(count)"))
                #expect(try await process.pay(repay(fresh: true)).content == "page \(count)")
            }

            // Then
            #expect(try await process.pay(repay(fresh: true)).refusal == .tooOften(retryAfter: .seconds(56)))
            #expect(try await process.pay(repay()).content == "page 5")
            world.move(to: world.at(61) - millisecond)
            #expect(try await process.pay(repay(fresh: true)).refusal == .tooOften(retryAfter: millisecond))
            world.move(to: 61)
            world.sandbox.willCreate(made("page 6"))
            #expect(try await process.pay(repay(fresh: true)).content == "page 6")
            #expect(Set(world.sandbox.creates).count == 1)
        }
    }

    @Test func `another terminal of the trade gets its own page on the same trade number`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage(made("for pc"))
            world.sandbox.willCreate(made("for app", serves: [.app]))

            // When
            let app = try await process.pay(repay(sandbox, .app)).answer()

            // Then
            #expect(app.served.page.content == "for app" && app.served.tradeNumber == first && app.origin == .miss)
            #expect(try await process.pay(repay(sandbox, .pc)).content == "for pc")
            #expect(world.sandbox.creates.count == 2 && Set(world.sandbox.creates.map(\.stored)).count == 1)
        }
    }

    @Test func `another user's order is reported as missing`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            #expect(try await process.pay(repay(user: "user-8")).refusal == .noSuchOrder)
            world.move(to: 300)
            #expect(try await process.pay(repay(user: "user-8")).refusal == .noSuchOrder)
            world.move(to: 1_800)
            #expect(try await process.pay(repay(user: "user-8")).refusal == .noSuchOrder)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `an order that was never created is reported as missing`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == .noSuchOrder)
        }
    }

    @Test func `a first call for an existing order with other particulars is a mismatch`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let other = try #require(Money(amount: 9_901, currency: yuan.currency))
            for seconds in [1, 300] {
                world.move(to: seconds)
                let now = world.clock.now()
                #expect(try await process.pay(PayFlowTests.firstPay(money: other, at: now)).refusal == .orderMismatch)
                #expect(try await process.pay(PayFlowTests.firstPay(user: "user-8", at: now)).refusal == .orderMismatch)
            }
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `particulars that the channel rejects are refused before anything is stored`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            let now = world.clock.now()
            let unknown = try #require(Channel("stripe"))
            let elsewhere = PayFlowTests.firstPay(number, unknown, at: now)
            #expect(try await process.pay(elsewhere).refusal == .channelUnavailable)
            for terminal in [Terminal.jsapi, .mini] {
                let inside = PayFlowTests.firstPay(number, sandbox, terminal, at: now)
                #expect(try await process.pay(inside).refusal == .channelUnavailable)
            }
            let short = try await process.pay(PayFlowTests.firstPay(life: .seconds(60), at: now)).refusal
            #expect(
                short
                    == .unacceptable([.init(pointer: "/expires_in", detail: "must be at least 61 seconds")]))
            #expect(try await process.ledger.order(number) == nil)
        }
    }

    @Test func `the buyer's IP address comes from the call, or from an earlier one`() async throws {
        let needing = ProviderTerms(trades: wechatLike.trades, terminalsThatNeedClientIP: [.h5])
        try await withWorld(terms: needing) { world in
            // Given
            let process = try await world.process()
            let now = world.clock.now()
            let refusal = PayRefusal.unacceptable([
                .init(pointer: "/payer/client_ip", detail: "is required for the terminal h5")
            ])

            // Then the address is still missing.
            #expect(try await process.pay(PayFlowTests.firstPay(number, sandbox, .h5, at: now)).refusal == refusal)
            #expect(try await process.ledger.order(number) == nil)
            world.sandbox.willCreate(made(serves: [.pc]))
            _ = try await process.pay(world.firstPay()).answer()
            #expect(try await process.pay(repay(sandbox, .h5)).refusal == refusal)
            #expect(world.sandbox.operations == ["create"])

            // When
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made(serves: [.h5]), made(serves: [.h5]))
            let told = PayRequest(
                number: number, userID: nil, draft: nil, channel: sandbox, terminal: .h5, openID: nil,
                clientIP: "203.0.113.9", fresh: false, key: nil)
            _ = try await process.pay(told).answer()
            world.move(to: 300)
            _ = try await process.pay(repay(sandbox, .h5)).answer()

            // Then the page is created again with the stored address, and so is the next attempt.
            #expect(world.sandbox.creates.map(\.stored.payer.clientIP) == [nil, "203.0.113.9", "203.0.113.9"])
            world.move(to: 600)
            world.sandbox.willCreate(.alreadyClosed, made(serves: [.h5]))
            world.sandbox.willQuery(.closed)
            #expect(try await process.pay(repay(sandbox, .h5)).answer().served.tradeNumber.sequence == 3)
            #expect(world.sandbox.creates.last?.stored.payer.clientIP == "203.0.113.9")
        }
    }

    @Test func `a refusal by the provider is reported, and the next call creates the next attempt`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.refused(reason: "LIMIT"), made())
            #expect(try await process.pay(world.firstPay()).refusal == .providerRefused)
            #expect(try await process.pay(repay(sandbox, .pc)).answer().served.tradeNumber == second)
            #expect(try await world.states() == [.failed, .open])
        }
    }
}

extension World {
    /// The first pay call again at a later time, with the same particulars.
    func firstPayAgain() -> PayRequest { PayFlowTests.firstPay(at: clock.now()) }
}
