import PayCore
import PayProviders
import ProviderFakes
import Testing

/// Several accounts of one provider behind channels of their own.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AccountsTests {
    private struct ChannelsView: Decodable {
        struct Entry: Decodable {
            struct Title: Decodable {
                let en: String
                let zh: String
            }

            let channel: String
            let provider: String
            let title: Title
            let terminals: [String]
            let currencies: [String]?
            let accepting: Bool
        }

        let channels: [Entry]
    }

    @Test func `the accounts are listed in the configured order, with their titles`() async throws {
        try await AccountsPlay.run { play in
            let all = try await play.service.call(.get, "/v1/channels").read(ChannelsView.self).channels
            #expect(
                all.map(\.channel) == ["stripe_eu", "alipay_eu", "alipay", "wechat", "wechat_shop", "stripe"])
            #expect(all.map(\.provider) == ["stripe", "alipay", "alipay", "wechat", "wechat", "stripe"])
            #expect(all[1].title.en == "Alipay Europe" && all[1].title.zh == "支付宝欧洲")
            #expect(all[2].title.en == "Alipay" && all[2].title.zh == "支付宝")
            #expect(all[3].terminals == ["pc", "h5", "app", "jsapi", "mini"] && all[3].currencies == ["CNY"])
            #expect(all.allSatisfy { $0.accepting })

            let paused = try await Paypage.run(
                ["channels", "pause", "alipay_eu"], settings: play.story.database, in: play.story.folder)
            #expect(paused.end == .exited(0))
            let refused = try await play.service.firstPay("paused_1", channel: "alipay_eu")
            #expect(refused.status == 422 && refused.code == "PAY_CHANNEL_UNAVAILABLE")
            let euros = try await play.service.call(.get, "/v1/channels?currency=EUR&terminal=pc")
                .read(ChannelsView.self).channels
            #expect(euros.map(\.channel) == ["stripe_eu", "stripe"])
            let after = try await play.service.call(.get, "/v1/channels").read(ChannelsView.self).channels
            #expect(after.filter { !$0.accepting }.map(\.channel) == ["alipay_eu"])
        }
    }

    @Test(arguments: [(AccountName.alipay, AccountName.alipay_eu), (.stripe, .stripe_eu)])
    func `an order moves between two accounts, and each closes its own trade`(from: AccountName, to: AccountName)
        async throws
    {
        try await AccountsPlay.run { play in
            let order = "moves_\(from.rawValue)"
            try await play.open(play.firstPage(order, on: from), on: from)
            try await play.open(play.goOn(order, on: to), on: to)
            #expect(try await play.service.attempts(order) == ["_1 closed", "_2 open"])
            #expect(await play[from].trade("\(order)_1")?.state == .closed)
            #expect(await play[from].trade("\(order)_2") == nil)
            #expect(await play[to].trade("\(order)_1") == nil)
            try await play.payAndTell("\(order)_2", on: to)
            let booked = try await play.service.booked(order)
            #expect(booked.state == "paid" && booked.attempts.map(\.channel) == [from.rawValue, to.rawValue])
        }
    }

    @Test func `an app pays with the appid of its terminal`() async throws {
        try await AccountsPlay.run { play in
            let page = try await play.firstPage("app_1", on: .wechat, terminal: .app)
            #expect(page.content.contains(FakeWeChatPay.mobileAppID))
            try await play.open(page, on: .wechat, terminal: .app)
            try await play.payAndTell("app_1_1", on: .wechat)
            #expect(try await play.service.booked("app_1").state == "paid")
        }
    }

    @Test func `a late payment at the first account is a duplicate, and goes back through that account`() async throws {
        try await AccountsPlay.run { play in
            let order = "twice"
            // Alipay can't close a page that nobody opened.
            let old = try await play.firstPage(order, on: .alipay)
            try await play.open(play.goOn(order, on: .alipay_eu), on: .alipay_eu)
            try await play.payAndTell("twice_2", on: .alipay_eu)
            try await play.open(old, on: .alipay)
            try await play.payAndTell("twice_1", on: .alipay)
            let booked = try await poll("the refund succeeds", within: .seconds(60)) {
                let booked = try await play.service.booked(order)
                return booked.refunds.map(\.state) == ["succeeded"] ? booked : nil
            }
            #expect(booked.state == "paid" && booked.refunds.map(\.trade_no) == ["twice_1"])
            #expect(booked.receipts.map(\.standing).sorted() == ["duplicate", "honest"])
            #expect(await play[.alipay].trade("twice_1")?.kept == 0)
            #expect(await play[.alipay_eu].trade("twice_2")?.kept == 9_900)
        }
    }

    @Test(arguments: [
        (AccountName.alipay, AccountName.alipay_eu), (.alipay_eu, .alipay), (.stripe, .stripe_eu),
        (.stripe_eu, .stripe), (.wechat, .wechat_shop),
    ])
    func `a notice at the address of another account is refused, and changes nothing`(
        own: AccountName, other: AccountName
    ) async throws {
        try await AccountsPlay.run { play in
            let order = "misled_\(own.rawValue)"
            try await play.open(play.firstPage(order, on: own), on: own)
            _ = try await play[own].pay("\(order)_1")
            let notice = try await play[own].notice(ofPayment: "\(order)_1")
            #expect(try await play[own].notify(notice, to: play.noticeURL(of: other)) == false)
            let refused = try await play.service.metric("paypage_notices_total", #"outcome="refused""#)
            #expect(refused == 1)
            #expect(try await play[own].notify(notice, to: play.noticeURL(of: own)))
            let booked = try await play.service.booked(order)
            #expect(booked.state == "paid" && booked.receipts.map(\.standing) == ["honest"])
            #expect(booked.refunds.isEmpty)
        }
    }

    @Test func `a name with attempts can't change its provider, and the start tells both types`() async throws {
        try await AccountsPlay.run { play in
            _ = try await play.firstPage("kept_1", on: .alipay_eu)
            play.service.process.signal(15)
            _ = try await play.service.process.waitForEnd()
            let settings = [
                "PAYPAGE_CHANNELS_ALIPAY_EU_PROVIDER": "sandbox",
                "PAYPAGE_CHANNELS_ALIPAY_EU_BASE_URL": "http://127.0.0.1:9",
                "PAYPAGE_CHANNELS_ALIPAY_EU_SECRET": Story.sandboxSecret, "PAYPAGE_API_KEYS": Service.apiKey,
                "PAYPAGE_TOKEN_SECRET": Story.tokenSecret, "PAYPAGE_HTTP_PORT": "0",
                "PAYPAGE_PUBLIC_URL": "http://127.0.0.1",
            ].merging(play.story.database) { $1 }
            let refused = try await Paypage.run(["serve"], settings: settings, in: play.story.folder)
            #expect(refused.isRefusal)
            #expect(
                refused.errors.contains("channel alipay_eu is configured for the provider sandbox"), "\(refused.errors)"
            )
            #expect(refused.errors.contains("its stored attempts are at alipay"), "\(refused.errors)")
        }
    }
}
