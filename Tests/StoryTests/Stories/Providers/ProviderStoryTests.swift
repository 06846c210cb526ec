import PayProviders
import ProviderFakes
import Testing

/// The whole life of an order at each provider, through the running binary.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderStoryTests {
    @Test(arguments: PlayedName.allCases)
    func `a page is created once and served again, and its buyer can pay it`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let (order, fake) = ("first_\(name)", play.players[name])
            let first = try await play.service.firstPay(order, channel: name.rawValue)
            #expect(first.status == 201 && first.cacheStatus == "paypage; fwd=uri-miss; stored")
            let page = try first.read(PaymentView.self).page
            try await play.open(page, on: name)
            let made = fake.calls(.create)
            #expect(made == (name.hearsOfPages ? 1 : 0))

            for _ in 1...3 {
                let again = try await play.service.repay(order)
                #expect(again.status == 200 && again.cacheStatus?.hasPrefix("paypage; hit") == true)
                #expect(again.pageContent == page.content)
            }
            #expect(fake.calls(.create) == made)

            try await play.payAndTell("\(order)_1", on: name)
            #expect(try await play.wait(order, until: "paid").attemptStates == ["_1 paid"])
            try await play.agree(order)
            #expect(try await play.service.repay(order).code == "PAY_ORDER_STATE_ERROR")
        }
    }

    @Test(arguments: PlayedName.allCases.filter { $0.otherTerminal != nil })
    func `another terminal gets its page of the same trade, and the stored page afterwards`(_ name: PlayedName)
        async throws
    {
        try await Play.run { play in
            let (order, fake) = ("terminals_\(name)", play.players[name])
            let terminal = try #require(name.otherTerminal)
            _ = try await play.firstPage(order, on: name)
            let made = fake.calls(.create)
            let page = try await play.goOn(order, on: name, terminal: terminal)
            try await play.open(page, on: name, terminal: terminal)
            let hit = try await play.service.goOn(order, channel: name.rawValue, terminal: terminal)
            #expect(hit.cacheStatus?.hasPrefix("paypage; hit") == true)
            #expect(hit.pageContent == page.content)
            #expect(fake.calls(.create) == made, "the provider was asked for what is the same trade")
            #expect(fake.calls(.close) == 0)
            #expect(try await play.service.attempts(order) == ["_1 open"])
            try await play.payAndTell("\(order)_1", on: name)
            try await play.agree(order)
        }
    }

    @Test func `a terminal with its own WeChat Pay trade closes the first trade`() async throws {
        try await Play.run { play in
            let order = "terminals_wechat"
            let page = try await play.firstPage(order, on: .wechat)
            try await play.open(page, on: .wechat)
            _ = try await play.goOn(order, on: .wechat, terminal: "app")
            #expect(try await play.service.attempts(order) == ["_1 closed", "_2 open"])
            #expect(play.players.wechat.trade("\(order)_1")?.state == .closed)
            await #expect(throws: (any Error).self) { try await play.players.wechat.pay("\(order)_1") }
            try await play.payAndTell("\(order)_2", on: .wechat)
            try await play.agree(order)
        }
    }

    @Test func `a code that the buyer reports as broken is replaced, and the old code is invalid`() async throws {
        try await Play.run { play in
            let order = "fresh_wechat"
            let old = try await play.firstPage(order, on: .wechat)
            let reply = try await play.service.call(.post, "/v1/payments/\(order)/repay", json: #"{"fresh":true}"#)
            let new = try reply.read(PaymentView.self).page
            #expect(new.content != old.content)
            #expect(play.players.wechat.trade("\(order)_1")?.creates == 2)
            try await play.open(new, on: .wechat)
            await #expect(throws: (any Error).self) { try await play.open(old, on: .wechat) }
            #expect(try await play.service.repay(order).pageContent == new.content)
            try await play.payAndTell("\(order)_1", on: .wechat)
            try await play.agree(order)
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `an order that the merchant closes can't be paid any more`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let (order, fake) = ("closed_\(name)", play.players[name])
            let page = try await play.firstPage(order, on: name)
            try await play.open(page, on: name)
            #expect(try await play.service.close(order).status == 200)
            #expect(try await play.service.booked(order).state == "closed")
            #expect(try await play.service.attempts(order) == ["_1 closed"])
            #expect(await fake.trade("\(order)_1")?.state == .closed)
            await #expect(throws: (any Error).self) { try await fake.pay("\(order)_1") }
            #expect(try await play.service.repay(order).code == "PAY_ORDER_STATE_ERROR")
        }
    }

    @Test(arguments: PlayedName.allCases)
    func `an order that was paid before the merchant closes it is paid`(_ name: PlayedName) async throws {
        try await Play.run { play in
            let order = "race_\(name)"
            let page = try await play.firstPage(order, on: name)
            try await play.open(page, on: name)
            _ = try await play.players[name].pay("\(order)_1")
            #expect(try await play.service.close(order).code == "PAY_ORDER_STATE_ERROR")
            #expect(try await play.agree(order).state == "paid")
        }
    }

    @Test func `an unopened Alipay page that is paid after the merchant's close is refunded`()
        async throws
    {
        try await Play.run { play in
            let order = "closed_unopened"
            let page = try await play.firstPage(order, on: .alipay)
            #expect(try await play.service.close(order).status == 200)
            #expect(try await play.service.attempts(order) == ["_1 exposed"])
            try await play.open(page, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            #expect(try await play.agree(order).state == "closed")
            #expect(try await play.standings(order) == ["_1 late"])
        }
    }
}
