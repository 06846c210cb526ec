import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A switch to another channel` {
    @Test func `a switch closes, queries, and only then creates the next attempt`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let close = world.sandbox.willHoldClose(then: .accepted)
            let query = world.sandbox.willHoldQuery(then: .closed)
            world.wechat.willCreate(made("wechat's"))
            let call = Task { try await process.pay(repay(wechat, .pc)).answer() }

            // Then
            await close.waitForArrival()
            #expect(try await world.states() == [.closing])
            #expect(world.sandbox.operations == ["create", "close"] && world.wechat.calls.isEmpty)
            close.release()
            await query.waitForArrival()
            #expect(try await world.states() == [.closing])
            #expect(world.wechat.calls.isEmpty)
            query.release()

            // Then
            let answer = try await call.value
            #expect(answer.served.page.content == "wechat's" && answer.served.tradeNumber == second)
            #expect(world.sandbox.operations == ["create", "close", "query"])
            #expect(world.wechat.operations == ["create"])
            #expect(try await world.states() == [.closed, .open])
            let order = try await world.order()
            #expect(order.lease == nil && order.attempts[1].channel == wechat)
        }
    }

    @Test func `a switch to a terminal that the trade can't serve creates another attempt`() async throws {
        try await withWorld(terms: wechatLike) { world in
            let process = try await world.withPage(made("for pc", serves: [.pc]))
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.sandbox.willCreate(made("for h5", serves: [.h5]))
            let answer = try await process.pay(repay(sandbox, .h5)).answer()
            #expect(answer.served.page.content == "for h5" && answer.served.tradeNumber == second)
            #expect(world.sandbox.operations == ["create", "close", "query", "create"])
            #expect(world.sandbox.creates.map(\.stored.terminal) == [.pc, .h5])
            #expect(try await world.states() == [.closed, .open])
        }
    }

    @Test func `a switch to a terminal that the trade can serve adds a page to it`() async throws {
        try await withWorld(terms: alipayLike) { world in
            let process = try await world.withPage(made("for pc", serves: [.pc]))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "for pc")
            world.sandbox.willCreate(made("for app", serves: [.app]))
            #expect(try await process.pay(repay(sandbox, .app)).content == "for app")
            #expect(try await process.pay(repay(sandbox, .pc)).content == "for pc")
            #expect(world.sandbox.creates.map(\.tradeNumber) == [first, first])
            #expect(try await world.states() == [.open])
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let query: QueryAnswer
        let left: AttemptStateName
        /// Nil if the other channel's page is returned.
        let allow: PayRefusal?
        let strict: PayRefusal?

        var testDescription: String { "\(query)" }
    }

    static let rows = [
        Row(query: .closed, left: .closed, allow: nil, strict: nil),
        Row(query: .unpaid, left: .exposed, allow: nil, strict: .switchUnsafe),
        Row(query: .noSuchTrade, left: .exposed, allow: nil, strict: .switchUnsafe),
        Row(query: .unknown(.answered), left: .exposed, allow: nil, strict: .switchUnsafe),
        Row(query: .unknown(.unanswered), left: .exposed, allow: nil, strict: .switchUnsafe),
        Row(query: .paid(receipt()), left: .paid, allow: .orderNotNew(.paid), strict: .orderNotNew(.paid)),
        Row(query: .paid(receipt(amount: 1)), left: .exposed, allow: .switchUnsafe, strict: .switchUnsafe),
    ]

    @Test(arguments: rows, SwitchPolicy.allCases)
    func `a switch continues as the query after the close says`(row: Row, policy: SwitchPolicy) async throws {
        try await withWorld(switching: policy) { world in
            // Given
            let process = try await world.withPage()
            let refusal = policy == .allow ? row.allow : row.strict
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(row.query)
            if refusal == nil { world.wechat.willCreate(made("wechat's")) }

            // When
            let result = try await process.pay(repay(wechat, .pc))

            // Then
            #expect(result.refusal == refusal && result.content == (refusal == nil ? "wechat's" : nil))
            #expect(try await world.states() == (refusal == nil ? [row.left, .open] : [row.left]))
            #expect(try await process.ledger.keyRecord(use("k").key, at: world.clock.now()) == nil)
            // An unanswered query changes nothing at the provider, but the chain waits for its end.
            let isKept = row.query == .unknown(.unanswered) && refusal != nil
            #expect((try await world.order().lease == nil) == !isKept)
        }
    }

    @Test func `a switch whose close can't be proven is refused by strict before anything changes`() async throws {
        try await withWorld(terms: alipayLike, switching: .strict) { world in
            let process = try await world.withPage(made("the old page"))
            let before = try await world.order()
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .switchUnsafe)
            #expect(try await world.order() == before)
            #expect(world.sandbox.operations == ["create"] && world.wechat.calls.isEmpty)
            #expect(try await process.pay(repay()).content == "the old page")
        }
    }

    @Test func `a switch that the new channel refuses can be undone`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            // Given
            let process = try await world.withPage(made("the old page"))
            world.sandbox.willClose(.noSuchTrade)
            world.sandbox.willQuery(.noSuchTrade)
            world.wechat.willCreate(.refused(reason: "NO"))
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .providerRefused)
            #expect(try await world.states() == [.exposed, .failed])

            // When
            world.sandbox.willQuery(.noSuchTrade)
            let answer = try await process.pay(repay(sandbox, .pc)).answer()

            // Then
            #expect(answer.served.page.content == "the old page" && answer.served.tradeNumber == first)
            #expect(try await world.states() == [.open, .failed])
        }
    }
}

@Suite struct `A crash during a switch` {
    enum Death: Int, CaseIterable {
        case beforeItBegan, behindTheIntent, inTheClose, behindTheClose, behindItsAnswer, inTheQuery
        case beforeTheAnswerIsStored, behindTheNewIntent, inTheCreate, beforeThePageIsStored, behindThePage

        /// Whether its lease is left behind.
        var leavesALease: Bool { self != .beforeItBegan && self != .behindThePage }
        /// Whether the old trade was known to be closed.
        var isClosed: Bool { rawValue >= Self.behindTheNewIntent.rawValue }
        /// Whether the new request was stored, so that its number is the same.
        var createsSent: Int {
            switch self {
            case .inTheCreate, .beforeThePageIsStored, .behindThePage: 1
            default: 0
            }
        }
    }

    private func die(_ death: Death, in world: World) async throws {
        let process = try await world.withPage(made("the old page"), key: nil)
        let ledger = process.ledger
        let hold: Hold
        switch death {
        case .beforeItBegan: hold = ledger.willStop(.before, .update)
        case .behindTheIntent: hold = ledger.willStop(.behind, .update)
        case .inTheClose: hold = world.sandbox.willHoldClose(then: .accepted)
        case .behindTheClose: hold = ledger.willStop(.before, .update, after: 1)
        case .behindItsAnswer: hold = ledger.willStop(.behind, .update, after: 1)
        case .inTheQuery: hold = world.sandbox.willHoldQuery(then: .closed)
        case .beforeTheAnswerIsStored: hold = ledger.willStop(.before, .update, after: 2)
        case .behindTheNewIntent: hold = ledger.willStop(.behind, .update, after: 2)
        case .inTheCreate: hold = world.wechat.willHoldCreate(then: made("never seen"))
        case .beforeThePageIsStored: hold = ledger.willStop(.before, .update, after: 3)
        case .behindThePage: hold = ledger.willStop(.behind, .update, after: 3)
        }
        if death.rawValue > Death.inTheClose.rawValue { world.sandbox.willClose(.accepted) }
        if death.rawValue > Death.inTheQuery.rawValue { world.sandbox.willQuery(.closed) }
        if death.rawValue > Death.inTheCreate.rawValue { world.wechat.willCreate(made("the dead one's")) }
        Task { _ = try? await process.pay(repay(wechat, .pc)) }
        await hold.waitForArrival()
    }

    @Test(arguments: Death.allCases)
    func `the next call after a crash in a switch continues where the switch ended`(death: Death) async throws {
        try await withWorld { world in
            // Given
            try await die(death, in: world)
            let sent = world.wechat.creates.map(\.stored)
            let process = try await world.process("worker-b")
            if death.leavesALease {
                let waiting = Task { try await process.pay(repay(wechat, .pc)).refusal }
                await world.clock.waitForSleepers()
                world.clock.advance(by: FlowParts.patience)
                #expect(try await waiting.value == .inProgress(retryAfter: .seconds(8)))
                world.move(to: 10)
            }

            // When
            if !death.isClosed {
                world.sandbox.willClose(.accepted)
                world.sandbox.willQuery(.closed)
            }
            if death != .behindThePage { world.wechat.willCreate(made("the next one's")) }
            let answer = try await process.pay(repay(wechat, .pc)).answer()

            // Then
            #expect(answer.served.page.content == (death == .behindThePage ? "the dead one's" : "the next one's"))
            #expect(answer.served.tradeNumber == second)
            #expect(try await world.states() == [.closed, .open])
            #expect(world.wechat.creates.allSatisfy { $0.tradeNumber == second })
            #expect(world.wechat.creates.count == death.createsSent + (death == .behindThePage ? 0 : 1))
            // A request that was sent before is sent again as it was stored.
            #expect(sent.allSatisfy { $0 == world.wechat.creates.last?.stored })
            #expect(try await world.order().lease == nil)
        }
    }

    @Test(arguments: Death.allCases)
    func `lease recovery after a crash in a switch leaves at most one payable trade`(death: Death) async throws {
        try await withWorld { world in
            // Given
            try await die(death, in: world)
            let process = try await world.process("worker-b")
            let states = try await world.states()
            world.move(to: 10)

            // When
            if states == [.closing] {
                world.sandbox.willClose(.accepted)
                world.sandbox.willQuery(.closed)
            }
            if states == [.closed, .creating] { world.wechat.willCreate(made("recovery's")) }
            _ = try await process.recover.runOnce(at: world.clock.now())

            // Then
            let expected: [AttemptStateName] =
                switch states {
                case [.open]: [.open]
                case [.closing], [.closed]: [.closed]
                default: [.closed, .open]
                }
            #expect(try await world.states() == expected)
            #expect(try await process.recover.runOnce(at: world.clock.now()).isEmpty)
        }
    }
}
