import Foundation
import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WeChatPayPageTests {
    private typealias Fixture = WeChatPayFixture

    private func made(_ terminal: Terminal, _ body: String) async throws -> ProviderPage {
        try await made(Fixture.stored(terminal), body)
    }

    private func made(_ stored: StoredRequest, _ body: String) async throws -> ProviderPage {
        let reply = WeChatPayTestMessage(body).reply(200)
        let provider = Fixture.provider(over: SandboxScript { _ in reply }, nonce: { WeChatPayVectors.nonce })
        let answer = await provider.create(Fixture.create(stored))
        guard case .made(let page) = answer else {
            Issue.record("no page: \(answer)")
            throw CancellationError()
        }
        return page
    }

    @Test func `WeChat native gives a QR page for two hours less half a minute`() async throws {
        let page = try await made(.pc, #"{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}"#)
        #expect(
            page
                == ProviderPage(
                    kind: .qr, content: "weixin://wxpay/bizpayurl?pr=p4lpSuKzz", serves: [.pc],
                    usableFor: .seconds(7_170)))
    }

    @Test func `WeChat h5 gives a redirect for five minutes less half a minute that returns to the shop`() async throws
    {
        let url = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20&package=1"
        let page = try await made(.h5, #"{"h5_url":"\#(url)"}"#)
        let back = "https%3A%2F%2Fshop.example%2Fback%3Forder%3D1%26from%3D%E5%BE%AE%E4%BF%A1"
        #expect(
            page
                == ProviderPage(
                    kind: .redirect, content: "\(url)&redirect_url=\(back)", serves: [.h5], usableFor: .seconds(270)))
        let plain = try await made(Fixture.stored(.h5, returnURL: nil), #"{"h5_url":"\#(url)"}"#)
        #expect(plain.content == url)
    }

    @Test(arguments: [Terminal.jsapi, .mini])
    func `WeChat jsapi gives SDK parameters signed over the whole package value`(_ terminal: Terminal) async throws {
        let page = try await made(terminal, #"{"prepay_id":"wx201410272009395522657a690389285100"}"#)
        #expect(page.kind == .sdk && page.serves == [terminal] && page.usableFor == .seconds(7_170))
        let parameters = try JSONDecoder().decode([String: String].self, from: Data(page.content.utf8))
        #expect(
            Set(parameters.keys) == ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"])
        #expect(parameters["appId"] == "wxd678efh567hg6787" && parameters["signType"] == "RSA")
        #expect(parameters["timeStamp"] == "1795341600" && parameters["nonceStr"] == WeChatPayVectors.nonce)
        #expect(parameters["package"] == "prepay_id=wx201410272009395522657a690389285100")
        let message =
            "wxd678efh567hg6787\n1795341600\n\(WeChatPayVectors.nonce)\n"
            + "prepay_id=wx201410272009395522657a690389285100\n"
        #expect(try isSigned(parameters["paySign"], over: message))
    }

    @Test func `WeChat app gives SDK parameters signed over the bare id`() async throws {
        let page = try await made(.app, #"{"prepay_id":"wx201410272009395522657a690389285100"}"#)
        #expect(page.kind == .sdk && page.serves == [.app] && page.usableFor == .seconds(7_170))
        let parameters = try JSONDecoder().decode([String: String].self, from: Data(page.content.utf8))
        #expect(
            Set(parameters.keys)
                == ["appId", "partnerId", "prepayId", "packageValue", "nonceStr", "timeStamp", "sign"])
        #expect(parameters["partnerId"] == "1900007291" && parameters["packageValue"] == "Sign=WXPay")
        #expect(parameters["prepayId"] == "wx201410272009395522657a690389285100")
        let message =
            "wxd678efh567hg6787\n1795341600\n\(WeChatPayVectors.nonce)\nwx201410272009395522657a690389285100\n"
        #expect(try isSigned(parameters["sign"], over: message))
    }

    @Test(arguments: [
        (Terminal.pc, #"{"prepay_id":"wx20"}"#), (.pc, #"{"code_url":""}"#), (.pc, #"{"code_url":7}"#), (.pc, "{}"),
        (.pc, #"{"code_url":"weixin://a\nb"}"#), (.h5, #"{"code_url":"weixin://a"}"#),
        (.h5, #"{"h5_url":"javascript:alert(1)"}"#), (.h5, #"{"h5_url":"http://wx.tenpay.com/"}"#),
        (.app, #"{"prepay_id":"wx20\n"}"#), (.jsapi, #"{"prepay_id":""}"#), (.jsapi, "[]"), (.app, "nonsense"),
    ])
    func `a signed WeChat answer without the product's page is unknown`(_ terminal: Terminal, _ body: String) async {
        let answer = await Fixture.provider(answered: 200, body).create(Fixture.create(terminal))
        #expect(answer.withoutReason == .unknown(.answered))
    }

    private func isSigned(_ signature: String?, over message: String) throws -> Bool {
        let bytes = try #require(signature.flatMap { Data(base64Encoded: $0) })
        return Fixture.merchantKey.verifying.isSigned(Array(message.utf8), by: Array(bytes))
    }
}
