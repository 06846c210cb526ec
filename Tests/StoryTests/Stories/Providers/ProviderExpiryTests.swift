import LedgerSQL
import PayCore
import PayFlow
import PayProviders
import ProviderFakes
import SQLiteStore
import Testing

/// The expiry of pages, trades and orders. The clock is moved by hand, because a code lives for two hours.
@Suite(.timeLimit(.minutes(2))) struct ProviderExpiryTests {
    private static let trade = "\(HandMovedPlay.order)_1"

    @Test func `a WeChat Pay code is served for two hours less a margin, then replaced in the same trade`()
        async throws
    {
        try await HandMovedPlay.run { play in
            let first = try await play.firstPay(on: .wechat, life: .seconds(4 * 3_600))
            play.move(to: .seconds(2 * 3_600 - 31))
            let hit = try await play.repay()
            #expect(hit.origin == .hit && hit.served.page.content == first.served.page.content)
            #expect(play.players.wechat.calls(.create) == 1)

            play.move(to: .seconds(2 * 3_600 - 30))
            let second = try await play.repay()
            #expect(second.origin == .stale && second.served.page.content != first.served.page.content)
            #expect(play.players.wechat.trade(Self.trade)?.creates == 2)
            #expect(try await play.attempts() == ["_1 open"])
            await #expect(throws: (any Error).self) { try await play.open(first, on: .wechat) }
            try await play.open(second, on: .wechat)
            _ = try await play.players.wechat.pay(Self.trade)
            #expect(try await play.tell(Self.trade, on: .wechat))
            #expect(try await play.attempts() == ["_1 paid"])
        }
    }

    @Test func `a WeChat Pay page is made again with its trade's appid by a service that has another one`() async throws
    {
        try await HandMovedPlay.run { play in
            let first = try await play.firstPay(on: .wechat, terminal: .app, life: .seconds(4 * 3_600))
            let appIDs = WeChatPayAppIDs(FakeWeChatPay.appID, app: FakeWeChatPay.mobileAppID)
            let other = try play.restarted(weChatAppIDs: appIDs)
            play.move(to: .seconds(2 * 3_600))
            let second = try await other.repay()
            #expect(second.origin == .stale && second.served.page.content != first.served.page.content)
            #expect(try await other.stored().attempts.map(\.request.appID) == [FakeWeChatPay.appID])
            try await other.open(second, on: .wechat, terminal: .app)
            _ = try await play.players.wechat.pay(Self.trade)
            #expect(try await other.tell(Self.trade, on: .wechat))
            #expect(try await other.attempts() == ["_1 paid"])
            await other.flows.drain()
            try other.ledger.close()
        }
    }

    @Test func `a WeChat Pay address for mobile browsers is replaced after five minutes less a margin`() async throws {
        try await HandMovedPlay.run { play in
            let first = try await play.firstPay(on: .wechat, terminal: .h5, life: .seconds(1_800))
            play.move(to: .seconds(269))
            #expect(try await play.repay().origin == .hit)
            play.move(to: .seconds(270))
            let second = try await play.repay()
            #expect(second.origin == .stale && second.served.tradeNumber == first.served.tradeNumber)
            #expect(play.players.wechat.trade(Self.trade)?.creates == 2)
            try await play.open(second, on: .wechat, terminal: .h5)
        }
    }

    @Test func `a signed Alipay page lives as long as its order, without a call to Alipay`() async throws {
        try await HandMovedPlay.run { play in
            let first = try await play.firstPay(on: .alipay, life: .seconds(4 * 3_600))
            play.move(to: .seconds(4 * 3_600 - 61))
            let hit = try await play.repay()
            #expect(hit.origin == .hit && hit.served.page.content == first.served.page.content)
            #expect(play.players.alipay.calls(.create) == 0)
            try await play.open(hit, on: .alipay)
        }
    }

    @Test func `an expired Alipay code is replaced by another attempt, because its number can't be sent again`()
        async throws
    {
        try await HandMovedPlay.run(alipayPC: .precreate) { play in
            let first = try await play.firstPay(on: .alipay, life: .seconds(4 * 3_600))
            play.move(to: .seconds(2 * 3_600 - 31))
            #expect(try await play.repay().origin == .hit)
            play.move(to: .seconds(2 * 3_600 - 30))
            let second = try await play.repay()
            #expect(second.served.tradeNumber != first.served.tradeNumber)
            #expect(try await play.attempts() == ["_1 exposed", "_2 open"])
            #expect(play.players.alipay.calls(.create) == 2)

            // The old code is valid for half a minute more, and is scanned.
            try await play.open(first, on: .alipay)
            _ = try await play.players.alipay.pay(Self.trade)
            #expect(try await play.tell(Self.trade, on: .alipay))
            try await play.runClockwork()
            #expect(try await play.attempts() == ["_1 paid", "_2 exposed"])
        }
    }

    @Test func `a Stripe session that ended after a day is replaced by another attempt`() async throws {
        try await HandMovedPlay.run { play in
            let first = try await play.firstPay(on: .stripe, life: .seconds(30 * 3_600))
            play.move(to: .seconds(12 * 3_600))
            #expect(try await play.repay().served == first.served)
            #expect(play.players.stripe.calls(.create) == 1)
            play.move(to: .seconds(25 * 3_600))
            try await play.runClockwork()
            let second = try await play.repay(on: .stripe, terminal: .pc)
            #expect(second.served.page.content != first.served.page.content)
            #expect(try await play.stored().liveAttempt?.number.sequence == 2)
            #expect(try await play.stored().attempts.first?.state.name != .open)
            await #expect(throws: (any Error).self) { try await play.open(first, on: .stripe) }
            try await play.open(second, on: .stripe)
        }
    }

    @Test func `a Stripe session, which must live for half an hour, is ended with a shorter order`() async throws {
        try await HandMovedPlay.run { play in
            let page = try await play.firstPay(on: .stripe, life: .seconds(600))
            try await play.open(page, on: .stripe)
            play.move(to: .seconds(600))
            try await play.runClockwork()
            #expect(play.players.stripe.calls(.close) > 0)
            #expect(play.players.stripe.trade(Self.trade)?.state == .closed)
            await #expect(throws: (any Error).self) { try await play.players.stripe.pay(Self.trade) }
            play.move(to: .seconds(3_600))
            try await play.runClockwork()
            #expect(try await play.stored().state.name == .expired)
        }
    }

    @Test(arguments: PlayedName.allCases, [true, false])
    func `an unpaid order expires, and its page takes no money`(_ name: PlayedName, isOpened: Bool)
        async throws
    {
        try await HandMovedPlay.run { play in
            let page = try await play.firstPay(on: name, life: .seconds(2_700))
            if isOpened { try await play.open(page, on: name) }
            play.move(to: .seconds(2_640))
            #expect(try await play.refusalToRepay() == .tooLate)
            for moment in stride(from: 2_700, through: 7_200, by: 60) {
                play.move(to: .seconds(moment))
                try await play.runClockwork()
            }
            #expect(try await play.stored().state.name == .expired)
            let end = try #require(try await play.stored().attempts.first?.state.name)
            #expect([.closed, .lapsed].contains(end), "\(end)")
            #expect(try await play.stored().receipts.isEmpty)
            await #expect(throws: (any Error).self) {
                try await play.open(page, on: name)
                _ = try await play.players[name].pay(Self.trade)
            }
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a payment of the last second without a notice is found at each provider before expiry`(_ name: PlayedName)
        async throws
    {
        try await HandMovedPlay.run { play in
            let page = try await play.firstPay(on: name, life: .seconds(2_700))
            try await play.open(page, on: name)
            play.move(to: .seconds(2_699))
            _ = try await play.players[name].pay(Self.trade)
            for moment in stride(from: 2_700, through: 2_880, by: 30) {
                play.move(to: .seconds(moment))
                try await play.runClockwork()
            }
            let order = try await play.stored()
            #expect(order.state.name == .paid)
            #expect(order.receipts.map(\.standing) == [.honest])
            #expect(order.refunds.isEmpty)
        }
    }
}
