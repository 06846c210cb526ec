import PayAccess
import PayConsole
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct InvitationTests {
    private static let fields = ["password": "a new and long password", "repeated": "a new and long password"]

    @Test func `the link sets a password once, and then leads to the sign-in page`() async throws {
        try await withConsole { console in
            let token = RandomToken()
            try await console.invite("ada", .operator, token)
            let link = Console.invitationPath(token)
            let browser = console.browser()
            #expect(try await browser.get(link).text.contains("value=\"ada\""))
            let answer = try await browser.post(link, Self.fields, csrf: nil)
            #expect(answer.header("Location") == "/console/sign-in?set=1")
            #expect(try await browser.signIn("ada", password: "a new and long password").status == 303)
            #expect(try await browser.get(link).status == 410)
            let again = ["password": "another long password", "repeated": "another long password"]
            #expect(try await browser.post(link, again, csrf: nil).status == 410)
            #expect(try await console.browser().signIn("ada", password: "another long password").status == 403)
            #expect(try await console.audited() == [.operatorPasswordSet, .operatorSignedIn])
        }
    }

    @Test func `a link is over after a day, and after a reset`() async throws {
        try await withConsole { console in
            let token = RandomToken()
            try await console.invite("ada", .operator, token)
            console.clock.advance(by: .seconds(86_399))
            #expect(try await console.browser().get(Console.invitationPath(token)).status == 200)
            console.clock.advance(by: .seconds(1))
            #expect(try await console.browser().get(Console.invitationPath(token)).status == 410)
            #expect(
                try await console.browser().post(Console.invitationPath(token), Self.fields, csrf: nil).status == 410)
            #expect(try await console.account("ada").password == nil)
        }
    }

    @Test func `an unknown or broken token is no link`() async throws {
        try await withConsole { console in
            try await console.invite("ada", .operator, RandomToken())
            for token in [RandomToken().text.reveal(), "x", "%00", String(repeating: "A", count: 43)] {
                #expect(try await console.browser().get("/console/welcome/\(token)").status == 410, "\(token)")
            }
        }
    }

    @Test(arguments: [
        ("short", "short"), ("ada ada ada ada", "ada ada ada ada"), ("a long enough one", "a long enough two"),
    ])
    func `a password that breaks a rule is not set, and the link stays valid`(
        _ password: String, _ repeated: String
    ) async throws {
        try await withConsole { console in
            let token = RandomToken()
            try await console.invite("ada", .operator, token)
            let fields = ["password": password, "repeated": repeated]
            let answer = try await console.browser().post(Console.invitationPath(token), fields, csrf: nil)
            #expect(answer.status == 422 && answer.text.contains("role=\"alert\""))
            #expect(!answer.text.contains(password))
            #expect(try await console.account("ada").password == nil)
            #expect(try await console.browser().get(Console.invitationPath(token)).status == 200)
        }
    }

    @Test func `a form of another site sets no password`() async throws {
        try await withConsole { console in
            let token = RandomToken()
            try await console.invite("ada", .operator, token)
            let answer = try await console.browser().post(
                Console.invitationPath(token), Self.fields, csrf: nil, headers: ["Sec-Fetch-Site": "cross-site"])
            #expect(answer.status == 403)
            #expect(try await console.account("ada").password == nil)
        }
    }
}
