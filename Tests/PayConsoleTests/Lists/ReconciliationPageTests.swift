import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct ReconciliationPageTests {
    private static let sandbox = Channel("sandbox")!
    private static let day = BillDay("2026-11-20")!

    private func load(_ rows: [BillRow], of day: BillDay, _ store: any Store, at now: Instant) async throws {
        let claim = try #require(
            try await store.claimBill(
                of: Self.sandbox, day, by: WorkerID("w"), until: now + .seconds(900), at: now, audit: nil))
        try await store.stage(rows, under: claim, until: now + .seconds(900))
        _ = try await store.load(BillFile(digest: "d", rows: rows.count), under: claim, at: now)
    }

    /// Bills of three days. The first has a payment that the books don't have.
    private func difference(_ console: TestConsole) async throws {
        let (now, store): (Instant, any Store) = (console.clock.now(), console.service.database)
        let row = BillRow.line(
            BillLine(
                row: 1, kind: .payment, status: .succeeded, tradeNumber: "lost_order_1", transactionID: "f-<1>",
                amount: 100, currencyCode: "CNY", feeMicros: nil, at: Self.day.start))
        try await load([row], of: Self.day, store, at: now)
        try await load([], of: Self.day.next, store, at: now)
        try await load([], of: Self.day.next.next, store, at: now)
        _ = try await store.compareLines(of: Self.sandbox, behind: nil, limit: 1_000, foreign: .report, at: now)
    }

    @Test func `a difference is listed, explained once, and closed for good`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.operator)
            #expect(try await browser.get("/console/reconciliation").text.contains("No open difference"))
            try await difference(console)
            let list = try await browser.get("/console/reconciliation")
            for text in ["2026-11-20", "payment missing here", "f-&lt;1&gt;", "1.00 CNY"] {
                #expect(list.text.contains(text), "\(text)")
            }
            #expect(try await browser.get("/console").text.contains("Differences with bills (1)"))
            let path = "/console/reconciliation/differences/1"
            let page = try await browser.get(path)
            let (explain, close) = (
                try #require(PageForm("explain", on: page)), try #require(PageForm("close", on: page))
            )
            #expect(try await browser.submit(explain).status == 422, "without a note")
            let explained = try await browser.complete(explain.filled(["note": "a test payment"]))
            #expect(
                explained.text.contains("The difference is explained.") && explained.text.contains("a test payment"))
            for repeated in [explain, close] {
                let refused = try await browser.complete(repeated.filled(["note": "again"]))
                #expect(refused.text.contains("has changed since the page was opened"))
            }
            let again = try #require(PageForm("close", on: try await browser.get(path)))
            #expect(
                try await browser.complete(again.filled(["note": "found"])).text.contains("The difference is closed."))
            let closed = try await browser.get(path)
            #expect(closed.text.contains("which is final") && PageForm("close", on: closed) == nil)
            #expect(try await console.changes() == ["operator difference.close 1", "operator difference.explain 1"])
            #expect(try await browser.get("/console/reconciliation").text.contains("No open difference"))
            #expect(try await browser.get("/console/reconciliation?state=").text.contains("payment missing here"))
        }
    }

    @Test func `a viewer reads a difference, and decides none`() async throws {
        try await withConsole { console in
            try await difference(console)
            let viewer = try await console.signedIn(.viewer)
            let path = "/console/reconciliation/differences/1"
            let page = try await viewer.get(path)
            #expect(page.text.contains("this needs the role Operator") && PageForm("explain", on: page) == nil)
            let refused = try await viewer.post("\(path)/explain", ["note": "x"], csrf: page.csrf)
            #expect(refused.status == 403)
            #expect(try await viewer.get("/console/reconciliation/differences/2").status == 404)
            #expect(try await console.changes().isEmpty)
        }
    }
}
