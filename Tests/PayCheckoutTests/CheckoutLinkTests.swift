import Foundation
import PayAccess
import PayCore
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// Expired and invalid links, and hostile texts in the values that a page shows.
@Suite(.timeLimit(.minutes(5))) struct CheckoutLinkTests {
    @Test func `an expired checkout link leads to the shop and reveals nothing of the order`() async throws {
        try await withService { service in
            let body = Sample.body(
                Sample.number, ["return_url": "https://shop.example/1", "subject": "Something private"])
            _ = try await service.client.pay(body)
            let shopper = service.shopper(for: 60)
            service.clock.advance(by: .seconds(60))
            for answer in [try await shopper.look(), try await shopper.press("sandbox")] {
                #expect(answer.status == 410)
                #expect(answer.state == "gone")
                #expect(answer.text.contains(#"data-return target="_top" href="https://shop.example/1""#))
                #expect(!answer.text.contains("Something private") && !answer.text.contains("99.00"))
                #expect(!answer.text.contains("data-live"))
            }
            #expect(try await service.creates() == 1)
        }
    }

    @Test(arguments: [
        "abc", "c1.20261122_0001.mwro18g0.AAAA", "%3Cscript%3E", "%22%20onx=1", "a%2Fb", "%2e%2e%2fassets", "%00",
    ])
    func `an invalid checkout link gives no access and is not repeated on the page`(token: String) async throws {
        try await withService { service in
            _ = try await service.client.pay()
            for method in ["GET", "POST"] {
                let answer = try await RawConnection.send(
                    port: service.port, ["\(method) /checkout/\(token) HTTP/1.1", "Content-Length: 0"])
                #expect(answer.status == 404)
                #expect(answer.state == "nolink")
                #expect(!answer.text.contains(Sample.number))
                #expect(!answer.text.contains("<script>") && !answer.text.contains("onx"))
                #expect(answer.text.contains(#"href="?lang=zh-CN""#))
            }
        }
    }

    @Test func `the checkout token of another order gives access only to that order`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            _ = try await service.client.pay(Sample.body("another_1", ["subject": "Coffee"]), key: "key-2")
            let answer = try await service.shopper("another_1").look()
            #expect(answer.text.contains("Coffee") && !answer.text.contains("Tea for two"))
            let unknown = service.checkouts.token(
                for: OrderNumber("never_1")!, expiresAt: service.clock.now() + .seconds(9))
            #expect(try await service.client.get("/checkout/\(unknown)", as: .nobody).status == 404)
        }
    }

    /// Hostile texts, with the markup that a browser must not find in them.
    static let hostile = [
        "<script>alert(1)</script>", #""><img src=x onerror=alert(1)>"#, "'><svg/onload=alert(1)>",
        "{{title}} {{{code}}}",
        "&lt;b&gt;", "</main><main id=checkout>", "\"\u{301} onmouseover=alert(1) x=\"\u{301}",
        "<\u{338}script>", "'\u{301} autofocus onfocus=alert(1)", "]]>--><!--",
        "\u{600}<script>alert(1)</script>", "\u{600}\" onmouseover=alert(1)",
    ]

    @Test(arguments: hostile) func `a hostile subject is shown as text`(subject: String) {
        let html = CheckoutTemplate.html(S.view(S.visit(S.order(subject: subject))))
        #expect(Self.marks(html) == Self.marks(CheckoutTemplate.html(S.view(S.visit(S.order())))))
    }

    @Test(arguments: hostile) func `hostile payment parameters are text, even in an attribute`(content: String) {
        func html(_ content: String) -> String {
            let page = S.page(.sdk, .jsapi, content: content, openID: "o1")
            let attempt = S.attempt(1, .open, [page], channel: "wechat", terminal: .jsapi, openID: "o1")
            return CheckoutTemplate.html(S.view(S.visit(S.order(.new, [attempt]), .jsapi)))
        }
        #expect(Self.marks(html(content)) == Self.marks(html("{}")))
    }

    @Test(arguments: hostile + ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://evil.example/"])
    func `a return_url other than https is not linked`(returnURL: String) {
        let view = S.view(S.visit(S.order(.closed(at: S.now), returnURL: returnURL)))
        #expect(view.returnLink == nil)
        #expect(!CheckoutTemplate.html(view).contains("data-return"))
    }

    @Test func `the page shows subject and amount, and no unfilled placeholder`() {
        let html = CheckoutTemplate.html(S.view(S.visit(S.order(subject: "Tea & <biscuits>"))))
        #expect(html.contains(#"<p class="subject" dir="auto">Tea &amp; &lt;biscuits&gt;</p>"#))
        #expect(html.contains("CN¥99.00"))
        #expect(!html.contains("{{"))
    }

    /// The number of occurrences of each piece of markup.
    private static func marks(_ html: String) -> [String: Int] {
        var marks: [String: Int] = [:]
        for scalar in html.unicodeScalars where "<>\"'".unicodeScalars.contains(scalar) {
            marks[String(scalar), default: 0] += 1
        }
        return marks
    }
}
