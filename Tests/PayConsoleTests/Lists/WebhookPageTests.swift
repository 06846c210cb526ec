import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct WebhookPageTests {
    /// A paid order whose webhook was refused once, with this beginning of an answer.
    private func refused(_ console: TestConsole, _ excerpt: String = "try later") async throws -> DeliveryID {
        let store: any Store = console.service.database
        let now = console.clock.now()
        try await store.keepEndpoints([EndpointEntry(.standard, origin: "https://shop.example")], at: now)
        try await console.paidOrder()
        let claimed = try await store.claimDeliveries(to: .standard, dueAt: now, until: now + .seconds(60), limit: 9)
        let claim = try #require(claimed.claims.first)
        let made = DeliveryTry(
            beganAt: now, took: .milliseconds(250),
            reply: DeliveryReply(.refused(status: 500), status: 500, excerpt: excerpt))
        #expect(try await store.finishDelivery(claim, .parked, after: made, at: now))
        return claim.id
    }

    @Test func `a delivery has its tries with the beginning of each answer, as text`() async throws {
        try await withConsole { console in
            let id = try await refused(console, "\u{600}<b>oops</b>")
            let browser = try await console.signedIn(.viewer)
            let list = try await browser.get("/console/webhooks?state=parked")
            for text in ["order.paid", "href=\"/console/webhooks/\(id)\"", "https://shop.example", "parked"] {
                #expect(list.text.contains(text), "\(text)")
            }
            let page = try await browser.get("/console/webhooks/\(id)")
            for text in ["answered with 500", "250 ms", "lt;b&gt;oops", "href=\"/console/orders/\(Sample.number)\""] {
                #expect(page.text.contains(text), "\(text)")
            }
            #expect(!page.text.unicodeScalars.map(\.value).contains(sequence: "<b>".unicodeScalars.map(\.value)))
            #expect(try await browser.get("/console").text.contains("Parked webhooks (1)"))
            #expect(try await browser.get("/console/webhooks/999").status == 404)
            #expect(try await browser.get("/console/webhooks?order=no").text.contains("No delivery fits."))
        }
    }

    @Test func `a delivery is sent again once, however often the form is submitted`() async throws {
        try await withConsole { console in
            let id = try await refused(console)
            let browser = try await console.signedIn(.operator)
            let path = "/console/webhooks/\(id)"
            let form = try #require(PageForm("resend", on: try await browser.get(path)))
            let done = try await browser.complete(form)
            #expect(done.text.contains("The delivery is queued"))
            let again = try await browser.complete(form)
            #expect(again.text.contains("the delivery has changed since the page was opened"))
            let store: any Store = console.service.database
            #expect(try await store.delivery(id)?.record.state == .pending)
            #expect(try await console.changes() == ["operator delivery.resend \(id)"])
        }
    }

    @Test func `a viewer sends nothing`() async throws {
        try await withConsole { console in
            let id = try await refused(console)
            let viewer = try await console.signedIn(.viewer)
            let page = try await viewer.get("/console/webhooks/\(id)")
            #expect(page.text.contains("this needs the role Operator") && PageForm("resend", on: page) == nil)
            for path in ["/console/webhooks/\(id)/resend", "/console/webhooks/test"] {
                let answer = try await viewer.post(path, ["endpoint": "default", "seen": "x"], csrf: page.csrf)
                #expect(answer.status == 403)
            }
            #expect(try await console.changes().isEmpty)
        }
    }
}

extension WebhookPageTests {
    @Test func `a test event is sent to the chosen endpoint, and audited`() async throws {
        var setup = TestSetup()
        setup.endpointTester = Refusing()
        try await withConsole(setup) { console in
            let browser = try await console.signedIn(.operator)
            let page = try await browser.get("/console/webhooks")
            let form = try #require(PageForm("send-test", on: page))
            #expect(form.action == "/console/webhooks/test")
            let answer = try await browser.complete(form.filled(["endpoint": "default"]))
            #expect(answer.text.contains("The endpoint did not take the test event. default: answered with 503"))
            let unknown = try await browser.submit(form.filled(["endpoint": "nowhere"]))
            #expect(unknown.status == 404)
            #expect(try await console.changes() == ["operator webhook.test default"])
        }
    }

    /// The endpoint `default`, which refuses.
    private struct Refusing: EndpointTester {
        let endpointNames = [EndpointName.standard]

        func sendTest(_ messageID: String, to endpoint: EndpointName, at now: Instant) async -> DeliveryReply {
            DeliveryReply(.refused(status: 503), status: 503)
        }
    }
}

extension [UInt32] {
    fileprivate func contains(sequence: [UInt32]) -> Bool {
        indices.contains { self[$0...].starts(with: sequence) }
    }
}
