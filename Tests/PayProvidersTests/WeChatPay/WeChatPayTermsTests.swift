import PayCore
import Testing

@testable import PayProviders

@Suite struct WeChatPayTermsTests {
    private let terms = WeChatPayFixture.listener.terms

    @Test func `each WeChat product has its own trade, which serves no other`() throws {
        #expect(Set(terms.trades.keys) == Set(Terminal.allCases))
        for (terminal, trade) in terms.trades {
            #expect(trade.serves == [terminal])
            #expect(trade.isBoundToPayer == (terminal == .jsapi || terminal == .mini))
            #expect(trade.numberMayBeAskedAgain && trade.closeCanBeProven && !trade.exposedCanBeRevived)
        }
    }

    @Test func `a deadline that WeChat would move is never requested`() throws {
        for trade in terms.trades.values { #expect(trade.shortestLife == .refuseBelow(.seconds(60))) }
        let longest = try #require(terms.longestLife)
        #expect(longest == .seconds(15 * 86_400 - 300))
    }

    @Test func `WeChat takes CNY only, needs an openid inside WeChat and the client IP for h5`() {
        #expect(terms.currencies == ["CNY"])
        #expect(terms.terminalsThatNeedOpenID == [.jsapi, .mini])
        #expect(terms.terminalsThatNeedClientIP == [.h5])
        #expect(WeChatPayFixture.listener.channel.name == "wechat")
    }

    @Test func `WeChat without platform certificates needs no fetch`() async {
        #expect(WeChatPayFixture.listener.certificates == nil && !WeChatPayFixture.listener.needsCertificates)
        await WeChatPayFixture.listener.refreshCertificates()
    }
}
