import PayAccess
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import PayAPI

/// The browser policy for a provider's HTML.
@Suite(.timeLimit(.minutes(5))) struct PagePolicyTests {
    @Test func `a provider's document has an opaque origin, and submits forms only to its provider`() async throws {
        try await withService { service in
            _ = try await service.client.pay()
            let token = service.checkouts.token(
                for: try #require(OrderNumber(Sample.number)), expiresAt: service.clock.now() + .seconds(600))
            let answers = [
                try await service.client.page(accept: "text/html"),
                try await service.client.get("/checkout/\(token)/page", as: .nobody, headers: ["Accept": "text/html"]),
            ]
            for answer in answers {
                #expect(answer.status == 200)
                let policy = PolicyReading(answer.header("Content-Security-Policy") ?? "")
                let sandbox = "http://127.0.0.1:\(service.port)"
                #expect(policy["form-action"] == [sandbox])
                #expect(policy["connect-src"] == [sandbox])
                #expect(policy["script-src"] == ["'unsafe-inline'", sandbox])
                #expect(policy["style-src"] == ["'unsafe-inline'", sandbox])
                #expect(policy["img-src"] == ["data:", sandbox])
                #expect(policy["font-src"] == [sandbox])
                for closed in ["frame-ancestors", "base-uri", "default-src"] {
                    #expect(policy[closed] == ["'none'"], "\(closed)")
                }
                #expect(
                    policy["sandbox"] == ["allow-forms", "allow-scripts", "allow-popups", "allow-top-navigation"])
                #expect(answer.header("Referrer-Policy") == "strict-origin")
                #expect(answer.header("Cache-Control") == "no-store")
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                // With this field, the HTML standard refuses a sandboxed document.
                #expect(answer.header("Cross-Origin-Opener-Policy") == nil)
                #expect(answer.text.contains("action=\"\(sandbox)/sandbox/trades/"))
            }
        }
    }

    @Test func `a provider without form targets gets no form targets in the policy`() {
        let policy = PolicyReading(ProviderPagePolicy(formTargets: []).text)
        #expect(policy["form-action"] == ["'none'"] && policy["connect-src"] == ["'none'"])
        #expect(policy["script-src"] == ["'unsafe-inline'"] && policy["img-src"] == ["data:"])
    }

    @Test func `a page in another form than HTML has no content policy`() async throws {
        try await withService(TestSetup(pcKind: .qr)) { service in
            _ = try await service.client.pay()
            for accept in ["text/plain", "image/svg+xml", "image/png", "application/json"] {
                let answer = try await service.client.page(accept: accept)
                #expect(answer.status == 200 && answer.header("Content-Security-Policy") == nil)
            }
        }
    }

    @Test func `a channel that is no longer configured has no form targets`() async throws {
        try await withService { service in
            let pay = Pay(service.flows)
            #expect(pay.pageFormTargets(of: Channel("sandbox")!) == ["http://127.0.0.1:\(service.port)"])
            #expect(pay.pageFormTargets(of: Channel("sandbox2")!) == [])
        }
    }
}

/// A parsed policy: the sources of each directive. A repeated directive is ignored completely.
private struct PolicyReading {
    private let directives: [String: [String]]

    init(_ text: String) {
        let named = text.split(separator: ";").map { $0.split(separator: " ").map(String.init) }
            .filter { !$0.isEmpty }.map { ($0[0], Array($0.dropFirst())) }
        directives = Dictionary(named, uniquingKeysWith: { _, _ in ["twice"] })
    }

    subscript(name: String) -> [String]? { directives[name] }
}
