import PayProviders
import ProviderFakes
import Testing

/// From one provider to another, and duplicate payments.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ProviderSwitchTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let from: PlayedName
        let to: PlayedName

        var testDescription: String { "\(from) to \(to)" }
    }

    static let ways = PlayedName.allCases.flatMap { from in from.others.map { Way(from: from, to: $0) } }

    @Test(arguments: ways)
    func `an order goes to another provider and comes back, with one payable page at a time`(_ way: Way)
        async throws
    {
        try await Play.run { play in
            let order = "\(way.from)_\(way.to)"
            let first = try await play.firstPage(order, on: way.from)
            try await play.open(first, on: way.from)
            let second = try await play.goOn(order, on: way.to)
            try await play.open(second, on: way.to)
            #expect(try await play.service.attempts(order) == ["_1 closed", "_2 open"])
            #expect(await play.players[way.from].trade("\(order)_1")?.state == .closed)

            let third = try await play.goOn(order, on: way.from)
            try await play.open(third, on: way.from)
            #expect(try await play.service.attempts(order) == ["_1 closed", "_2 closed", "_3 open"])
            #expect(await play.players[way.to].trade("\(order)_2")?.state == .closed)

            try await play.payAndTell("\(order)_3", on: way.from)
            let booked = try await play.agree(order)
            #expect(booked.attemptStates == ["_1 closed", "_2 closed", "_3 paid"])
        }
    }

    @Test(arguments: PlayedName.alipay.others)
    func `an unopened Alipay page is revived when the buyer returns`(_ other: PlayedName) async throws {
        try await Play.run { play in
            let order = "revived_\(other)"
            _ = try await play.firstPage(order, on: .alipay)
            let page = try await play.goOn(order, on: other)
            try await play.open(page, on: other)
            #expect(try await play.service.attempts(order) == ["_1 exposed", "_2 open"])
            let back = try await play.goOn(order, on: .alipay)
            #expect(try await play.service.attempts(order) == ["_1 open", "_2 closed"])
            try await play.open(back, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            #expect(try await play.agree(order).attemptStates == ["_1 paid", "_2 closed"])
        }
    }

    @Test func `with strict, an unopened Alipay page keeps its buyer`() async throws {
        try await Play.run(["PAYPAGE_SWITCH_POLICY": "strict"]) { play in
            let order = "strict_alipay"
            let page = try await play.firstPage(order, on: .alipay)
            let refused = try await play.service.goOn(order, channel: "wechat")
            #expect(refused.status == 409 && refused.code == "PAY_SWITCH_UNSAFE")
            #expect(try await play.service.attempts(order) == ["_1 open"])
            #expect(try await play.service.repay(order).pageContent == page.content)
            try await play.open(page, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            try await play.agree(order)
        }
    }

    @Test(arguments: PlayedName.alipay.others)
    func `an old Alipay page that is paid in addition is refunded`(_ other: PlayedName) async throws {
        try await Play.run { play in
            let order = "twice_alipay_\(other)"
            let old = try await play.firstPage(order, on: .alipay)
            let page = try await play.goOn(order, on: other)
            try await play.open(page, on: other)
            try await play.payAndTell("\(order)_2", on: other)
            try await play.open(old, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            let booked = try await play.agree(order)
            #expect(booked.state == "paid" && booked.refunds.map(\.trade_no) == ["\(order)_1"])
            #expect(try await play.standings(order) == ["_1 duplicate", "_2 honest"])
            #expect(play.players.alipay.trade("\(order)_1")?.kept == 0)
        }
    }

    @Test(arguments: PlayedName.alipay.others)
    func `a payment that becomes known only after another is refunded`(_ other: PlayedName) async throws {
        try await Play.run { play in
            let order = "twice_\(other)"
            let old = try await play.firstPage(order, on: .alipay)
            let page = try await play.goOn(order, on: other)
            try await play.open(page, on: other)
            _ = try await play.players[other].pay("\(order)_2")
            try await play.open(old, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            let booked = try await play.agree(order)
            #expect(booked.state == "paid" && booked.refunds.map(\.trade_no) == ["\(order)_2"])
            #expect(try await play.standings(order) == ["_1 honest", "_2 duplicate"])
            #expect(await play.players[other].trade("\(order)_2")?.kept == 0)
        }
    }

    @Test func `a buyer who pays at WeChat Pay's prompt after a switch gets the money back`() async throws {
        try await Play.run { play in
            let order = "prompt_wechat"
            let old = try await play.firstPage(order, on: .wechat)
            try await play.open(old, on: .wechat)
            let page = try await play.goOn(order, on: .stripe)
            try await play.open(page, on: .stripe)
            #expect(try await play.service.attempts(order) == ["_1 closed", "_2 open"])
            try await play.payAndTell("\(order)_2", on: .stripe)
            _ = try await play.players.wechat.payAtThePrompt("\(order)_1")
            #expect(try await play.tell("\(order)_1", on: .wechat))
            #expect(try await play.agree(order).refunds.map(\.trade_no) == ["\(order)_1"])
            #expect(try await play.standings(order) == ["_1 duplicate", "_2 honest"])
        }
    }

    @Test func `after switches across three providers one payment is kept, and the others are refunded`()
        async throws
    {
        try await Play.run { play in
            let order = "round_trip"
            let unopened = try await play.firstPage(order, on: .alipay)
            try await play.open(play.goOn(order, on: .wechat), on: .wechat)
            try await play.open(play.goOn(order, on: .stripe), on: .stripe)
            #expect(try await play.service.attempts(order) == ["_1 exposed", "_2 closed", "_3 open"])
            // Paid at Stripe, without a notice before the user returns to Alipay.
            let stranger = try await play.players.stripe.pay("\(order)_3")
            let back = try await play.service.goOn(order, channel: "alipay")
            #expect(back.code == "PAY_ORDER_STATE_ERROR", "the close found the money: \(stranger)")

            try await play.open(unopened, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            _ = try await play.players.wechat.payAtThePrompt("\(order)_2")
            #expect(try await play.tell("\(order)_2", on: .wechat))
            try await play.tell("\(order)_3", on: .stripe)

            let booked = try await play.agree(order)
            #expect(booked.state == "paid")
            #expect(try await play.standings(order) == ["_1 duplicate", "_2 duplicate", "_3 honest"])
            #expect(booked.refunds.map(\.trade_no).sorted() == ["\(order)_1", "\(order)_2"])
        }
    }

    @Test func `after a return to Alipay a payment there is kept, and both old pages are refunded`()
        async throws
    {
        // A code can't serve the mobile browser that the buyer returns with: it is left behind, and can still be
        // scanned.
        try await Play.run(["PAYPAGE_ALIPAY_PC_METHOD": "precreate"]) { play in
            let order = "back_again"
            let code = try await play.firstPage(order, on: .alipay)
            try await play.open(play.goOn(order, on: .wechat), on: .wechat)
            try await play.open(play.goOn(order, on: .stripe), on: .stripe)
            let last = try await play.goOn(order, on: .alipay, terminal: "h5")
            #expect(try await play.service.attempts(order) == ["_1 exposed", "_2 closed", "_3 closed", "_4 open"])
            try await play.open(last, on: .alipay, terminal: "h5")
            try await play.payAndTell("\(order)_4", on: .alipay)

            try await play.open(code, on: .alipay)
            try await play.payAndTell("\(order)_1", on: .alipay)
            _ = try await play.players.wechat.payAtThePrompt("\(order)_2")
            #expect(try await play.tell("\(order)_2", on: .wechat))
            await #expect(throws: (any Error).self) { try await play.players.stripe.pay("\(order)_3") }

            let booked = try await play.agree(order)
            #expect(try await play.standings(order) == ["_1 duplicate", "_2 duplicate", "_4 honest"])
            #expect(booked.refunds.map(\.trade_no).sorted() == ["\(order)_1", "\(order)_2"])
        }
    }
}
