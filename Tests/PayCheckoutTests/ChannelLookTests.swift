import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// Names, marks and order of the channels.
@Suite struct ChannelLookTests {
    private let euro = Channel("alipay_eu")!
    private let alipay = S.channels[0]

    private func name(
        _ channel: Channel, _ entries: [ChannelList.Entry], _ language: CheckoutLanguage = .english
    ) -> String {
        S.place(language, channels: ChannelList(entries)).name(of: channel)
    }

    @Test func `a channel without a title has the provider's name`() {
        #expect(S.channels.map { S.place().name(of: $0) } == ["Alipay", "WeChat Pay", "Card (Stripe)"])
        #expect(name(alipay, [.init(alipay, .alipay)], .chinese) == CheckoutTexts.chinese.alipay)
        #expect(name(euro, [.init(euro, .alipay)]) == "Alipay", "the only account needs no other name")
    }

    @Test func `the merchant's title replaces the provider's name in its language`() {
        let title = ChannelTitle(english: "Alipay (Europe)", chinese: nil)
        let entries = [ChannelList.Entry(alipay, .alipay), .init(euro, .alipay, title: title)]
        #expect(name(euro, entries) == "Alipay (Europe)")
        #expect(name(alipay, entries) == "Alipay")
        let both = ChannelTitle(english: "A", chinese: "支付宝欧洲")
        #expect(name(euro, [.init(euro, .alipay, title: both)], .chinese) == "支付宝欧洲")
    }

    @Test func `two accounts of one provider are told apart even without titles`() {
        let entries = [ChannelList.Entry(alipay, .alipay), .init(euro, .alipay)]
        #expect(name(alipay, entries) == "Alipay")
        #expect(name(euro, entries) == "Alipay (alipay_eu)")
    }

    @Test func `a channel that is no longer configured has its own name, and a letter as its mark`() {
        let look = S.place().look(of: euro)
        #expect(look.name == "alipay_eu")
        #expect(look.mark.initial == "A" && look.mark.drawing == nil && look.mark.picture == nil)
    }

    @Test(arguments: zip(ProviderKind.allCases, ["#1677ff", "#07c160", "#635bff", "#6b7280"]))
    func `a mark is drawn in the provider's colour`(kind: ProviderKind, color: String) {
        let place = S.place(channels: ChannelList([.init(euro, kind)]))
        let drawing = place.look(of: euro).mark.drawing ?? ""
        #expect(drawing.contains("fill=\"\(color)\""))
        #expect(drawing.hasPrefix("<svg ") && drawing.hasSuffix("</svg>"))
        #expect(!drawing.contains("style") && !drawing.contains("http"))
    }

    @Test func `the merchant's picture replaces the mark`() {
        let picture = CheckoutImage(Array("<svg>".utf8))!
        let place = S.place(assets: CheckoutAssets(CheckoutRules(marks: [alipay: picture])))
        let mark = place.look(of: alipay).mark
        #expect(mark.picture?.hasPrefix("/checkouts/assets/mark-alipay.svg?v=") == true)
        #expect(mark.drawing == nil)
        #expect(place.look(of: S.channels[1]).mark.picture == nil)
    }

    @Test func `a title is text, not markup`() {
        let title = ChannelTitle(english: "<b>&", chinese: nil)
        let place = S.place(channels: ChannelList([.init(alipay, .alipay), .init(euro, .alipay, title: title)]))
        let order = S.order(.new, [S.attempt(1, .open, [S.page()])])
        let visit = S.visit(order, channels: [alipay, euro])
        let html = CheckoutTemplate.html(CheckoutView(visit, in: place, revision: "r"))
        #expect(html.contains("<bdi>&lt;b&gt;&amp;</bdi>"))
        #expect(!html.contains("<b>&"))
    }

    @Test func `channels are offered in the order in which they are handed in`() {
        let channels = [S.channels[1], S.channels[2], S.channels[0]]
        #expect(S.view(S.visit(S.order(), channels: channels)).offered == ["wechat", "stripe", "alipay"])
    }

    @Test func `a shop without a name leaves no gap`() {
        let order = S.order(.paid(by: TradeNumber(order: S.number, sequence: 1), at: S.now))
        let view = CheckoutView(S.visit(order), in: S.place(shop: nil), revision: "r")
        #expect(view.title == "Paid")
        #expect(view.summary?.shop == nil)
        #expect(view.leads == ["Thank you. The shop has received your payment."])
        #expect(!CheckoutTemplate.html(view).contains("class=\"shop\""))
    }

    @Test func `a logo without a name stands for the shop`() {
        let assets = CheckoutAssets(CheckoutRules(logo: CheckoutImage(Array("<svg>".utf8))))
        let view = CheckoutView(S.visit(S.order()), in: S.place(shop: nil, assets: assets), revision: "r")
        let html = CheckoutTemplate.html(view)
        #expect(html.contains("class=\"logo\""))
        #expect(html.contains("alt=\"The shop\""))
        #expect(!html.contains("aria-hidden=\"true\"></span><bdi>"))
    }
}
