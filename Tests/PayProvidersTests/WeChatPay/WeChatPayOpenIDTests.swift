import Logging
import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct WeChatPayOpenIDTests {
    private typealias Fixture = WeChatPayFixture

    private static let secret = "7f1d2b0c9e8a4f6db35c1a0e2d4f6b81"
    private static let code = "021abcABC0w3"

    private static func source(
        _ clock: HandMovedClock = HandMovedClock(), over transport: any ProviderTransport
    ) throws -> any OpenIDSource {
        let configuration = Fixture.configuration(
            appIDs: WeChatPayAppIDs("wx1", jsapi: "wx2"),
            oauth: .init(secret: Secret(secret), baseURL: "http://127.0.0.1:9000"))
        return try #require(Fixture.provider(configuration, over: transport, clock: clock).openIDs)
    }

    private static func answer(_ status: Int, _ body: String) async throws -> OpenIDAnswer {
        let script = SandboxScript { _ in ProviderReply(status: status, body: Array(body.utf8)) }
        return try await source(over: script).openID(for: code)
    }

    @Test func `without the secret there is no source of openids`() {
        #expect(Fixture.provider(answered: 500, "").openIDs == nil)
    }

    @Test func `the authorize URL has the parameters in WeChat's order, and the appid of jsapi`() throws {
        let url = try Self.source(over: SandboxScript { _ in ProviderReply(status: 500) }).authorizationURL(
            returningTo: "https://pay.example/checkout/t.1/wechat?a=1", state: "abc123")
        #expect(
            url == "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx2"
                + "&redirect_uri=https%3A%2F%2Fpay.example%2Fcheckout%2Ft.1%2Fwechat%3Fa%3D1&response_type=code"
                + "&scope=snsapi_base&state=abc123#wechat_redirect")
    }

    @Test func `a code is exchanged by one GET with the appid of jsapi`() async throws {
        let script = SandboxScript { _ in
            ProviderReply(status: 200, body: Array(#"{"openid":"oUpF8","scope":"snsapi_base"}"#.utf8))
        }
        #expect(try await Self.source(over: script).openID(for: "a/b&c") == .found("oUpF8"))
        #expect(script.requests.map(\.method) == [.get])
        #expect(
            script.requests.map(\.url) == [
                "http://127.0.0.1:9000/sns/oauth2/access_token?appid=wx2&secret=\(Self.secret)&code=a%2Fb%26c"
                    + "&grant_type=authorization_code"
            ])
    }

    @Test(arguments: [40_163, 40_029, 42_003])
    func `a code that was used or has expired is refused`(_ error: Int) async throws {
        #expect(try await Self.answer(200, #"{"errcode":\#(error),"errmsg":"invalid code"}"#) == .codeRefused)
    }

    @Test(arguments: ["", "a b", "a\n", String(repeating: "a", count: 513)])
    func `a text that can't be a code is refused without a call`(_ code: String) async throws {
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        #expect(try await Self.source(over: script).openID(for: code) == .codeRefused)
        #expect(script.requests.isEmpty)
    }

    @Test(arguments: [
        (40_125, ProviderError.Weight.refusal), (40_013, .refusal), (40_164, .refusal), (-1, .undecided),
        (45_011, .undecided),
    ])
    func `an error that is not about the code is unknown, with WeChat's code`(
        _ error: Int, _ weight: ProviderError.Weight
    ) async throws {
        let answer = try await Self.answer(200, #"{"errcode":\#(error),"errmsg":"no"}"#)
        #expect(
            answer == .unknown(.answered(.code(ProviderError(code: "\(error)", message: "no", weight: weight)))))
    }

    @Test(arguments: [
        (500, "", UnknownReason.serverError), (302, "", .unreadable), (200, "<html>", .unreadable),
        (200, "{}", .unreadable), (200, #"{"openid":""}"#, .unreadable), (200, #"{"openid":"a b"}"#, .unreadable),
    ])
    func `an unclear answer is unknown`(_ status: Int, _ body: String, _ reason: UnknownReason) async throws {
        #expect(try await Self.answer(status, body) == .unknown(.answered(reason)))
    }

    @Test func `a call without an answer is unknown`() async throws {
        let script = SandboxScript { _ throws(TransportError) in throw TransportError(.mayHaveArrived, .timedOut) }
        #expect(try await Self.source(over: script).openID(for: Self.code) == .unknown(.unanswered(.timeout)))
    }

    /// WeChat may repeat the secret in its message.
    @Test func `the secret stands in no log, error or description`() async throws {
        let lines = LogLines()
        let failing = SandboxScript { request throws(TransportError) in
            if request.url.contains("lost") { throw TransportError(.mayHaveArrived, .timedOut) }
            return ProviderReply(
                status: 200, body: Array(#"{"errcode":40125,"errmsg":"invalid appsecret \#(Self.secret)"}"#.utf8))
        }
        let journal = TransportJournal(failing, logger: Logger(label: "test") { _ in lines })
        let source = try Self.source(over: journal)
        let answers = [await source.openID(for: "lost"), await source.openID(for: Self.code)]
        let broken = SandboxScript { _ in ProviderReply(status: 500) }
        let others = [
            try await Self.source(over: TransportJournal(broken, logger: Logger(label: "test") { _ in lines }))
                .openID(for: Self.code)
        ]
        #expect(lines.all.count == 2)
        var texts = lines.all + (answers + others).flatMap { ["\($0)", String(reflecting: $0)] }
        texts += failing.requests.flatMap { ["\($0)", String(reflecting: $0)] }
        texts += ["\(source)", String(reflecting: source)]
        for text in texts { #expect(!text.contains(Self.secret), "\(text)") }
    }

    @Test func `an outage of WeChat's OAuth does not pause the payments`() async throws {
        let clock = HandMovedClock()
        let script = SandboxScript { _ in ProviderReply(status: 500) }
        let configuration = Fixture.configuration(oauth: .init(secret: Secret(Self.secret)))
        let provider = Fixture.provider(configuration, over: script, clock: clock)
        for _ in 1...50 { _ = await provider.openIDs?.openID(for: Self.code) }
        #expect(script.requests.count < 50)
        #expect(provider.pause(at: clock.now()) == nil)
    }
}
