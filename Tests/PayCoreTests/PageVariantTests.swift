import PayCore
import Testing

@Suite struct PageVariantTests {
    @Test func `two variants are the same by every part, the openid by its bytes`() {
        let channels: [Channel?] = [nil, Channel("wechat"), Channel("alipay")]
        // The last two are one letter to Swift: a composed and a decomposed spelling.
        let openIDs: [String?] = [nil, "", "K1", "\u{212A}1", "\u{E9}", "e\u{301}"]
        var variants: [PageVariant] = []
        for channel in channels {
            for terminal in [nil] + Terminal.allCases.map(Optional.some) {
                for openID in openIDs {
                    variants.append(PageVariant(channel: channel, terminal: terminal, openID: openID))
                }
            }
        }
        #expect(Set(variants).count == variants.count)
        for variant in variants {
            let again = PageVariant(channel: variant.channel, terminal: variant.terminal, openID: variant.openID)
            #expect(again == variant && again.hashValue == variant.hashValue)
        }
        #expect(variants[0] == .any)
    }
}
