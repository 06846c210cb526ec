import PayAccess
import PayConsole
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct AccountTests {
    private static let next = "the next long password"

    private func change(_ browser: ConsoleBrowser, present: String = TestConsole.password) async throws -> Answer {
        let csrf = try await browser.get("/console/account").csrf
        return try await browser.post(
            "/console/account/password", ["present": present, "password": Self.next, "repeated": Self.next], csrf: csrf)
    }

    @Test func `a changed password ends every other session, and gives this browser a new one`() async throws {
        try await withConsole { console in
            let (browser, other) = (try await console.signedIn(.viewer), try await console.signedIn(.viewer))
            let stolen = console.browser()
            stolen.setCookie("paypage-console", browser.cookie("paypage-console"))
            let answer = try await change(browser)
            #expect(answer.status == 303)
            #expect(try await browser.get("/console/account").text.contains("class=\"flash done\""))
            try await other.expect(303)
            try await stolen.expect(303)
            #expect(try await console.browser().signIn("viewer").status == 403)
            #expect(try await console.browser().signIn("viewer", password: Self.next).status == 303)
            #expect(try await console.audited() == [.operatorPasswordSet, .operatorSignedIn])
        }
    }

    @Test func `a stolen session can't change the password, and its tries lock the account`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.admin)
            for _ in 1...5 { #expect(try await change(browser, present: "a guess").status == 403) }
            #expect(try await change(browser).status == 403)
            #expect(try await console.account("admin").isLocked(at: console.clock.now()))
            console.clock.advance(by: .seconds(60))
            #expect(try await change(browser).status == 303)
        }
    }

    @Test func `codes are turned on by a code of the shown secret, and off by the password`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.operator)
            let page = try await browser.get("/console/account/codes")
            let (secret, seal) = (try #require(page.hidden("secret")), try #require(page.hidden("seal")))
            #expect(page.text.contains("<svg"))
            func turnOn(_ code: String, _ present: String) async throws -> Answer {
                try await browser.post(
                    "/console/account/codes", ["secret": secret, "seal": seal, "code": code, "present": present],
                    csrf: page.csrf)
            }
            let code = try #require(OneTimeCodes.code(by: secret, at: console.clock.now()))
            #expect(try await turnOn(code, "wrong").status == 403)
            #expect(try await turnOn("12345", TestConsole.password).status == 422)
            #expect(try await console.account("operator").codes == nil)
            #expect(try await turnOn(code, TestConsole.password).status == 303)
            #expect(try await console.account("operator").codes?.text == secret)
            // The code that turned them on is used up.
            #expect(try await console.browser().signIn("operator", code: code).status == 403)
            let csrf = try await browser.get("/console/account").csrf
            _ = try await browser.post("/console/account/codes/off", ["present": "wrong"], csrf: csrf)
            #expect(try await console.account("operator").codes != nil)
            _ = try await browser.post("/console/account/codes/off", ["present": TestConsole.password], csrf: csrf)
            #expect(try await console.account("operator").codes == nil)
            #expect(try await console.audited() == [.operatorCodesTurnedOn, .operatorCodesTurnedOff])
        }
    }

    @Test func `a secret that this session was not shown can't be turned on`() async throws {
        try await withConsole { console in
            let (browser, other) = (try await console.signedIn(.operator), try await console.signedIn(.viewer))
            let page = try await browser.get("/console/account/codes")
            let theirs = try await other.get("/console/account/codes")
            let mine = OneTimeCodes.makeSecret()
            for (secret, seal) in [
                (mine, try #require(page.hidden("seal"))),
                (try #require(theirs.hidden("secret")), try #require(theirs.hidden("seal"))), (mine, ""),
            ] {
                let code = try #require(OneTimeCodes.code(by: secret, at: console.clock.now()))
                let answer = try await browser.post(
                    "/console/account/codes",
                    ["secret": secret, "seal": seal, "code": code, "present": TestConsole.password], csrf: page.csrf)
                #expect(answer.status == 403)
            }
            #expect(try await console.account("operator").codes == nil)
        }
    }

    @Test func `an operator ends the other sessions, or all of them`() async throws {
        try await withConsole { console in
            let (browser, other) = (try await console.signedIn(.viewer), try await console.signedIn(.viewer))
            let stranger = try await console.signedIn(.admin)
            let csrf = try await browser.get("/console/account").csrf
            _ = try await browser.post("/console/account/sessions/end", ["which": "others"], csrf: csrf)
            try await browser.expect(200)
            try await other.expect(303)
            _ = try await browser.post("/console/account/sessions/end", ["which": "all"], csrf: csrf)
            try await browser.expect(303)
            try await stranger.expect(200)
        }
    }

    @Test func `a change without the session's own token changes nothing`() async throws {
        try await withConsole { console in
            let (browser, other) = (try await console.signedIn(.operator), try await console.signedIn(.admin))
            let foreign = try await other.get("/console/account").csrf
            let own = try #require(try await browser.get("/console/account").csrf)
            for path in [
                "/console/sign-out", "/console/account/password", "/console/account/sessions/end",
                "/console/account/codes", "/console/account/codes/off",
            ] {
                for csrf in [nil, "", foreign, own + "x", String(own.dropLast())] {
                    #expect(try await browser.post(path, ["which": "all"], csrf: csrf).status == 403, "\(path)")
                }
                for headers in [["Sec-Fetch-Site": "cross-site"], [:], ["Origin": "https://evil.example"]] {
                    let answer = try await browser.post(path, ["which": "all"], csrf: own, headers: headers)
                    #expect(answer.status == 403, "\(path) \(headers)")
                }
                #expect(try await console.browser().post(path, csrf: own).header("Location") == "/console/sign-in")
            }
            try await browser.expect(200)
            #expect(try await console.audited() == [])
        }
    }

    @Test func `a change of role or a removal ends the operator's sessions`() async throws {
        try await withConsole { console in
            _ = try await console.signedIn(.admin)
            let (viewer, operated) = (try await console.signedIn(.viewer), try await console.signedIn(.operator))
            let actor = console.actor
            let manage = ManageOperators(console.store)
            let now = console.clock.now()
            #expect(try await manage.change(OperatorName("viewer")!, to: .operator, by: actor, at: now) == .done)
            #expect(try await manage.remove(OperatorName("operator")!, by: actor, at: now) == .done)
            try await viewer.expect(303)
            try await operated.expect(303)
            #expect(try await console.browser().signIn("operator").status == 403)
            #expect(try await console.browser().signIn("viewer").status == 303)
        }
    }

    @Test func `a flash message is shown once, and nobody else can write one`() async throws {
        try await withConsole { console in
            let (browser, other) = (try await console.signedIn(.viewer), try await console.signedIn(.viewer, as: "bob"))
            let csrf = try await browser.get("/console/account").csrf
            _ = try await browser.post("/console/account/sessions/end", ["which": "others"], csrf: csrf)
            let flash = try #require(browser.cookie("paypage-console-flash"))
            other.setCookie("paypage-console-flash", flash)
            #expect(try await !other.get("/console").text.contains("class=\"flash"))
            let first = try await browser.get("/console").text
            let second = try await browser.get("/console").text
            #expect([first, second].map { $0.contains("class=\"flash done\"") } == [true, false])
        }
    }
}
