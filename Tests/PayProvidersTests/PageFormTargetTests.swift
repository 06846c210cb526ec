import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The form targets in each provider's Content-Security-Policy.
@Suite struct PageFormTargetTests {
    @Test(arguments: [
        ("https://openapi.alipay.com/gateway.do", ["https://openapi.alipay.com", "https://*.alipay.com"]),
        (
            "https://openapi-sandbox.dl.alipaydev.com/gateway.do",
            ["https://openapi-sandbox.dl.alipaydev.com", "https://*.alipaydev.com"]
        ),
        ("http://127.0.0.1:9000/gateway.do", ["http://127.0.0.1:9000"]),
        ("https://notalipay.com/gateway.do", ["https://notalipay.com"]),
        ("https://alipay.com.example/gateway.do", ["https://alipay.com.example"]),
        ("https://alipay.com/gateway.do", ["https://alipay.com", "https://*.alipay.com"]),
    ])
    func `Alipay's forms go to its gateway, and to the cashiers of its domain`(gateway: String, targets: [String]) {
        let provider = AlipayFixture.provider(AlipayFixture.configuration(gatewayURL: gateway))
        #expect(provider.pageFormTargets == targets)
    }

    @Test func `Alipay's form target is the gateway in its page`() {
        let production = AlipayFixture.configuration(gatewayURL: AlipayConfiguration.production)
        #expect(production.pageFormTargets.contains("https://openapi.alipay.com"))
    }

    @Test func `the sandbox's forms go to the sandbox`() {
        let provider = SandboxFixture.provider(over: SandboxScript { _ in ProviderReply(status: 500) })
        #expect(provider.pageFormTargets == ["http://127.0.0.1:9000"])
    }

    @Test func `a provider without HTML pages has no form targets`() {
        let weChatPay = WeChatPayFixture.provider(answered: ProviderReply(status: 500))
        #expect(weChatPay.pageFormTargets == [])
        #expect(StripeFixture.provider().pageFormTargets == [])
    }

    @Test(arguments: [
        "", "gateway", "https://", "https:///gateway.do", "https://[::1]:9000/x", "https://user@host/x",
        "https://host:/x", "https://host:80a/x", "https://a;b/x", "https://a,b/x", "https://a b/x", "https://a'b/x",
        "https://*.host/x", "https://HOST/x", "https://主机/x", "javascript://host/x", "https://host:80:90/x",
    ])
    func `an origin that a policy cannot express is no form target`(url: String) {
        #expect(WebOrigin(of: url) == nil)
    }

    @Test(arguments: [
        ("https://host", "https://host"), ("https://host:8443/path?query#fragment", "https://host:8443"),
        ("http://localhost:1?x", "http://localhost:1"), ("https://a-b.c.example#x", "https://a-b.c.example"),
    ])
    func `an origin is a scheme, a host and a port`(url: String, origin: String) {
        #expect(WebOrigin(of: url)?.text == origin)
    }
}
