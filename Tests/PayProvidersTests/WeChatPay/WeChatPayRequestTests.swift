import Foundation
import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WeChatPayRequestTests {
    private typealias Fixture = WeChatPayFixture

    private static let common =
        #""appid":"wxd678efh567hg6787","description":"Image形象店-深圳腾大-QQ公仔","mchid":"1900007291","#
        + #""notify_url":"https://pay.example/v1/notices/wechat","out_trade_no":"20261122_0001_1""#
    private static let expiry = #""time_expire":"2026-11-22T18:30:00+08:00""#
    private static let amount = #"{"amount":{"currency":"CNY","total":9900},"#

    @Test(arguments: [
        (Terminal.pc, "\(amount)\(common),\(expiry)}"),
        (.app, "\(amount)\(common),\(expiry)}"),
        (
            .h5,
            #"\#(amount)\#(common),"scene_info":{"h5_info":{"type":"Wap"},"payer_client_ip":"203.0.113.9"},\#(expiry)}"#
        ),
        (.mini, #"\#(amount)\#(common),"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},\#(expiry)}"#),
        (.jsapi, #"\#(amount)\#(common),"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},\#(expiry)}"#),
    ])
    func `a WeChat create has exactly the product's fields, in fen and China's time`(
        _ terminal: Terminal, _ body: String
    ) throws {
        let call = try WeChatPayCall.create(Fixture.create(terminal), Fixture.configuration())
        #expect(String(decoding: call.body, as: UTF8.self) == body)
    }

    @Test(arguments: Terminal.allCases)
    func `a repeated WeChat create has the same bytes`(_ terminal: Terminal) async {
        let clock = HandMovedClock()
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script, clock: clock)
        for _ in 1...20 {
            _ = await provider.create(Fixture.create(terminal))
            clock.advance(by: .seconds(61))
        }
        #expect(Set(script.requests.map(\.body)).count == 1)
        #expect(Set(script.requests.map { $0.header("Authorization") }).count == script.requests.count)
    }

    @Test func `a WeChat create without its client IP, openid or terminal is not sent`() async {
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script)
        #expect(
            await provider.create(Fixture.create(Fixture.stored(.h5, clientIP: nil)))
                == .refused(reason: "PAYER_CLIENT_IP_MISSING"))
        let stored = Fixture.stored(.jsapi)
        let nameless = StoredRequest(
            terminal: .jsapi, payer: .none, money: stored.money, subject: stored.subject,
            providerDeadline: stored.providerDeadline, notifyURL: stored.notifyURL, returnURL: nil)
        #expect(await provider.create(Fixture.create(nameless)) == .refused(reason: "PAYER_OPENID_MISSING"))
        let elsewhere = CreateRequest(
            tradeNumber: Fixture.number, channel: Fixture.channel, stored: Fixture.stored(.pc), terminal: .app,
            openID: "", createdAt: Fixture.now)
        #expect(await provider.create(elsewhere) == .refused(reason: "TERMINAL_NOT_SERVED"))
        #expect(script.requests.isEmpty)
    }

    @Test func `a subject is truncated to WeChat's limit between two characters`() throws {
        let subject = String(repeating: "🍵", count: 100)
        let call = try WeChatPayCall.create(Fixture.create(Fixture.stored(subject: subject)), Fixture.configuration())
        let body = String(decoding: call.body, as: UTF8.self)
        #expect(body.contains("\"\(String(repeating: "🍵", count: 63))\""))
        let whole = String(repeating: "茶", count: 127)
        let kept = try WeChatPayCall.create(Fixture.create(Fixture.stored(subject: whole)), Fixture.configuration())
        #expect(String(decoding: kept.body, as: UTF8.self).contains("\"\(whole)\""))
    }

    @Test func `quotes and slashes of a WeChat subject are kept`() throws {
        let stored = Fixture.stored(subject: #"a/b "c" \ d"#)
        let call = try WeChatPayCall.create(Fixture.create(stored), Fixture.configuration())
        #expect(String(decoding: call.body, as: UTF8.self).contains(#""description":"a/b \"c\" \\ d""#))
    }

    @Test func `a WeChat close names the merchant`() {
        let call = WeChatPayCall.close(Fixture.number, Fixture.configuration())
        #expect(String(decoding: call.body, as: UTF8.self) == #"{"mchid":"1900007291"}"#)
    }

    @Test func `a WeChat refund returns the full amount under its own number`() {
        let call = WeChatPayCall.refund(Fixture.refund, Fixture.configuration())
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"amount":{"currency":"CNY","refund":9900,"total":9900},"#
                + #""notify_url":"https://pay.example/v1/notices/wechat","out_refund_no":"20261122_0001_1_r1","#
                + #""reason":"订单已支付或已关闭","transaction_id":"4200000001"}"#)
    }

    @Test func `a WeChat refund requests no notice if the URL is not https`() {
        let configuration = Fixture.configuration(notifyURL: "http://127.0.0.1:8080/v1/notices/wechat")
        let call = WeChatPayCall.refund(Fixture.refund, configuration)
        #expect(!String(decoding: call.body, as: UTF8.self).contains("notify_url"))
    }

    @Test(arguments: [Int64(1), 99, 100, 9_900, 1_000_000_000_000])
    func `a WeChat amount is sent in fen unchanged`(_ amount: Int64) throws {
        let stored = StoredRequest(
            terminal: .pc, payer: .none, money: Money(amount: amount, currency: Currency("CNY")!)!,
            subject: Subject("tea")!, providerDeadline: Fixture.now, notifyURL: "https://pay.example", returnURL: nil,
            appID: Fixture.appID)
        let call = try WeChatPayCall.create(Fixture.create(stored), Fixture.configuration())
        #expect(String(decoding: call.body, as: UTF8.self).contains("\"total\":\(amount)}"))
    }
}
