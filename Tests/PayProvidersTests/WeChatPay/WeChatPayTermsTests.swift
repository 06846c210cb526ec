import PayCore
import Testing

@testable import PayProviders

@Suite struct WeChatPayTermsTests {
    private let terms = WeChatPayFixture.listener.terms

    @Test func `each product is a trade of its own, and serves nothing else`() throws {
        #expect(Set(terms.trades.keys) == Set(Terminal.allCases))
        for (terminal, trade) in terms.trades {
            #expect(trade.serves == [terminal])
            #expect(trade.isBoundToPayer == (terminal == .jsapi))
            #expect(trade.numberMayBeAskedAgain && trade.closeCanBeProven && !trade.exposedCanBeRevived)
        }
    }

    @Test func `a deadline that WeChat would move is never asked for`() throws {
        for trade in terms.trades.values { #expect(trade.shortestLife == .refuseBelow(.seconds(60))) }
        let longest = try #require(terms.longestLife)
        #expect(longest == .seconds(15 * 86_400 - 300))
    }

    @Test func `it takes CNY alone, wants an openid for jsapi, and the reader's address for h5`() {
        #expect(terms.currencies == ["CNY"])
        #expect(terms.terminalsThatNeedOpenID == [.jsapi])
        #expect(terms.terminalsThatNeedClientIP == [.h5])
        #expect(WeChatPayFixture.listener.channel.name == "wechat")
    }

    @Test func `without platform certificates there is nothing to fetch`() async {
        #expect(WeChatPayFixture.listener.certificates == nil && !WeChatPayFixture.listener.needsCertificates)
        await WeChatPayFixture.listener.refreshCertificates()
    }
}
