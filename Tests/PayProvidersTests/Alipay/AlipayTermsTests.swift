import PayCore
import Testing

@testable import PayProviders

@Suite struct AlipayTermsTests {
    @Test func `signed Alipay pages of the three terminals belong to one trade`() throws {
        let terms = AlipayFixture.configuration(pcMethod: .page).terms
        #expect(Set(terms.trades.keys) == [.pc, .h5, .app])
        for trade in terms.trades.values {
            #expect(trade.serves == [.pc, .h5, .app])
            #expect(trade.numberMayBeAskedAgain)
        }
    }

    @Test func `a precreated Alipay code is a trade of its own, whose number can't be repeated`() throws {
        let terms = AlipayFixture.configuration(pcMethod: .precreate).terms
        #expect(Set(terms.trades.keys) == [.pc, .h5, .app])
        let code = try #require(terms.trades[.pc])
        #expect(code.serves == [.pc])
        #expect(!code.numberMayBeAskedAgain)
        for terminal in [Terminal.h5, .app] {
            #expect(terms.trades[terminal]?.serves == [.h5, .app])
            #expect(terms.trades[terminal]?.numberMayBeAskedAgain == true)
        }
    }

    @Test(arguments: AlipayConfiguration.PCMethod.allCases)
    func `Alipay's terms: no proven close, revival, and a life of a minute to 15 days`(
        _ method: AlipayConfiguration.PCMethod
    ) {
        let terms = AlipayFixture.configuration(pcMethod: method).terms
        for trade in terms.trades.values {
            #expect(!trade.closeCanBeProven)
            #expect(trade.exposedCanBeRevived)
            #expect(!trade.isBoundToPayer)
            #expect(trade.shortestLife == .refuseBelow(.seconds(60)))
        }
        #expect(terms.currencies == ["CNY"])
        #expect(terms.longestLife == .seconds(1_296_000))
        #expect(terms.terminalsThatNeedOpenID.isEmpty)
    }

    @Test func `Alipay's default channel is alipay and its default gateway the live one`() {
        #expect(AlipayFixture.provider().channel.name == "alipay")
        #expect(AlipayConfiguration.production == "https://openapi.alipay.com/gateway.do")
    }
}
