import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// The actions of an order besides the refund.
@Suite struct OrderActionTests {
    private static let path = "/console/orders/\(Sample.number)"

    private func form(_ id: String, _ path: String, _ browser: ConsoleBrowser) async throws -> PageForm {
        let page = try await browser.get(path)
        #expect(page.status == 200)
        return try #require(PageForm(id, on: page))
    }

    @Test func `an order is closed once, and at its provider too`() async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            let browser = try await console.signedIn(.operator)
            let close = try await form("close", "\(Self.path)/close", browser)
            let page = try await browser.get("\(Self.path)/close")
            #expect(page.text.contains("Close the order of 99.00 CNY"))
            #expect(try await browser.complete(close).text.contains("The order is closed."))
            #expect(try await browser.complete(close).text.contains("The order is closed."))
            #expect(try await console.service.client.order().json["state"] == "closed")
            #expect(try await console.service.trade()["state"] == "closed")
            #expect(try await console.changes() == ["operator order.close \(Sample.number)"])
        }
    }

    @Test func `an order that was paid since the page was opened is not closed`() async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            let browser = try await console.signedIn(.operator)
            let close = try await form("close", "\(Self.path)/close", browser)
            try await console.service.payInSandbox()
            await console.service.observer.wait(for: .notice(Channel("sandbox")!, .settled))
            #expect(try await browser.complete(close).text.contains("Not possible: the order is paid."))
            #expect(try await console.service.client.order().json["state"] == "paid")
        }
    }

    @Test func `a query finds a payment whose notice was lost`() async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            try await console.service.setFaults([["operation": "notify", "fault": "notify_never", "times": 1]])
            try await console.service.payInSandbox()
            let browser = try await console.signedIn(.operator)
            let query = try await form("query", "\(Self.path)/query?trade=\(Sample.trade)", browser)
            #expect(try await console.service.client.order().json["state"] == "new")
            #expect(try await browser.complete(query).text.contains("The provider reported a payment."))
            #expect(try await console.service.client.order().json["state"] == "paid")
            #expect(try await browser.complete(query).text.contains("Not possible"), "the attempt is over")
            #expect(try await console.changes() == ["operator order.query \(Sample.trade)"])
        }
    }

    @Test(arguments: DisputeVerdict.allCases)
    func `a dispute is decided once, with a reason`(_ verdict: DisputeVerdict) async throws {
        try await withConsole { console in
            let service = console.service
            _ = try await service.client.pay()
            #expect(try await service.send(service.notice(transaction: "sbx_1", amount: 9_800)).status == 200)
            let browser = try await console.signedIn(.operator)
            let order = try await browser.get(Self.path)
            let place = "\(Self.path)/\(verdict.rawValue)-payment?payment=sbx_1&amp;trade=\(Sample.trade)"
            #expect(order.text.contains("href=\"\(place)\""))
            let decide = try await form("decide", place.replacing("&amp;", with: "&"), browser)
            let page = try await browser.get(place.replacing("&amp;", with: "&"))
            #expect(
                page.text.contains("98.00 CNY") && page.text.contains("99.00 CNY"), "what arrived, what was expected")
            #expect(try await browser.submit(decide).status == 422, "without a reason")
            #expect(try await service.client.order().json["receipts"][0]["standing"] == "disputed")
            let done = try await browser.complete(decide.filled(["reason": "the bank rounded"]))
            #expect(done.text.contains("the bank rounded") && done.text.contains("by operator"))
            let standing = try await service.client.order().json["receipts"][0]["standing"]
            #expect(standing == (verdict == .accept ? "honest" : "rejected"))
            let again = try await browser.complete(decide.filled(["reason": "again"]))
            #expect(again.text.contains("Not possible: the payment is not disputed any more."))
            #expect(try await console.changes() == ["operator dispute.\(verdict.rawValue) sbx_1"])
        }
    }

    @Test func `a failed refund is retried once`() async throws {
        try await withConsole { console in
            let service = console.service
            try await console.paidOrder()
            try await service.setFaults([["operation": "refund", "fault": "refused", "times": 1]])
            let browser = try await console.signedIn(.operator)
            let asked = try await browser.get("\(Self.path)/refund?amount=9.00&reason=")
            _ = try await browser.complete(try #require(PageForm("refund", on: asked)))
            _ = try await SubmitRefunds(service.flows).runOnce(at: service.clock.now())
            #expect(try await service.client.order().json["refunds"][0]["state"] == "failed")
            let overview = try await browser.get("/console")
            #expect(overview.text.contains("Failed refunds (1)") && overview.text.contains("\(Sample.trade)_m1"))
            let retry = try await form("retry", "\(Self.path)/retry?refund=\(Sample.trade)_m1", browser)
            #expect(try await browser.complete(retry).text.contains("Refund \(Sample.trade)_m1 of 9.00 CNY is queued."))
            #expect(try await browser.complete(retry).text.contains("Only a refund that failed"))
            #expect(try await service.client.order().json["refunds"].items.count == 1)
            #expect(
                try await console.changes() == [
                    "operator refund.retry \(Sample.trade)_m1", "operator refund.create \(Sample.trade)_m1",
                ])
        }
    }

    @Test(arguments: ["close", "query", "retry", "accept-payment", "refund-payment", "refund"])
    func `a viewer's form is refused`(_ action: String) async throws {
        try await withConsole { console in
            _ = try await console.service.client.pay()
            let viewer = try await console.signedIn(.viewer)
            let csrf = try await viewer.get("/console").csrf
            let fields = ["trade": Sample.trade, "refund": "x", "payment": "x", "reason": "x"]
            #expect(try await viewer.post("\(Self.path)/\(action)", fields, csrf: csrf).status == 403)
            #expect(try await viewer.get("\(Self.path)/\(action)").status == 403)
            #expect(try await console.service.client.order().json["state"] == "new")
            #expect(try await console.changes().isEmpty)
        }
    }
}
