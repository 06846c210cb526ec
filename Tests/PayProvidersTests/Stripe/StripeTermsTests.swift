import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The adapter's terms.
@Suite struct StripeTermsTests {
    private let provider = StripeFixture.provider()

    @Test func `one session serves pc, h5 and app, and jsapi not at all`() {
        #expect(Set(provider.terms.trades.keys) == [.pc, .h5, .app])
        for trade in provider.terms.trades.values { #expect(trade.serves == [.pc, .h5, .app]) }
        #expect(provider.terms.terminalsThatNeedOpenID.isEmpty)
    }

    @Test func `a close is proof, a number may be asked again, and an exposed session stays so`() throws {
        let trade = try #require(provider.terms.trades[.h5])
        #expect(trade.closeCanBeProven)
        #expect(trade.numberMayBeAskedAgain)
        #expect(!trade.exposedCanBeRevived)
        #expect(!trade.isBoundToPayer)
    }

    @Test func `a shorter life than 30 minutes is made longer, and no life is a day`() throws {
        #expect(provider.terms.trades[.pc]?.shortestLife == .extendTo(.seconds(1_800)))
        #expect(provider.terms.longestLife == .seconds(86_100))
    }

    @Test(arguments: [Terminal.pc, .h5, .app])
    func `a page is one address for all terminals, however it is asked for`(_ terminal: Terminal) async {
        let provider = StripeFixture.provider(answered: 200, StripeSample().json)
        #expect(await provider.create(StripeFixture.create(for: terminal)) == .made(StripeFixture.page))
    }

    @Test func `the channel is named stripe`() {
        #expect(provider.channel.name == "stripe")
    }

    @Test(arguments: [
        ("sk_test_1", false), ("rk_test_1", false), ("sk_live_1", true), ("rk_live_1", true), ("sk_org_1", true),
        ("pk_test_1", true), ("", true),
    ])
    func `only a key that says so is for tests`(_ key: String, _ isLive: Bool) {
        #expect(StripeFixture.configuration(key: key).isLive == isLive)
    }

    @Test func `a slash at the end of the base address changes nothing`() {
        let configuration = StripeConfiguration(
            secretKey: Secret("sk_test_1"), webhookSecret: Secret("whsec_1"), baseURL: "https://api.stripe.com//")
        #expect(configuration.baseURL == StripeConfiguration.production)
    }

    @Test func `no secret is printed with the configuration`() {
        let configuration = StripeFixture.configuration(key: "sk_test_hidden", secret: "whsec_hidden")
        var text = ""
        dump(configuration, to: &text)
        #expect(!"\(configuration)\(text)".contains("hidden"))
    }
}
