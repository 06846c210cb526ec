import PayAccess
import PayConsole
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SignInTests {
    @Test func `an operator signs in with name and password, and out again`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let browser = console.browser()
            let answer = try await browser.signIn("ada")
            #expect(answer.status == 303 && answer.header("Location") == "/console")
            try await browser.expect(200)
            let out = try await browser.press(on: "/console", "/console/sign-out")
            #expect(out.status == 200 && browser.cookie("paypage-console") == nil)
            try await browser.expect(303)
            #expect(try await console.audited() == [.operatorSignedIn, .operatorSignedOut])
        }
    }

    @Test func `a signed-out session is over for whoever kept its cookie`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let (browser, thief) = (console.browser(), console.browser())
            _ = try await browser.signIn("ada")
            thief.setCookie("paypage-console", browser.cookie("paypage-console"))
            try await thief.expect(200)
            _ = try await browser.press(on: "/console", "/console/sign-out")
            try await thief.expect(303)
        }
    }

    @Test func `every refusal reads the same, for a known and an unknown name`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            try await console.add("bob", .operator)
            try await console.turnOnCodes("bob")
            try await console.invite("carl", .operator, RandomToken())
            try await console.lock("ada")
            var texts: Set<String> = []
            // A locked operator, a missing code, an operator without a password, an unknown one, and no name at all.
            for name in ["ada", "bob", "carl", "nobody", "<no name>"] {
                let answer = try await console.browser().signIn(name)
                #expect(answer.status == 403, "\(name)")
                texts.insert(
                    answer.text.replacing("value=\"\(name.escapedForHTML.filter { $0 != " " })\"", with: "value=\"\""))
            }
            #expect(texts.count == 1)
        }
    }

    @Test func `a sign-in begins a new session, whatever cookie the browser had`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let planted = RandomToken().text.reveal()
            let browser = console.browser()
            browser.setCookie("paypage-console", planted)
            _ = try await browser.signIn("ada")
            let first = try #require(browser.cookie("paypage-console"))
            #expect(first != planted)
            _ = try await browser.signIn("ada")
            #expect(browser.cookie("paypage-console") != first)
            let old = console.browser()
            old.setCookie("paypage-console", first)
            try await old.expect(303)
        }
    }

    @Test func `the session's cookie is unreadable for scripts and other sites, and only its digest is stored`()
        async throws
    {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let browser = console.browser()
            let answer = try await browser.signIn("ada")
            let cookie = try #require(answer.header("Set-Cookie"))
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"))
            #expect(!cookie.contains("Secure"))
            let token = try #require(browser.cookie("paypage-console").flatMap(RandomToken.init))
            let stored = try await console.store.sessions(of: OperatorName("ada")!)
            #expect(stored.map(\.id) == [token.digest])
        }
        try await withConsole(rules: ConsoleRules(refundLimit: nil, origin: "https://console.example")) { console in
            try await console.add("ada", .operator)
            let answer = try await console.browser().signIn("ada")
            let cookie = try #require(answer.header("Set-Cookie"))
            #expect(cookie.hasPrefix("__Host-paypage-console=") && cookie.hasSuffix("; Secure"))
        }
    }

    @Test(arguments: [
        ("/console/orders/1?x=2", "/console/orders/1?x=2"), ("https://evil.example", "/console"),
        ("//evil.example/console", "/console"), ("/console/../../evil", "/console/../../evil"),
        ("/console\\@evil.example", "/console"), ("javascript:alert(1)", "/console"), ("", "/console"),
        ("/console/\u{9}/evil", "/console"), ("/consolehttps://evil", "/console"),
    ])
    func `a sign-in leads to a page of this console alone`(_ to: String, _ place: String) async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            #expect(try await console.browser().signIn("ada", to: to).header("Location") == place)
        }
    }

    @Test func `a form of another site does not sign in`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let fields = ["name": "ada", "password": TestConsole.password]
            for headers in [
                ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"], [:],
                ["Origin": "null"], ["Origin": "https://evil.example"],
            ] {
                let browser = console.browser()
                let answer = try await browser.post("/console/sign-in", fields, csrf: nil, headers: headers)
                #expect(answer.status == 403 && browser.cookie("paypage-console") == nil, "\(headers)")
            }
            let own = ["Origin": "http://127.0.0.1:\(console.port)"]
            #expect(try await console.browser().post("/console/sign-in", fields, csrf: nil, headers: own).status == 303)
        }
    }

    @Test func `five wrong passwords lock the operator in the database, and the lock ends`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            for _ in 1...5 { #expect(try await console.browser().signIn("ada", password: "wrong").status == 403) }
            #expect(try await console.account("ada").isLocked(at: console.clock.now()))
            #expect(try await console.browser().signIn("ada").status == 403)
            console.clock.advance(by: .seconds(60))
            #expect(try await console.browser().signIn("ada").status == 303)
            #expect(try await console.audited() == [.operatorLocked, .operatorSignedIn])
            #expect(console.service.metric(#"paypage_console_sign_ins_total{outcome="refused"}"#) == "6")
            #expect(console.service.metric(#"paypage_console_sign_ins_total{outcome="signed_in"}"#) == "1")
        }
    }

    @Test func `an address may try ten times at once, whatever the names`() async throws {
        try await withConsole { console in
            for number in 1...10 { #expect(try await console.browser().signIn("name\(number)").status == 403) }
            try await console.add("ada", .operator)
            #expect(try await console.browser().signIn("ada").status == 429)
            console.clock.advance(by: .seconds(6))
            #expect(try await console.browser().signIn("ada").status == 303)
        }
    }

    @Test func `with codes on, a sign-in needs a code, and each code once`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let secret = try await console.turnOnCodes("ada")
            #expect(try await console.browser().signIn("ada").status == 403)
            #expect(try await console.browser().signIn("ada", code: "000000").status == 403)
            let code = try #require(OneTimeCodes.code(by: secret, at: console.clock.now()))
            #expect(try await console.browser().signIn("ada", code: code).status == 303)
            #expect(try await console.browser().signIn("ada", code: code).status == 403)
            console.clock.advance(by: .seconds(30))
            let next = try #require(OneTimeCodes.code(by: secret, at: console.clock.now()))
            #expect(try await console.browser().signIn("ada", code: next).status == 303)
        }
    }

    @Test func `no log line holds a password, a code, a token or a name that nobody has`() async throws {
        try await withConsole { console in
            try await console.add("ada", .operator)
            let token = RandomToken()
            try await console.invite("bob", .viewer, token)
            let browser = console.browser()
            _ = try await browser.signIn("ada")
            _ = try await browser.signIn("my-secret-typed-as-name", password: "wrong-secret-password")
            _ = try await browser.get("/console/welcome/\(token.text.reveal())")
            let log = console.service.log.all.joined(separator: "\n")
            let cookie = try #require(browser.cookie("paypage-console"))
            for secret in [
                TestConsole.password, "my-secret-typed-as-name", "wrong-secret-password", token.text.reveal(), cookie,
            ] {
                #expect(!log.contains(secret), "\(secret)")
            }
            #expect(log.contains("operator signed in") && log.contains("operator sign-in refused"))
        }
    }
}
