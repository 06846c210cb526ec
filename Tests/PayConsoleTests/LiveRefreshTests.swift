import PayConsole
import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

/// A page that fetches itself again.
@Suite struct LiveRefreshTests {
    private let refresh = ["X-Console-Refresh": "1"]

    @Test func `a refresh of an unchanged page has no body`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.viewer)
            let first = try await browser.get("/console", headers: refresh)
            #expect(first.status == 200)
            let tag = try #require(first.header("ETag"))
            let second = try await browser.get("/console", headers: refresh.merging(["If-None-Match": tag]) { $1 })
            #expect(second.status == 304)
            #expect(second.text.isEmpty)
            let other = try await browser.get("/console", headers: refresh.merging(["If-None-Match": "\"x\""]) { $1 })
            #expect(other.status == 200)
        }
    }

    @Test func `a page has a tag only for its own script, so that no browser stores it`() async throws {
        try await withConsole { console in
            let answer = try await console.signedIn(.viewer).get("/console")
            #expect(answer.header("ETag") == nil)
            #expect(answer.header("Cache-Control") == "no-store")
        }
    }

    @Test func `refreshes do not keep a session open`() async throws {
        let rules = ConsoleRules(refundLimit: nil, idleLimit: .seconds(600))
        try await withConsole(rules: rules) { console in
            let browser = try await console.signedIn(.viewer)
            for _ in 1...9 {
                console.clock.advance(by: .seconds(60))
                let answer = try await browser.get("/console", headers: refresh)
                #expect(answer.status == 200)
            }
            console.clock.advance(by: .seconds(60))
            let last = try await browser.get("/console", headers: refresh)
            #expect(last.status == 303)
        }
    }

    @Test func `only a page with an address of its own refreshes itself`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.viewer)
            let page = try await browser.get("/console")
            #expect(page.text.contains("data-live"))
            let codes = try await browser.get("/console/account/codes")
            #expect(!codes.text.contains("data-live"))
            let missing = try await browser.get("/console/nothing")
            #expect(!missing.text.contains("data-live"))
            let signIn = try await console.browser().get("/console/sign-in")
            #expect(!signIn.text.contains("data-live"))
        }
    }
}
