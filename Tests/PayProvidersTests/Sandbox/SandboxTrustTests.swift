import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

private let closed = #"{"code":"SUCCESS"}"#

/// Only signed answers are believed, and every request is signed.
@Suite struct SandboxTrustTests {
    /// A forged answer that reports a successful close.
    enum Forgery: CaseIterable, Sendable {
        case unsigned, withAnotherSecret, forAnotherCall, withAnotherStatus, withAnotherBody

        func answer(to request: ProviderRequest) -> ProviderReply {
            switch self {
            case .unsigned: return ProviderReply(status: 200, body: Array(closed.utf8))
            case .withAnotherSecret:
                let signer = SandboxSigner(secret: Secret("another"))
                return SandboxFixture.signed(200, closed, inAnswerTo: request, by: signer)
            case .forAnotherCall:
                let other = ProviderRequest(method: .post, url: "http://127.0.0.1/")
                return SandboxFixture.signed(200, closed, inAnswerTo: other)
            case .withAnotherStatus:
                let refusal = SandboxFixture.signed(400, closed, inAnswerTo: request)
                return ProviderReply(status: 200, headers: refusal.headers, body: refusal.body)
            case .withAnotherBody:
                let other = SandboxFixture.signed(200, #"{"code":"OTHERWISE"}"#, inAnswerTo: request)
                return ProviderReply(status: 200, headers: other.headers, body: Array(closed.utf8))
            }
        }
    }

    @Test(arguments: Forgery.allCases)
    func `a sandbox answer that is not signed for this call decides nothing`(_ forgery: Forgery) async {
        let provider = SandboxFixture.provider(over: SandboxScript { request in forgery.answer(to: request) })
        #expect(await provider.close(SandboxFixture.trade).withoutReason == .unknown(.answered))
        #expect(await provider.refund(SandboxFixture.refund).withoutReason == .unknown(.answered))
    }

    @Test func `a sandbox answer that is signed for this call is believed`() async {
        #expect(await SandboxFixture.provider(answered: 200, closed).close(SandboxFixture.trade) == .accepted)
    }

    @Test func `each sandbox call is a signed POST below the base URL`() async throws {
        let script = SandboxScript { request in SandboxFixture.signed(400, "{}", inAnswerTo: request) }
        let provider = SandboxFixture.provider(over: script)
        _ = await provider.create(SandboxFixture.create())
        _ = await provider.query(SandboxFixture.trade)
        _ = await provider.close(SandboxFixture.trade)
        _ = await provider.refund(SandboxFixture.refund)
        _ = await provider.follow(SandboxFixture.refund)
        let paths = ["/api/create", "/api/query", "/api/close", "/api/refund", "/api/refund_query"]
        #expect(script.requests.map(\.url) == paths.map { "http://127.0.0.1:9000/sandbox" + $0 })
        for (request, path) in zip(script.requests, paths) {
            #expect(request.method == .post)
            let signature = SandboxFixture.signer.check(
                timestamp: request.headers.first { $0.name == "Sandbox-Timestamp" }?.value,
                signature: request.headers.first { $0.name == "Sandbox-Signature" }?.value,
                of: request.body, for: .request(method: "POST", path: path))
            #expect(signature?.signedAt == SandboxFixture.now)
        }
    }

    @Test func `a repeated sandbox create has the same bytes`() async {
        let script = SandboxScript { request in SandboxFixture.signed(400, "{}", inAnswerTo: request) }
        let provider = SandboxFixture.provider(over: script)
        for _ in 1...20 { _ = await provider.create(SandboxFixture.create()) }
        #expect(Set(script.requests.map(\.body)).count == 1)
    }
}
