import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Several appids of one merchant, over real HTTP.
@Suite(.timeLimit(.minutes(1))) struct WeChatPayAppIDTests {
    private typealias Fixture = WeChatPayFixture

    private struct Bench {
        let fake: FakeWeChatPay
        let clock: HandMovedClock
        let transport: CurlTransport

        func provider(_ appIDs: WeChatPayAppIDs = .fake, secret: String = FakeWeChatPay.oauthSecret)
            -> WeChatPayProvider
        {
            WeChatPayProvider(
                .fake(at: fake.baseURL, appIDs: appIDs, oauthSecret: secret),
                transport: GuardedTransport(transport, clock: clock), clock: clock)
        }

        /// The buyer's browser follows the redirect. Returns the code.
        func authorize(_ url: String) async throws -> String {
            let sent = url.prefix { $0 != "#" }
            let reply = try await transport.send(ProviderRequest(method: .get, url: String(sent)))
            let target = try #require(reply.header("Location"))
            let code = try #require(target.split(separator: "code=").last?.prefix { $0 != "&" })
            #expect(target == "https://pay.example/back?code=\(code)&state=abc123")
            return String(code)
        }
    }

    private func withBench(_ body: (Bench) async throws -> Void) async throws {
        let clock = HandMovedClock()
        let fake = FakeWeChatPay(clock: clock)
        try await fake.whileRunning {
            try await withTransport { try await body(Bench(fake: fake, clock: clock, transport: $0)) }
        }
    }

    /// The request that the flow would store for this terminal.
    private func stored(_ terminal: Terminal, by provider: WeChatPayProvider) -> StoredRequest {
        Fixture.stored(terminal, appID: provider.appID(for: terminal))
    }

    @Test func `each terminal pays by its own appid, and the others by the standard one`() {
        let appIDs = WeChatPayAppIDs("wx1", app: "wx2", jsapi: "wx3", mini: "wx4")
        #expect(Terminal.allCases.map { appIDs[$0] } == ["wx1", "wx1", "wx2", "wx3", "wx4"])
        #expect(Terminal.allCases.allSatisfy { WeChatPayAppIDs("wx1")[$0] == "wx1" })
    }

    @Test(arguments: [Terminal.app, .jsapi, .mini])
    func `an SDK page opens in the app whose appid it names, and nowhere else`(_ terminal: Terminal) async throws {
        try await withBench { bench in
            let provider = bench.provider()
            let answer = await provider.create(Fixture.create(stored(terminal, by: provider)))
            guard case .made(let page) = answer else { return #expect(Bool(false), "\(answer)") }
            #expect(page.serves == [terminal])
            try await bench.fake.open(page, terminal: terminal)
            for other in [Terminal.app, .jsapi, .mini] where other != terminal {
                await #expect(throws: (any Error).self, "\(other)") {
                    try await bench.fake.open(page, terminal: other)
                }
            }
        }
    }

    @Test func `a stored request keeps its appid after a change of the settings`() async throws {
        try await withBench { bench in
            let before = bench.provider(WeChatPayAppIDs(FakeWeChatPay.appID, app: FakeWeChatPay.appID))
            let request = Fixture.create(stored(.app, by: before))
            guard case .made = await before.create(request) else { return #expect(Bool(false), "no page") }
            let after = bench.provider()
            let answer = await after.create(request)
            guard case .made(let page) = answer else { return #expect(Bool(false), "\(answer)") }
            #expect(page.content.contains(FakeWeChatPay.appID))
            try await bench.fake.open(page, terminal: .app)
            _ = try await bench.fake.pay(Fixture.number.text)
            guard case .paid(let receipt) = await after.query(Fixture.trade) else {
                return #expect(Bool(false), "not paid")
            }
            #expect(receipt.namesOurAccount && receipt.appID == FakeWeChatPay.appID)
        }
    }

    @Test func `WeChat refuses a known number with another appid`() async throws {
        try await withBench { bench in
            let provider = bench.provider()
            guard case .made = await provider.create(Fixture.create(stored(.app, by: provider))) else {
                return #expect(Bool(false), "no page")
            }
            let other = Fixture.create(Fixture.stored(.app, appID: FakeWeChatPay.appID))
            #expect(await provider.create(other) == .refused(reason: "INVALID_REQUEST"))
        }
    }

    @Test func `an appid that is not bound to the merchant is refused for good`() async throws {
        try await withBench { bench in
            let provider = bench.provider(WeChatPayAppIDs(FakeWeChatPay.appID, mini: FakeWeChatPay.foreignAppID))
            let answer = await provider.create(Fixture.create(stored(.mini, by: provider)))
            #expect(answer == .refused(reason: "APPID_MCHID_NOT_MATCH"))
            #expect(bench.fake.trades.isEmpty)
        }
    }

    @Test func `an openid of another app is refused`() async throws {
        try await withBench { bench in
            let provider = bench.provider()
            guard case .made = await provider.create(Fixture.create(stored(.jsapi, by: provider))) else {
                return #expect(Bool(false), "no page")
            }
            let mini = CreateRequest(
                tradeNumber: TradeNumber("20261122_0001_2")!, channel: Fixture.channel,
                stored: stored(.mini, by: provider), terminal: .mini, openID: "", createdAt: Fixture.now)
            #expect(await provider.create(mini) == .refused(reason: "OPENID_MISMATCH"))
        }
    }

    @Test func `a create without a stored appid is not sent`() async throws {
        try await withBench { bench in
            let answer = await bench.provider().create(Fixture.create(Fixture.stored(.pc, appID: nil)))
            #expect(answer == .refused(reason: "APPID_MISSING"))
            #expect(bench.fake.requests.isEmpty)
        }
    }

    @Test func `a buyer inside WeChat is known by the openid of the official account`() async throws {
        try await withBench { bench in
            let provider = bench.provider()
            let source = try #require(provider.openIDs)
            let url = source.authorizationURL(returningTo: "https://pay.example/back", state: "abc123")
            #expect(await source.openID(for: try await bench.authorize(url)) == .found(FakeWeChatPay.buyerOpenID))
            bench.fake.changeBuyer(to: "oAnother")
            let code = try await bench.authorize(url)
            #expect(await source.openID(for: code) == .found("oAnother"))
            #expect(await source.openID(for: code) == .codeRefused)
        }
    }

    @Test func `an OAuth code lives five minutes and belongs to its appid`() async throws {
        try await withBench { bench in
            let source = try #require(bench.provider().openIDs)
            let url = source.authorizationURL(returningTo: "https://pay.example/back", state: "abc123")
            let late = try await bench.authorize(url)
            bench.clock.advance(by: .seconds(299))
            let other = try #require(bench.provider(WeChatPayAppIDs(FakeWeChatPay.appID)).openIDs)
            #expect(await other.openID(for: late) == .codeRefused)
            bench.clock.advance(by: .seconds(1))
            #expect(await source.openID(for: late) == .codeRefused)
        }
    }

    @Test func `a wrong OAuth secret is unknown, with WeChat's code`() async throws {
        try await withBench { bench in
            let source = try #require(bench.provider(secret: "0123456789abcdef0123456789abcdef").openIDs)
            guard case .unknown(let doubt) = await source.openID(for: "a") else {
                return #expect(Bool(false), "not unknown")
            }
            #expect(doubt.reason.text == "code:40125" && doubt.reason.error?.weight == .refusal)
        }
    }

    @Test(arguments: [
        "state=a&redirect_uri=https%3A%2F%2Fpay.example&response_type=code&scope=snsapi_base&appid=wx2421b1c4370ec43b",
        "appid=wx2421b1c4370ec43b&redirect_uri=https%3A%2F%2Fpay.example&response_type=code&scope=snsapi_base&state=a.b",
        "appid=wx2421b1c4370ec43b&redirect_uri=http%3A%2F%2Fpay.example&response_type=code&scope=snsapi_base&state=a",
        "appid=wx8888888888888888&redirect_uri=https%3A%2F%2Fpay.example&response_type=code&scope=snsapi_base&state=a",
    ])
    func `the fake's authorize page refuses what WeChat refuses`(_ query: String) async throws {
        try await withBench { bench in
            let reply = try await bench.transport.send(
                ProviderRequest(method: .get, url: "\(bench.fake.authorizeURL)?\(query)"))
            #expect(reply.status == 200 && reply.header("Location") == nil)
        }
    }
}
