import Foundation
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The requests to the gateway, and the content of the signed pages.
@Suite struct AlipayRequestTests {
    @Test func `an Alipay order string contains every parameter and a signature over all`() async throws {
        let parameters = AlipayReading.form(try await page(.app).content)
        #expect(AlipayReading.isSigned(parameters))
        #expect(
            parameters.filter { !["sign", "biz_content"].contains($0.key) } == [
                "app_id": AlipayFixture.appID, "charset": "utf-8", "format": "JSON", "method": "alipay.trade.app.pay",
                "notify_url": "https://pay.invalid/v1/notices/alipay", "sign_type": "RSA2",
                "timestamp": "2026-11-22 18:00:00", "version": "1.0",
            ])
        #expect(
            AlipayReading.content(parameters) == [
                "out_trade_no": "20261122_0001_1", "total_amount": "99.00", "subject": "Tea for two",
                "product_code": "QUICK_MSECURITY_PAY", "time_expire": "2026-11-22 18:30:00",
            ])
    }

    @Test func `an Alipay order string is signed by the application's key, and one changed byte breaks it`()
        async throws
    {
        var parameters = AlipayReading.form(try await page(.app).content)
        #expect(!AlipayReading.isSigned(parameters, by: AlipayFixture.somebody))
        parameters["biz_content"]?.append(" ")
        #expect(!AlipayReading.isSigned(parameters))
    }

    @Test func `signed Alipay pages need no call, serve their own terminal and live as long as their trade`()
        async throws
    {
        let script = AlipayScript { _ in AlipayFixture.reply("") }
        let provider = AlipayFixture.provider(over: script)
        for (terminal, kind) in [(Terminal.pc, PageKind.html), (.h5, .html), (.app, .sdk)] {
            guard case .made(let page) = await provider.create(AlipayFixture.create(for: terminal)) else {
                return #expect(Bool(false), "\(terminal) has no page")
            }
            #expect(page.kind == kind)
            #expect(page.serves == [terminal])
            #expect(page.usableFor == nil)
            #expect(page.reference == nil && page.sessionEndsAt == nil)
        }
        #expect(script.requests.isEmpty)
    }

    @Test func `a repeated Alipay page differs only in its timestamp`() async throws {
        let clock = HandMovedClock()
        let provider = AlipayFixture.provider(clock: clock)
        var contents: [String: Set<String>] = [:]
        for _ in 1...20 {
            guard case .made(let page) = await provider.create(AlipayFixture.create(for: .app)) else { continue }
            for (name, value) in AlipayReading.form(page.content) { contents[name, default: []].insert(value) }
            clock.advance(by: .seconds(61))
        }
        #expect(contents["timestamp"]?.count == 20)
        #expect(contents["biz_content"]?.count == 1)
        #expect(Set(contents.filter { $0.value.count > 1 }.keys) == ["timestamp", "sign"])
    }

    @Test(arguments: [
        ("a/b=c&d", "a／b＝c＆d"), ("https://x.invalid/?a=1&b=2", "https:／／x.invalid／?a＝1＆b＝2"), ("茶 🍵", "茶 🍵"),
        ("\"q\" 'r' <b>", "\"q\" 'r' <b>"), ("&&&", "＆＆＆"), ("a=\u{301}", "a＝\u{301}"), ("+ %20", "+ %20"),
    ])
    func `characters that Alipay rejects in a subject become full-width`(
        _ subject: String, _ sent: String
    ) async throws {
        let stored = AlipayFixture.stored(subject: subject)
        let content = AlipayReading.content(AlipayReading.form(try await page(.app, stored).content))
        #expect(content["subject"].map { Array($0.unicodeScalars) } == Array(sent.unicodeScalars))
    }

    @Test(arguments: AlipayConfiguration.PCMethod.allCases)
    func `Alipay refuses currencies other than CNY, too large amounts, and jsapi`(
        _ method: AlipayConfiguration.PCMethod
    ) async {
        let provider = AlipayFixture.provider(AlipayFixture.configuration(pcMethod: method))
        let dollars = AlipayFixture.create(AlipayFixture.stored(currency: "USD"))
        let much = AlipayFixture.create(AlipayFixture.stored(amount: 10_000_000_001))
        #expect(await provider.create(dollars) == .refused(reason: "CURRENCY_NOT_TAKEN"))
        #expect(await provider.create(much) == .refused(reason: "AMOUNT_TOO_LARGE"))
        #expect(await provider.create(AlipayFixture.create(for: .jsapi)) == .refused(reason: "TERMINAL_NOT_SERVED"))
    }

    /// The call's method, its expected content, and the call.
    static let calls: [(AlipayMethod, [String: String], @Sendable (AlipayProvider) async -> Void)] = [
        (
            .precreate,
            [
                "out_trade_no": "20261122_0001_1", "total_amount": "99.00", "subject": "Tea for two",
                "product_code": "FACE_TO_FACE_PAYMENT", "time_expire": "2026-11-22 18:30:00",
            ], { _ = await $0.create(AlipayFixture.create()) }
        ),
        (.query, ["out_trade_no": "20261122_0001_1"], { _ = await $0.query(AlipayFixture.trade) }),
        (.close, ["out_trade_no": "20261122_0001_1"], { _ = await $0.close(AlipayFixture.trade) }),
        (
            .refund,
            [
                "trade_no": "2026112222001", "out_request_no": "20261122_0001_1_r1", "refund_amount": "99.00",
                "refund_reason": "订单已支付或已关闭",
            ],
            { _ = await $0.refund(AlipayFixture.refund) }
        ),
        (
            .refundQuery,
            [
                "trade_no": "2026112222001", "out_request_no": "20261122_0001_1_r1",
                "query_options": "gmt_refund_pay",
            ],
            { _ = await $0.follow(AlipayFixture.refund) }
        ),
    ]

    @Test(arguments: calls.indices)
    func `an Alipay call is a signed POST with its content in the body and the rest in the query`(_ index: Int)
        async throws
    {
        let (method, content, call) = Self.calls[index]
        let script = AlipayScript { _ in AlipayFixture.reply("") }
        await call(AlipayFixture.provider(AlipayFixture.configuration(pcMethod: .precreate), over: script))
        let request = try #require(script.requests.first)
        #expect(script.requests.count == 1)
        #expect(request.method == .post)
        #expect(request.url.hasPrefix(AlipayFixture.gatewayURL + "?"))
        #expect(
            request.headers == [
                Header(name: "Content-Type", value: "application/x-www-form-urlencoded;charset=utf-8")
            ])
        let body = AlipayReading.form(String(decoding: request.body, as: UTF8.self))
        #expect(Set(body.keys) == ["biz_content"])
        let parameters = AlipayReading.parameters(of: request)
        #expect(AlipayReading.isSigned(parameters))
        #expect(AlipayReading.content(parameters) == content)
        #expect(parameters["method"] == method.rawValue)
        #expect(parameters["charset"] == "utf-8")
        #expect((parameters["notify_url"] != nil) == (method == .precreate))
        #expect(!parameters.values.contains(""))
    }

    @Test func `alipay.trade.cancel, which refunds a paid trade, is never called`() {
        #expect(!AlipayMethod.allCases.map(\.rawValue).contains("alipay.trade.cancel"))
    }

    @Test func `an Alipay page has the return URL if there is one, but never an app page`() async throws {
        let without = AlipayFixture.stored(returnURL: nil)
        for terminal in [Terminal.pc, .h5] {
            #expect(try await page(terminal).content.contains("return_url="))
            #expect(!(try await page(terminal, without).content.contains("return_url")))
        }
        #expect(try await page(.h5).content.contains("quit_url"))
        #expect(!(try await page(.h5, without).content.contains("quit_url")))
        #expect(!(try await page(.pc).content.contains("quit_url")))
        #expect(!(try await page(.app).content.contains("return_url")))
    }

    private func page(
        _ terminal: Terminal, _ stored: StoredRequest = AlipayFixture.stored()
    ) async throws -> ProviderPage {
        let answer = await AlipayFixture.provider().create(AlipayFixture.create(for: terminal, stored))
        guard case .made(let page) = answer else { throw NoPage() }
        return page
    }

    private struct NoPage: Error {}
}
