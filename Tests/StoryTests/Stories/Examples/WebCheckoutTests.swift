import Crypto
import Foundation
import PayProviders
import Testing

/// The example's shop back end, as a browser sees it: the calls that it passes on, and the calls that it refuses.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WebCheckoutTests {
    private static let settings = [
        "PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2", "PAYPAGE_SANDBOX_PC_KIND": "qr",
    ]

    @Test func `an order is begun, switched, followed and paid by a browser that has no key`()
        async throws
    {
        try await Story.run(Self.settings) { story, sandbox, service in
            let shop = try await story.startExampleShop(at: service, channels: "sandbox,sandbox2")
            let browser = try await shop.browser()
            #expect(try await browser.get("/channels").text == #"["sandbox", "sandbox2"]"#)
            #expect(try await browser.get("/order").status == 204)

            // The browser's amount is ignored.
            let wish = #"{"terminal":"pc","amount":1,"user_id":"u2","out_trade_no":"mine","subject":"x"}"#
            let first = try await browser.post("/order/pay", wish)
            #expect(first.status == 201)
            #expect(!first.text.contains("checkout"))
            let order = try await browser.get("/order").read(ShownOrderView.self)
            #expect(order.state == "new" && order.amount == 9_900 && order.page?.channel == "sandbox")
            #expect(order.out_trade_no.hasPrefix("web_"))

            let picture = try await browser.get("/order/page?terminal=pc", accept: "image/svg+xml")
            #expect(picture.header("Content-Type") == "image/svg+xml" && picture.text.hasPrefix("<svg "))
            #expect(try await browser.post("/order/pay", #"{"terminal":"pc"}"#).status == 200)
            #expect(try await sandbox.creates("\(order.out_trade_no)_1") == 1)

            let events = try story.listen("/order/events", at: browser.client, cookie: browser.cookie)
            _ = try await events.output.first("the order is told") { $0.contains(#""state":"new""#) ? $0 : nil }
            let other = try await browser.post("/order/pay", #"{"terminal":"pc","channel":"sandbox2"}"#)
            #expect(other.status == 200)
            #expect(try await browser.get("/order").read(ShownOrderView.self).page?.channel == "sandbox2")

            try await sandbox.pay("\(order.out_trade_no)_2")
            _ = try await events.output.first("the payment is told") { $0.contains(#""state":"paid""#) ? $0 : nil }
            #expect(try await browser.get("/order").read(ShownOrderView.self).state == "paid")
            #expect(try await browser.post("/order/pay", #"{"terminal":"pc"}"#).code == "PAY_ORDER_STATE_ERROR")

            let log = shop.process.errors.lines.joined(separator: "\n") + events.output.lines.joined()
            #expect(!log.contains(service.apiKey) && !log.contains("/checkout/"))
        }
    }

    @Test func `one browser has no access to another's order, nor to any other path`() async throws {
        try await Story.run(Self.settings) { story, _, service in
            let shop = try await story.startExampleShop(at: service)
            let (one, two) = (try await shop.browser(), try await shop.browser())
            #expect(one.cookie != two.cookie && one.cookie.hasPrefix("shop="))
            #expect(try await one.post("/order/pay", #"{"terminal":"pc"}"#).status == 201)
            #expect(try await two.get("/order").status == 204)
            for path in [
                "/order/page?terminal=pc", "/order/events", "/order/close", "/order/../metrics", "/v1/payments",
                "/shop.py", "/checkout.html",
            ] {
                #expect(try await two.get(path).status == 404, "\(path)")
            }
            for path in ["/order/close", "/order/../metrics", "/v1/payments", "/order/page/../../../v1/payments"] {
                #expect(try await one.get(path).status == 404, "\(path)")
            }
            for body in ["", "[]", "[1]", "no", #""terminal""#, "7"] {
                #expect(try await one.post("/order/pay", body).status < 500, "\(body)")
            }
            #expect(try await one.get("/order").read(ShownOrderView.self).state == "new")
        }
    }

    @Test func `the example page is one file whose policy allows only its own script and style`() async throws {
        try await Story.run(Self.settings) { story, _, service in
            let browser = try await story.startExampleShop(at: service).browser()
            let file = Examples.folder.appending(path: "web-checkout/checkout.html")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(browser.page.text == text)
            #expect(browser.page.header("Set-Cookie")?.hasSuffix("; HttpOnly; SameSite=Lax") == true)
            let policy = try #require(browser.page.header("Content-Security-Policy"))
            for tag in ["script", "style"] {
                let content = try #require(text.split(separator: "<\(tag)>").last?.split(separator: "</\(tag)>").first)
                let hash = Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString()
                #expect(policy.contains("\(tag)-src 'sha256-\(hash)';"), "\(tag)")
            }
            #expect(policy.hasPrefix("default-src 'none'; ") && policy.hasSuffix("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe") && !policy.contains("*"))
            // Patterns that the policy would block, or that would turn an order's text into markup.
            for forbidden in [
                " style=\"", "innerHTML", "insertAdjacentHTML", "document.write", " onclick=\"", "src=\"http",
            ] {
                #expect(!text.contains(forbidden), "\(forbidden)")
            }
        }
    }

    @Test func `a provider's HTML is served with the policy that isolates it`() async throws {
        try await Story.run { story, sandbox, service in
            let browser = try await story.startExampleShop(at: service).browser()
            #expect(try await browser.post("/order/pay", #"{"terminal":"pc"}"#).status == 201)
            let page = try await browser.get("/order/page?terminal=pc", accept: "text/html,*/*;q=0.8")
            #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
            let policy = try #require(page.header("Content-Security-Policy"))
            let origin = sandbox.client.base.split(separator: "/").prefix(2).joined(separator: "//")
            #expect(policy.hasPrefix("sandbox allow-forms") && !policy.contains("allow-same-origin"))
            #expect(policy.contains("form-action \(origin);"))
            #expect(page.header("Referrer-Policy") == "strict-origin")
            #expect(page.header("X-Content-Type-Options") == "nosniff")
        }
    }
}
