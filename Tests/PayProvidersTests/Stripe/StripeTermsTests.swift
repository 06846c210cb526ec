import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The adapter's terms.
@Suite struct StripeTermsTests {
    private let provider = StripeFixture.provider()

    @Test func `one Stripe session serves pc, h5 and app, but not jsapi`() {
        #expect(Set(provider.terms.trades.keys) == [.pc, .h5, .app])
        for trade in provider.terms.trades.values { #expect(trade.serves == [.pc, .h5, .app]) }
        #expect(provider.terms.terminalsThatNeedOpenID.isEmpty)
    }

    @Test func `Stripe's terms: a proven close, repeatable numbers, no revival`() throws {
        let trade = try #require(provider.terms.trades[.h5])
        #expect(trade.closeCanBeProven)
        #expect(trade.numberMayBeAskedAgain)
        #expect(!trade.exposedCanBeRevived)
        #expect(!trade.isBoundToPayer)
    }

    @Test func `a Stripe life below 30 minutes is raised, and none reaches a day`() throws {
        #expect(provider.terms.trades[.pc]?.shortestLife == .extendTo(.seconds(1_800)))
        #expect(provider.terms.longestLife == .seconds(86_100))
    }

    @Test(arguments: [Terminal.pc, .h5, .app])
    func `a Stripe page is one URL for all terminals`(_ terminal: Terminal) async {
        let provider = StripeFixture.provider(answered: 200, StripeSample().json)
        #expect(await provider.create(StripeFixture.create(for: terminal)) == .made(StripeFixture.page))
    }

    @Test func `Stripe's default channel is stripe`() {
        #expect(provider.channel.name == "stripe")
    }

    @Test(arguments: [
        ("sk_test_1", false), ("rk_test_1", false), ("sk_live_1", true), ("rk_live_1", true), ("sk_org_1", true),
        ("pk_test_1", true), ("", true),
    ])
    func `only a Stripe test key is in test mode`(_ key: String, _ isLive: Bool) {
        #expect(StripeFixture.configuration(key: key).isLive == isLive)
    }

    @Test func `a trailing slash of Stripe's base URL is ignored`() {
        let configuration = StripeConfiguration(
            secretKey: Secret("sk_test_1"), webhookSecret: Secret("whsec_1"), baseURL: "https://api.stripe.com//")
        #expect(configuration.baseURL == StripeConfiguration.production)
    }

    @Test func `Stripe's configuration prints no secret`() {
        let configuration = StripeFixture.configuration(key: "sk_test_hidden", secret: "whsec_hidden")
        var text = ""
        dump(configuration, to: &text)
        #expect(!"\(configuration)\(text)".contains("hidden"))
    }
}
