import PayCore
import Testing

@testable import PayProviders

@Suite struct AlipayTermsTests {
    @Test func `signed pages of the three terminals belong to one trade`() throws {
        let terms = AlipayFixture.configuration(pcMethod: .page).terms
        #expect(Set(terms.trades.keys) == [.pc, .h5, .app])
        for trade in terms.trades.values {
            #expect(trade.serves == [.pc, .h5, .app])
            #expect(trade.numberMayBeAskedAgain)
        }
    }

    @Test func `a precreated code is a trade of its own, whose number may not be asked again`() throws {
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
    func `no close is a proof, what was offered can be revived, and nobody lives below a minute or beyond 15 days`(
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

    @Test func `the channel is alipay, and the gateway is the real one unless told otherwise`() {
        #expect(AlipayFixture.provider().channel.name == "alipay")
        #expect(AlipayConfiguration.production == "https://openapi.alipay.com/gateway.do")
    }
}
