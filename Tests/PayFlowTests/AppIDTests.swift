import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The app of a trade` {
    private static let old = "wx1111111111111111"
    private static let new = "wx2222222222222222"

    /// An order whose trade belongs to the old app. The settings have the new one.
    private func withOldTrade(
        _ answer: CreateAnswer = made(serves: [.app]), _ body: (World, Process) async throws -> Void
    ) async throws {
        try await withWorld(wechatTerms: wechatLike) { world in
            let process = try await world.process()
            world.wechat.has(appID: Self.old, for: .app)
            world.wechat.willCreate(answer)
            _ = try await process.pay(firstPay(number, wechat, .app, at: world.clock.now()))
            world.wechat.has(appID: Self.new, for: .app)
            try await body(world, process)
        }
    }

    @Test func `the app of the terminal is stored with the request`() async throws {
        try await withOldTrade { world, _ in
            let order = try await world.order()
            #expect(order.attempts.map(\.request.appID) == [Self.old])
            #expect(world.wechat.creates.map(\.stored.appID) == [Self.old])
        }
    }

    @Test func `a page that is made again after a change of the settings keeps the trade's app`() async throws {
        try await withOldTrade { world, process in
            world.move(to: 301)
            world.wechat.willCreate(made(serves: [.app]))
            _ = try await process.pay(repay(wechat, .app)).answer()
            #expect(world.wechat.creates.map(\.stored.appID) == [Self.old, Self.old])
        }
    }

    @Test func `lease recovery in a process with other settings sends the trade's app`() async throws {
        try await withOldTrade(.unknown(.answered)) { world, _ in
            world.move(to: 11)
            world.wechat.willCreate(made(serves: [.app]))
            _ = try await world.process("worker-b").recover.runOnce(at: world.clock.now())
            #expect(world.wechat.creates.map(\.stored.appID) == [Self.old, Self.old])
        }
    }

    @Test func `the next trade belongs to the app of the settings`() async throws {
        try await withOldTrade { world, process in
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willCreate(made())
            _ = try await process.pay(repay(sandbox, .pc)).answer()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made(serves: [.app]))
            _ = try await process.pay(repay(wechat, .app)).answer()
            #expect(world.wechat.creates.map(\.stored.appID) == [Self.old, Self.new])
        }
    }

    // MARK: The payer

    /// Like WeChat inside WeChat: an official account and a mini program, whose pages are bound to a payer.
    private static let insideWeChat = ProviderTerms(
        trades: Dictionary(
            uniqueKeysWithValues: [Terminal.jsapi, .mini].map { terminal in
                (
                    terminal,
                    TradeTerms(
                        serves: [terminal], isBoundToPayer: true, shortestLife: .refuseBelow(.zero),
                        closeCanBeProven: true, numberMayBeAskedAgain: true, exposedCanBeRevived: false)
                )
            }), terminalsThatNeedOpenID: [.jsapi, .mini])

    private func inWeChat(_ terminal: Terminal, openID: String? = nil, draft: Order? = nil) -> PayRequest {
        PayRequest(
            number: number, userID: nil, draft: draft, channel: wechat, terminal: terminal, openID: openID,
            clientIP: nil, fresh: false, key: nil)
    }

    /// An order that the buyer o-1 of the old app has a page of.
    private func withBuyer(_ body: (World, Process) async throws -> Void) async throws {
        try await withWorld(wechatTerms: Self.insideWeChat) { world in
            let process = try await world.process()
            world.wechat.has(appID: Self.old, for: .jsapi)
            world.wechat.has(appID: Self.new, for: .mini)
            world.wechat.willCreate(made(serves: [.jsapi]))
            let draft = world.firstPay().draft
            _ = try await process.pay(inWeChat(.jsapi, openID: "o-1", draft: draft)).answer()
            try await body(world, process)
        }
    }

    @Test func `the payer of one app is not taken for the payer of another`() async throws {
        let refusal = PayRefusal.unacceptable([
            .init(pointer: "/payer/openid", detail: "is required for the terminal mini")
        ])
        try await withBuyer { world, process in
            let (known, unknown) = (try await process.pay(inWeChat(.jsapi)), try await process.pay(inWeChat(.mini)))
            #expect(known.content != nil && unknown.refusal == refusal)
            let states = try await world.states()
            #expect(states == [.open])
            #expect(world.wechat.operations == ["create"])
        }
    }

    @Test func `an open trade keeps its payer and its app after a change of the settings`() async throws {
        try await withBuyer { world, process in
            world.wechat.has(appID: Self.new, for: .jsapi)
            world.move(to: 300)
            world.wechat.willCreate(made(serves: [.jsapi]))
            let again = try await process.pay(inWeChat(.jsapi))
            #expect(again.content != nil)
            #expect(Set(world.wechat.creates).count == 1 && world.wechat.creates.count == 2)
        }
    }

    @Test func `the payer of an app is known on each of its terminals`() async throws {
        try await withBuyer { world, process in
            world.wechat.has(appID: Self.old, for: .mini)
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.wechat.willCreate(made(serves: [.mini]))
            let other = try await process.pay(inWeChat(.mini))
            #expect(other.content != nil)
            #expect(world.wechat.creates.map(\.stored.payer.openID) == ["o-1", "o-1"])
        }
    }

    @Test func `the payer of a closed trade is known only as long as the app stays the same`() async throws {
        try await withBuyer { world, process in
            func known() async throws -> String {
                try await process.pay.openID(in: world.order(), at: wechat, on: .jsapi)
            }
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willCreate(made())
            _ = try await process.pay(repay(sandbox, .pc)).answer()
            let before = try await known()
            world.wechat.has(appID: Self.new, for: .jsapi)
            let after = try await known()
            #expect(before == "o-1" && after.isEmpty)
        }
    }

    // MARK: Money

    @Test func `a notice and a query of a payment to another app are disputed`() async throws {
        for isNotice in [true, false] {
            try await withOldTrade { world, process in
                let paid = Receipt(
                    channel: wechat, tradeNumber: first, transactionID: TransactionID("tx-1")!, amount: yuan.amount,
                    currencyCode: "CNY", paidAt: world.start, namesOurAccount: true, appID: Self.new)
                if isNotice {
                    await world.notify(paid, process)
                } else {
                    world.wechat.willQuery(.paid(paid))
                    world.move(to: 60)
                    _ = try await process.query.runOnce(at: world.clock.now())
                }
                let order = try await world.order()
                #expect(order.state == .new)
                #expect(order.receipts.map(\.standing) == [.disputed], "\(isNotice ? "notice" : "query")")
                #expect(order.receipts.map(\.receipt.namesOurAccount) == [false])
            }
        }
    }
}
