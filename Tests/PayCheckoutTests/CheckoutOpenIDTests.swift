import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// The buyer opens the link inside WeChat, whose page can learn the openid.
@Suite(.timeLimit(.minutes(5))) struct CheckoutOpenIDTests {
    private static let inWeChat = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.40"

    /// An order that leaves the choice to the buyer, two accounts at WeChat, and a sandbox.
    private struct Play: Sendable {
        let service: TestService
        let shopper: Shopper
        let provider: ScriptedProvider
        let openIDs: ScriptedOpenIDs

        /// Presses the button, and returns the state that WeChat is given.
        func press(_ channel: String = "wechat") async throws -> String {
            let sent = try await get("/authorize?channel=\(channel)")
            #expect(sent.status == 303)
            let address = try #require(sent.header("Location"))
            #expect(address.contains("redirect_uri=http://127.0.0.1:\(service.port)\(shopper.link)/openid&"))
            return try state(in: address)
        }

        func state(in address: String) throws -> String {
            let match = try #require(address.firstMatch(of: /state=([0-9A-Za-z]+)#wechat_redirect/))
            return String(match.1)
        }

        /// WeChat sends the buyer back.
        func comeBack(_ state: String, code: String = "code-1") async throws -> Answer {
            try await get("/openid?code=\(code)&state=\(state)")
        }

        func get(_ path: String) async throws -> Answer {
            try await service.client.get(
                shopper.link + path, as: .nobody,
                headers: ["User-Agent": shopper.userAgent, "Accept-Language": "en"])
        }
    }

    private func withPlay(_ body: @Sendable (Play) async throws -> Void) async throws {
        let trade = TradeTerms(
            serves: [.jsapi], isBoundToPayer: true, shortestLife: .refuseBelow(.zero), closeCanBeProven: true,
            numberMayBeAskedAgain: true, exposedCanBeRevived: false)
        let terms = ProviderTerms(trades: [.jsapi: trade], terminalsThatNeedOpenID: [.jsapi])
        let (provider, other) = (
            ScriptedProvider(Channel("wechat")!, terms: terms), ScriptedProvider(Channel("wechat_eu")!, terms: terms)
        )
        let openIDs = ScriptedOpenIDs()
        provider.has(openIDs)
        other.has(ScriptedOpenIDs())
        var setup = TestSetup(comparesLanes: false)
        setup.otherProviders = [provider, other]
        try await withService(setup) { service in
            let first = Sample.body(Sample.number, ["channel": .null, "terminal": .null])
            #expect(try await service.client.pay(first).status == 201)
            var shopper = service.shopper()
            shopper.userAgent = Self.inWeChat
            try await body(Play(service: service, shopper: shopper, provider: provider, openIDs: openIDs))
        }
        #expect(provider.isPlayedOut)
    }

    private func page(_ content: String = #"{"appId":"wx1"}"#) -> CreateAnswer {
        .made(ProviderPage(kind: .sdk, content: content, serves: [.jsapi], usableFor: .seconds(600)))
    }

    @Test func `looking shows the button to pay, and calls neither WeChat nor a provider`() async throws {
        try await withPlay { play in
            let look = try await play.shopper.look()
            #expect(look.state == "choose")
            #expect(look.text.contains("href=\"\(play.shopper.link)/authorize?channel=wechat\""))
            #expect(look.text.contains("href=\"\(play.shopper.link)/authorize?channel=wechat_eu\""))
            #expect(play.openIDs.codes.isEmpty && play.provider.calls.isEmpty)
        }
    }

    @Test func `a press sends the buyer to WeChat, and calls no provider`() async throws {
        try await withPlay { play in
            _ = try await play.press()
            #expect(play.openIDs.codes.isEmpty && play.provider.calls.isEmpty)
            #expect(try await play.service.client.order().json["attempts"].items.isEmpty)
        }
    }

    @Test func `the code becomes a payment by jsapi, and stays out of the address and the log`() async throws {
        try await withPlay { play in
            let state = try await play.press()
            play.openIDs.willAnswer(.found("openid-of-the-buyer"))
            play.provider.willCreate(page())
            let back = try await play.comeBack(state, code: "secret-code")
            #expect(back.status == 303)
            #expect(back.header("Location") == "\(play.shopper.link)?pay=now")
            #expect(play.openIDs.codes == ["secret-code"])
            let create = try #require(play.provider.creates.first)
            #expect(create.terminal == .jsapi && create.openID == "openid-of-the-buyer")

            let ready = try await play.shopper.look("?pay=now")
            #expect(ready.state == "ready" && ready.text.contains("data-bridge"))
            #expect(!ready.text.contains("openid-of-the-buyer"))
            let log = play.service.log.all.joined(separator: "\n")
            #expect(log.contains("/checkout/{token}/openid"))
            for secret in ["secret-code", "openid-of-the-buyer", state] { #expect(!log.contains(secret)) }
        }
    }

    @Test func `a used code with a live page leads to the page, and without one to WeChat, once`() async throws {
        try await withPlay { play in
            let state = try await play.press()
            play.openIDs.willAnswer(.codeRefused)
            let again = try await play.comeBack(state)
            let repeated = try play.state(in: try #require(again.header("Location")))
            #expect(repeated != state)
            play.openIDs.willAnswer(.codeRefused)
            let refused = try await play.comeBack(repeated)
            let address = try #require(refused.header("Location"))
            #expect(address.contains("news=unavailable"))
            let told = try await play.shopper.look(String(address.dropFirst(play.shopper.link.count)))
            #expect(told.notice == "unavailable" && told.text.contains("/authorize?channel=wechat\""))

            play.openIDs.willAnswer(.found("o1"), .codeRefused)
            play.provider.willCreate(page())
            let fresh = try await play.press()
            _ = try await play.comeBack(fresh)
            #expect(try await play.comeBack(fresh).header("Location") == play.shopper.link)
        }
    }

    @Test func `a failed exchange is told and logged with its reason`() async throws {
        try await withPlay { play in
            play.openIDs.willAnswer(.unknown(.unanswered(.timeout)))
            let back = try await play.comeBack(try await play.press())
            #expect(back.header("Location")?.contains("news=unavailable") == true)
            let lines = play.service.log.all
            let line = lines.first { $0.contains("openid exchange failed") }
            #expect(line?.contains("channel=wechat") == true && line?.contains("reason=timeout") == true)
        }
    }

    @Test func `a foreign, changed or old state exchanges no code`() async throws {
        try await withPlay { play in
            let other = Sample.body("order_2", ["channel": .null, "terminal": .null])
            #expect(try await play.service.client.pay(other, key: "key-2").status == 201)
            var foreign = play.service.shopper("order_2")
            foreign.userAgent = Self.inWeChat
            let elsewhere = Play(
                service: play.service, shopper: foreign, provider: play.provider, openIDs: play.openIDs)
            let state = try await play.press()
            for back in [
                try await elsewhere.comeBack(state), try await play.comeBack(state + "00"),
                try await play.comeBack(""), try await play.get("/openid?state=\(state)"),
            ] {
                #expect(back.status == 303 && back.header("Location")?.contains("?") == false)
            }
            play.service.clock.advance(by: .seconds(600))
            #expect(try await play.comeBack(state).header("Location") == play.shopper.link)
            #expect(play.openIDs.codes.isEmpty && play.provider.calls.isEmpty)
        }
    }

    @Test func `exchanges are limited like other calls to a provider`() async throws {
        try await withPlay { play in
            let state = try await play.press()
            for _ in 0..<20 { play.openIDs.willAnswer(.unknown(.answered(.serverError))) }
            for _ in 0..<20 { _ = try await play.comeBack(state) }
            let often = try await play.comeBack(state)
            #expect(often.header("Location")?.contains("news=toooften") == true)
            #expect(play.openIDs.codes.count == 20)
        }
    }

    @Test func `an order that is over identifies nobody`() async throws {
        try await withPlay { play in
            let state = try await play.press()
            #expect(try await play.service.client.close().status == 200)
            #expect(try await play.comeBack(state).header("Location") == play.shopper.link)
            #expect(try await play.get("/authorize?channel=wechat").header("Location") == play.shopper.link)
            #expect(play.openIDs.codes.isEmpty)
        }
    }

    @Test func `another buyer who opens the link can be identified in place of the first`() async throws {
        try await withPlay { play in
            play.openIDs.willAnswer(.found("o1"), .found("o2"))
            play.provider.willCreate(page("first"), page("second"))
            play.provider.willClose(.accepted)
            play.provider.willQuery(.closed)
            _ = try await play.comeBack(try await play.press())
            let look = try await play.shopper.look()
            #expect(look.text.contains("data-identify=\"\(play.shopper.link)/authorize?channel=wechat\""))
            _ = try await play.comeBack(try await play.press(), code: "code-2")
            #expect(play.provider.creates.map(\.openID) == ["o1", "o2"])
            #expect(try await play.shopper.look().text.contains("second"))
        }
    }
}
