import PayAccess
import PayConsole
import PayCore
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite struct ConsoleGateTests {
    @Test(arguments: OperatorRole.allCases) func `an operator with a session sees the overview`(_ role: OperatorRole)
        async throws
    {
        try await withConsole { console in
            let answer = try await console.signedIn(role).get("/console")
            #expect(answer.status == 200)
            #expect(answer.text.contains(role.rawValue))
        }
    }

    @Test func `a visitor is sent to the sign-in page, and back from there`() async throws {
        try await withConsole { console in
            let answer = try await console.browser().get("/console?page=2")
            #expect(answer.status == 303)
            #expect(answer.header("Location") == "/console/sign-in?to=%2Fconsole%3Fpage%3D2")
        }
    }

    @Test func `a session ends after the idle time`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.viewer)
            console.clock.advance(by: .seconds(1_799))
            try await browser.expect(200)
            console.clock.advance(by: .seconds(1_799))
            try await browser.expect(200)
            console.clock.advance(by: .seconds(1_800))
            try await browser.expect(303)
        }
    }

    @Test func `a session ends after its longest time, used or not`() async throws {
        let rules = ConsoleRules(refundLimit: nil, idleLimit: .seconds(600), sessionLimit: .seconds(1_000))
        try await withConsole(rules: rules) { console in
            let browser = try await console.signedIn(.viewer)
            console.clock.advance(by: .seconds(500))
            try await browser.expect(200)
            console.clock.advance(by: .seconds(499))
            try await browser.expect(200)
            console.clock.advance(by: .seconds(1))
            try await browser.expect(303)
        }
    }

    @Test func `a cookie that names no session is nobody's`() async throws {
        try await withConsole { console in
            let browser = console.browser()
            for value in [RandomToken().text.reveal(), "", "x"] {
                browser.setCookie("paypage-console", value)
                try await browser.expect(303)
            }
        }
    }

    @Test func `without a public URL only loopback names are this console`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.viewer)
            let own = try await browser.get("/console", headers: ["Host": "localhost:8081"])
            #expect(own.status == 200)
            let other = try await browser.get("/console", headers: ["Host": "attacker.example"])
            #expect(other.status == 421)
        }
    }

    @Test func `every page forbids scripts of others, frames and caches`() async throws {
        try await withConsole { console in
            let answers = [
                try await console.signedIn(.viewer).get("/console"),
                try await console.browser().get("/console/sign-in"),
                try await console.browser().get("/console/nowhere"),
            ]
            for answer in answers {
                let policy = try #require(answer.header("Content-Security-Policy"))
                #expect(policy.contains("default-src 'none'"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Cross-Origin-Opener-Policy") == "same-origin")
            }
        }
    }

    @Test func `the language switch leads back to the page, and to no other host`() async throws {
        try await withConsole { console in
            let browser = try await console.signedIn(.viewer)
            let switched = try await browser.get("/console/language/zh-CN?to=%2Fconsole%3Fpage%3D2")
            #expect(switched.header("Location") == "/console?page=2")
            let text = try await browser.get("/console").text
            #expect(text.contains("lang=\"zh-CN\""))
            for place in [
                "https://evil.example", "//evil.example", "/console/\\evil", "/consolex", "/console/\nevil",
            ] {
                let answer = try await browser.get("/console/language/en?to=\(place.percentEncoded)")
                #expect(answer.header("Location") == "/console")
            }
        }
    }
}
