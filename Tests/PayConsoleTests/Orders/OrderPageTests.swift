import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct OrderPageTests {
    private static let path = "/console/orders/\(Sample.number)"

    @Test func `the page has the order, its attempts, payments, webhooks and history`() async throws {
        try await withConsole { console in
            let endpoint = EndpointEntry(.standard, origin: "https://shop.example")
            try await console.store.keepEndpoints([endpoint], at: console.clock.now())
            try await console.paidOrder()
            let page = try await console.signedIn(.viewer).get(Self.path)
            #expect(page.status == 200)
            for text in [
                Sample.number, Sample.trade, "99.00 CNY", "Tea for two", "user_1", "honest", "order.paid",
                "_1 creating -&gt; open", "new -&gt; paid",
            ] {
                #expect(page.text.contains(text), "\(text)")
            }
            for section in [
                "particulars", "actions", "attempts", "payments", "refunds", "webhooks", "history", "audit",
            ] {
                #expect(page.text.contains("<section class=\"block\" id=\"\(section)\""), "\(section)")
            }
        }
    }

    @Test func `the page has no content of a payment page, and no payer`() async throws {
        try await withConsole { console in
            let paid = try await console.service.client.pay(
                Sample.body(Sample.number, ["payer": ["openid": "openid_secret", "client_ip": "203.0.113.9"]]))
            let content = try #require(paid.page["content"].string)
            let page = try await console.signedIn(.admin).get(Self.path)
            #expect(page.text.contains("html pc, until"))
            #expect(!page.text.contains("/sandbox/"))
            for line in content.split(separator: "\n") where line.count > 30 {
                #expect(!page.text.contains(line), "\(line)")
            }
            #expect(!page.text.contains("openid_secret"))
            #expect(!page.text.contains("203.0.113.9"))
        }
    }

    @Test func `the page is in Chinese for a reader of Chinese`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let page = try await console.signedIn(.viewer).get(Self.path, headers: ["Accept-Language": "zh-CN"])
            for text in ["已支付", "可执行的操作", "支付单与页面", "待支付 -&gt; 已支付"] {
                #expect(page.text.contains(text), "\(text)")
            }
        }
    }

    @Test(arguments: ["", "/refund", "/close", "/query?trade=x_1", "/retry?refund=x", "/accept-payment?payment=x"])
    func `an unknown order is not found`(_ end: String) async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.admin)
            for number in ["20261122_0009", "x%3Cscript%3E"] {
                let page = try await browser.get("/console/orders/\(number)\(end)")
                #expect(page.status == 404)
            }
        }
    }

    @Test func `a viewer sees why an action is not possible, and no way to it`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let page = try await console.signedIn(.viewer).get(Self.path)
            #expect(page.text.contains("Not possible: this needs the role Operator."))
            #expect(!page.text.contains("href=\"\(Self.path)/"))
        }
    }

    @Test func `an action that the rules refuse has the reason`() async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            let browser = try await console.signedIn(.operator)
            let unpaid = try await browser.get(Self.path)
            #expect(unpaid.text.contains("Not possible: no payment pays the order, which is new."))
            #expect(unpaid.text.contains("href=\"\(Self.path)/close\""))
            try await console.service.payAndSettle()
            let paid = try await browser.get(Self.path)
            #expect(paid.text.contains("Not possible: the order is paid."))
            #expect(paid.text.contains("href=\"\(Self.path)/refund\""))
            #expect(!paid.text.contains("href=\"\(Self.path)/close\""))
            let refused = try await browser.get("\(Self.path)/close")
            #expect(refused.status == 303, "the page of an impossible action leads back")
        }
    }

    /// Markup, with a format character that Swift joins with the `<` behind it, and a quote with a combining mark.
    private static let markup = "\u{600}<script>alert(1)</script>\"\u{301} onmouseover=x '&amp;<b>"

    @Test func `markup in stored texts stays text`() async throws {
        try await withConsole { console in
            let service = console.service
            _ = try await service.client.pay(
                Sample.body(Sample.number, ["subject": .string(Self.markup), "user_id": .string(Self.markup)]))
            #expect(
                try await service.send(service.notice(transaction: Self.markup, amount: 9_800)).status == 200)
            let browser = try await console.signedIn(.operator)
            let decision = "\(Self.path)/accept-payment?payment=\(Self.markup.percentEncoded)&trade=\(Sample.trade)"
            let asked = try await browser.get(decision)
            #expect(asked.status == 200)
            let form = try #require(PageForm("decide", on: asked))
            #expect(form.fields["payment"] == Self.markup, "the form sends the text as it is stored")
            let faulty = try await browser.submit(form.filled(["reason": ""]))
            #expect(faulty.status == 422)
            let done = try await browser.complete(form.filled(["reason": Self.markup]))
            #expect(done.text.contains("The payment pays the order."))
            let pages = [
                asked, faulty, done, try await browser.get("/console"), try await browser.get("/console/audit"),
                try await browser.get("/console/webhooks"),
                try await browser.get("/console/search?q=\(Self.markup.percentEncoded)"),
                try await browser.get("/console/audit?actor=\(Self.markup.percentEncoded)"),
            ]
            for page in pages {
                let scalars = page.text.unicodeScalars.map(\.value)
                for forbidden in ["<script>", "<b>", "\" onmouseover", "\"\u{301}"] {
                    let wanted = forbidden.unicodeScalars.map(\.value)
                    let isThere = scalars.indices.contains { scalars[$0...].starts(with: wanted) }
                    #expect(!isThere, "\(forbidden)")
                }
            }
            #expect(done.text.contains("lt;script&gt;alert(1)&lt;/script&gt;"), "Swift joins the first & with U+0600")
        }
    }
}
