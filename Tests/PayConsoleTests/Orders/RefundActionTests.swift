import PayConsole
import PayCore
import PayFlow
import ServiceTestSupport
import Testing

@Suite struct RefundActionTests {
    private static let path = "/console/orders/\(Sample.number)/refund"

    /// The confirmation of a refund of this amount.
    private func confirmation(_ browser: ConsoleBrowser, _ amount: String, reason: String = "") async throws -> PageForm
    {
        let form = try #require(PageForm("refund", on: try await browser.get(Self.path)))
        let page = try await browser.submit(form.filled(["amount": amount, "reason": reason]))
        #expect(page.status == 200)
        return try #require(PageForm("refund", on: page))
    }

    private func refunds(_ console: TestConsole) async throws -> [JSONValue] {
        try await console.service.client.order().json["refunds"].items
    }

    @Test func `a refund is confirmed, made, and audited`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let browser = try await console.signedIn(.operator)
            let asked = try await browser.get(Self.path)
            #expect(PageForm("refund", on: asked)?.fields["amount"] == "99.00", "all that is left")
            let page = try await browser.get("\(Self.path)?amount=12.50&reason=broken+cup")
            for text in ["Refund 12.50 CNY", "86.50 CNY", "broken cup", "sandbox"] {
                #expect(page.text.contains(text), "\(text)")
            }
            #expect(try await refunds(console).isEmpty, "nothing is refunded before the confirmation")
            let done = try await browser.complete(try #require(PageForm("refund", on: page)))
            #expect(done.status == 200)
            #expect(done.text.contains("Refund \(Sample.trade)_m1 of 12.50 CNY is queued."))
            let refund = try #require(try await refunds(console).first)
            #expect(refund["amount"] == 1_250 && refund["reason"] == "broken cup" && refund["cause"] == "merchant")
            #expect(try await console.changes() == ["operator refund.create \(Sample.trade)_m1"])
        }
    }

    @Test func `a form that is submitted twice refunds once`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let browser = try await console.signedIn(.operator)
            let form = try await confirmation(browser, "12.50")
            async let first = browser.submit(form)
            async let second = browser.submit(form)
            let statuses = [try await first.status, try await second.status]
            #expect(statuses == [303, 303])
            #expect(try await browser.submit(form).status == 303)
            #expect(try await refunds(console).count == 1)
            #expect(try await console.changes().count == 1)
        }
    }

    @Test func `a refund is refused if another one was made since the page was opened`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let browser = try await console.signedIn(.operator)
            let (one, other) = (try await confirmation(browser, "12.50"), try await confirmation(browser, "12.50"))
            _ = try await browser.complete(one)
            let refused = try await browser.complete(other)
            #expect(refused.text.contains("another refund was made since the page was opened. 86.50 CNY is left."))
            #expect(try await refunds(console).count == 1)
        }
    }

    @Test func `an operator refunds up to the limit, and an admin any amount`() async throws {
        try await withConsole(rules: ConsoleRules(refundLimit: 1_000)) { console in
            try await console.paidOrder()
            let (one, admin) = (try await console.signedIn(.operator), try await console.signedIn(.admin))
            let refused = try await one.get("\(Self.path)?amount=10.01&reason=")
            #expect(refused.status == 422)
            #expect(refused.text.contains("your role refunds up to 10.00 CNY at once"))
            // The admin's form, sent by the operator.
            var form = try await confirmation(admin, "10.01")
            form.fields["csrf"] = PageForm("refund", on: try await one.get(Self.path + "?amount=10.00"))?.fields["csrf"]
            let forged = try await one.complete(form)
            #expect(forged.text.contains("your role refunds up to 10.00 CNY at once"))
            #expect(try await refunds(console).isEmpty)
            _ = try await one.complete(try await confirmation(one, "10.00"))
            _ = try await admin.complete(try await confirmation(admin, "10.01"))
            #expect(try await refunds(console).map { $0["amount"] } == [1_000, 1_001])
        }
    }

    @Test(arguments: ["0", "1,50", "12.505", "-1", "x", ""])
    func `an amount that is none is refused with a hint`(_ amount: String) async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let page = try await console.signedIn(.operator).get("\(Self.path)?amount=\(amount.percentEncoded)&reason=")
            #expect(page.status == 422)
            #expect(page.text.contains("aria-invalid"))
            #expect(PageForm("refund", on: page)?.isPost == false, "no confirmation")
        }
    }

    @Test func `more than what is left can't be confirmed`() async throws {
        try await withConsole(rules: ConsoleRules(refundLimit: nil)) { console in
            try await console.paidOrder()
            let page = try await console.signedIn(.operator).get("\(Self.path)?amount=99.01&reason=")
            #expect(page.status == 422)
            #expect(page.text.contains("99.00 CNY is left to refund"))
        }
    }

    @Test func `a viewer's form changes nothing`() async throws {
        try await withConsole { console in
            try await console.paidOrder()
            let viewer = try await console.signedIn(.viewer)
            #expect(try await viewer.get(Self.path).status == 403)
            let form = try await confirmation(try await console.signedIn(.operator), "1.00")
            var fields = form.fields
            fields["csrf"] = nil
            let csrf = try await viewer.get("/console").csrf
            #expect(try await viewer.post(Self.path, fields, csrf: csrf).status == 403)
            #expect(try await refunds(console).isEmpty)
        }
    }
}
