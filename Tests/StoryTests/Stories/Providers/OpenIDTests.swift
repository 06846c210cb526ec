import Foundation
import PayProviders
import ProviderFakes
import Testing

/// A buyer inside WeChat, whose openid the service learns from WeChat itself.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OpenIDTests {
    private static let inWeChat = [
        Header(name: "User-Agent", value: "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.40")
    ]
    private static let settings = [
        "PAYPAGE_WECHAT_APP_ID_JSAPI": FakeWeChatPay.accountAppID,
        "PAYPAGE_WECHAT_APP_ID_MINI": FakeWeChatPay.miniAppID,
    ]

    /// Answers a GET, and follows no redirect.
    private func get(_ url: String, _ transport: CurlTransport) async throws -> ProviderReply {
        try await transport.send(ProviderRequest(method: .get, url: url, headers: Self.inWeChat))
    }

    private func target(_ reply: ProviderReply) throws -> String {
        String(try #require(reply.header("Location")).prefix { $0 != "#" })
    }

    @Test func `a buyer inside WeChat pays by jsapi as the openid of the official account, and no log tells it`()
        async throws
    {
        let transport = CurlTransport(limits: .init(totalTimeout: .seconds(30)))
        try await Play.run(Self.settings, logOptions: ["--log-format", "json", "--log-level", "trace"]) { play in
            let first = try await play.service.firstPay("openid_1", channel: "stripe").read(PaymentView.self)
            let url = String(first.checkout_url.prefix { $0 != "?" })
            #expect(try await get(url, transport).status == 200)
            #expect(play.players.wechat.requests.isEmpty)

            let sent = try await get("\(url)/authorize?channel=wechat", transport)
            let authorized = try await get(target(sent), transport)
            let back = try target(authorized)
            let returned = try await get(back, transport)
            #expect(returned.status == 303)
            #expect(try !target(returned).contains(FakeWeChatPay.buyerOpenID))

            let trade = try #require(await play.trades(of: "openid_1", on: .wechat).first)
            #expect(trade.number == "openid_1_2")
            let paged = try await play.service.repay("openid_1", terminal: "jsapi").read(PaymentView.self).page
            #expect(paged.content.contains(FakeWeChatPay.accountAppID))
            try await play.open(paged, on: .wechat, terminal: "jsapi")
            try await play.payAndTell(trade.number, on: .wechat)
            #expect(try await play.wait("openid_1", until: "paid").attemptStates == ["_1 closed", "_2 paid"])
            try await play.agree("openid_1")

            play.service.process.signal(SIGTERM)
            #expect(try await play.service.process.waitForEnd() == .exited(0))
            let log = try await play.service.process.errors.all()
            let code = try #require(back.split(separator: "code=").last?.prefix { $0 != "&" })
            for secret in [FakeWeChatPay.oauthSecret, FakeWeChatPay.buyerOpenID, String(code)] {
                #expect(!log.joined().contains(secret), "\(secret.prefix(6)) in the log")
            }
        }
        await transport.close()
    }
}
