import ProviderFakes
import Testing

/// Refunds that take a provider some time. The tests run in parallel, because they mostly wait.
@Suite(.timeLimit(.minutes(3))) struct ProviderRefundTests {
    /// A duplicate payment whose refund the provider has accepted: the payment of the trade `_2`.
    private func payTwice(_ order: String, on name: PlayedName, _ play: Play) async throws -> FakeTrade.Refund {
        if name == .stripe { play.players.stripe.takeTimeOverRefunds() }
        let old = try await play.firstPage(order, on: .alipay)
        let page = try await play.goOn(order, on: name)
        try await play.open(page, on: name)
        _ = try await play.players[name].pay("\(order)_2")
        try await play.open(old, on: .alipay)
        try await play.payAndTell("\(order)_1", on: .alipay)
        return try await poll("the provider has taken the refund on", within: .seconds(60)) {
            let booked = try await play.service.booked(order)
            guard booked.refunds.map(\.state) == ["submitted"] else { return nil }
            return await play.players[name].trade("\(order)_2")?.refunds.first
        }
    }

    @Test(arguments: [PlayedName.wechat, .stripe])
    func `a refund ends as soon as its notice says so, and a duplicate notice changes nothing`(_ name: PlayedName)
        async throws
    {
        try await Play.run { play in
            let (order, fake) = ("refund_\(name)", play.players[name])
            let refund = try await payTwice(order, on: name, play)
            #expect(!refund.isDone && refund.amount == 9_900)
            try await fake.finishRefund(refund.number)
            let notice = try #require(try await fake.notice(ofRefund: refund.number))
            #expect(try await fake.notify(notice, to: play.noticeURL(of: name)))
            // At once, and not only after the next query.
            #expect(try await play.service.booked(order).refunds.map(\.state) == ["succeeded"])
            #expect(try await fake.notify(notice, to: play.noticeURL(of: name)))
            let booked = try await play.agree(order)
            #expect(booked.refunds.map(\.refund_no) == [refund.number])
            #expect(fake.calls(.refund) == 1)
        }
    }

    @Test(arguments: [PlayedName.wechat, .stripe])
    func `a refund whose notice was lost is queried until it ends`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let (order, fake) = ("followed_\(name)", play.players[name])
            let refund = try await payTwice(order, on: name, play)
            try await fake.finishRefund(refund.number)
            try await poll("the refund is over", within: .seconds(120)) {
                try await play.service.booked(order).refunds.map(\.state) == ["succeeded"] ? () : nil
            }
            #expect(fake.calls(.follow) >= 1)
            try await play.agree(order)
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `a refund whose answer was lost is one refund`(_ name: PlayedName) async throws {
        // Time-outs must occur here, and soon.
        let hasty = ["PAYPAGE_PROVIDER_TIMEOUT": "2s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "2s"]
        try await Play.run(hasty) { play in
            let order = "refund_lost_\(name)"
            let other = name == .alipay ? PlayedName.wechat : .alipay
            let old = try await play.firstPage(order, on: .alipay)
            let page = try await play.goOn(order, on: name == .alipay ? other : name)
            try await play.open(page, on: name == .alipay ? other : name)
            try await play.open(old, on: .alipay)
            play.players[name].arm(.lost, on: .refund)
            let (honest, twice) = name == .alipay ? ("_2", "_1") : ("_1", "_2")
            _ = try await play.players[name].pay(order + twice)
            try await play.payAndTell(order + honest, on: other)
            try await play.tell(order + twice, on: name)
            let booked = try await play.agree(order)
            #expect(booked.refunds.map(\.trade_no) == [order + twice])
            #expect(await play.players[name].trade(order + twice)?.refunds.count == 1)
        }
    }
}
