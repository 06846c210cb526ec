import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct ListPageTests {
    @Test(arguments: [
        "/console", "/console/search", "/console/refunds", "/console/webhooks", "/console/channels",
        "/console/reconciliation", "/console/audit",
    ])
    func `each page of the navigation is there for every role, and for nobody else`(_ path: String) async throws {
        try await withConsole { console in
            for role in OperatorRole.allCases {
                let page = try await console.signedIn(role).get(path)
                #expect(page.status == 200)
                #expect(page.text.contains("href=\"\(path)\" aria-current=\"page\""))
            }
            #expect(try await console.browser().get(path).status == 303)
        }
    }

    @Test func `the front page says that all is well, until something waits`() async throws {
        try await withConsole { console in
            let (service, browser) = (console.service, try await console.signedIn(.viewer))
            #expect(try await browser.get("/console").text.contains("All is well"))
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(transaction: "sbx_1", amount: 9_800)).status == 200)
            console.clock.advance(by: .seconds(180))
            let page = try await browser.get("/console")
            #expect(!page.text.contains("All is well"))
            for text in [
                "Disputed payments (1)", "sbx_1", "98.00 CNY", "3 min", "href=\"/console/orders/\(Sample.number)\"",
            ] {
                #expect(page.text.contains(text), "\(text)")
            }
        }
    }

    @Test func `a channel is paused and resumed, each once`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.operator)
            let path = "/console/channels/sandbox"
            let pause = try #require(PageForm("change", on: try await browser.get(path)))
            #expect(pause.action == "\(path)/pause")
            #expect(try await browser.complete(pause).text.contains("sandbox is paused: it creates no new attempts."))
            #expect(try await browser.complete(pause).text.contains("sandbox was paused before."))
            #expect(try await console.service.client.pay().code == "PAY_CHANNEL_UNAVAILABLE")
            #expect(try await browser.get("/console").text.contains("Paused channels (1)"))
            let resume = try #require(PageForm("change", on: try await browser.get(path)))
            #expect(resume.action == "\(path)/resume")
            #expect(try await browser.complete(resume).text.contains("creates new attempts again"))
            #expect(try await console.service.client.pay().status == 201)
            #expect(
                try await console.changes() == ["operator channel.resume sandbox", "operator channel.pause sandbox"])
        }
    }

    @Test func `an unknown channel can't be paused, and a viewer pauses none`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.operator)
            let csrf = try await browser.get("/console").csrf
            #expect(try await browser.get("/console/channels/nowhere").status == 404)
            #expect(try await browser.post("/console/channels/nowhere/pause", csrf: csrf).status == 404)
            let viewer = try await console.signedIn(.viewer)
            let page = try await viewer.get("/console/channels/sandbox")
            #expect(page.text.contains("this needs the role Operator") && PageForm("change", on: page) == nil)
            #expect(try await viewer.post("/console/channels/sandbox/pause", csrf: page.csrf).status == 403)
            #expect(try await console.changes().isEmpty)
        }
    }

    @Test func `refunds are listed by state`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let browser = try await console.signedIn(.operator)
            let asked = try await browser.get("/console/orders/\(Sample.number)/refund?amount=9.00&reason=")
            _ = try await browser.complete(try #require(PageForm("refund", on: asked)))
            #expect(try await browser.get("/console/refunds").text.contains("\(Sample.trade)_m1"))
            #expect(try await browser.get("/console/refunds?state=pending").text.contains("\(Sample.trade)_m1"))
            #expect(try await browser.get("/console/refunds?state=failed").text.contains("No refund."))
        }
    }

    @Test func `the audit is filtered by person, action and order`() async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            let (ann, bob) = (
                try await console.signedIn(.operator, as: "ann"), try await console.signedIn(.operator, as: "bob")
            )
            for path in ["/console/channels/sandbox"] {
                _ = try await ann.complete(try #require(PageForm("change", on: try await ann.get(path))))
                _ = try await bob.complete(try #require(PageForm("change", on: try await bob.get(path))))
            }
            let close = try await bob.get("/console/orders/\(Sample.number)/close")
            _ = try await bob.complete(try #require(PageForm("close", on: close)))
            func actions(_ query: String) async throws -> [String] {
                let text = try await ann.get("/console/audit\(query)").text
                return ["channel.pause", "channel.resume", "order.close"].filter { text.contains("<bdi>\($0)</bdi>") }
            }
            #expect(try await actions("") == ["channel.pause", "channel.resume", "order.close"])
            #expect(try await actions("?actor=ann") == ["channel.pause"])
            #expect(try await actions("?actor=bob&action=order.close") == ["order.close"])
            #expect(try await actions("?order=\(Sample.number)") == ["order.close"])
            #expect(try await actions("?order=no") == [], "no number of an order")
        }
    }
}
