import PayCore
import PayFlow
import Testing

@testable import PayCheckout

private typealias S = CheckoutSample

/// The words about a channel, as buyers know its provider.
@Suite struct ChannelWordsTests {
    private func words(
        _ kind: ProviderKind, _ language: CheckoutLanguage, title: ChannelTitle = .standard
    ) -> ChannelWords {
        let channel = kind.shortFormChannel
        return S.place(language, channels: ChannelList([.init(channel, kind, title: title)])).words(of: channel)
    }

    @Test(arguments: [
        (ProviderKind.wechat, CheckoutLanguage.chinese, "打开微信，使用「扫一扫」扫描此二维码。", "前往微信付款"),
        (.alipay, .chinese, "打开支付宝，使用「扫一扫」扫描此二维码。", "前往支付宝付款"),
        (.stripe, .chinese, "用手机相机扫描此二维码。", "前往 Stripe 用银行卡支付"),
        (.wechat, .traditionalChinese, "開啟手機上的微信，點選「掃一掃」掃描此 QR Code。", "前往微信付款"),
        (
            .stripe, .german, "Scannen Sie diesen Code mit der Kamera Ihres Smartphones.",
            "Mit Karte bei Stripe bezahlen"
        ),
        (.alipay, .english, "Open Alipay on your phone, tap Scan, and point it at this code.", "Continue to Alipay"),
    ])
    func `a channel is told in the words of its provider's app`(
        kind: ProviderKind, language: CheckoutLanguage, scan: String, open: String
    ) {
        #expect(words(kind, language).scanLead == scan)
        #expect(words(kind, language).openButton == open)
    }

    @Test(arguments: CheckoutLanguage.allCases) func `the merchant's title replaces the provider's name`(
        language: CheckoutLanguage
    ) {
        let shown = words(.wechat, language, title: ChannelTitle(english: "Weixin HK", chinese: "微信香港"))
        let title = [.chinese, .traditionalChinese].contains(language) ? "微信香港" : "Weixin HK"
        #expect(shown.name == title && shown.company == title)
        #expect(shown.openTitle.contains(title) && shown.openButton.contains(title))
        #expect(shown.scanLead == language.texts.withWeChat.scanLead, "its code is scanned by the same app")
    }

    @Test(arguments: CheckoutLanguage.allCases) func `the sandbox's code says that no money moves`(
        language: CheckoutLanguage
    ) {
        let plain = words(.stripe, language).scanLead
        #expect(words(.sandbox, language).scanLead.hasPrefix(plain.dropLast()))
        #expect(words(.sandbox, language).scanLead.count > plain.count + 8)
    }

    @Test func `a code that this screen can't scan sends to the other ways only if there are any`() {
        let qr = S.order(.new, [S.attempt(1, .open, [S.page(.qr, .h5)], terminal: .h5)])
        #expect(S.view(S.visit(qr, .h5)).leads == [CheckoutTexts.english.cannotScanHere])
        let alone = S.view(S.visit(qr, .h5, channels: [Channel("alipay")!]))
        #expect(alone.leads == [CheckoutTexts.english.cannotScanHereAlone])
    }

    @Test func `a page offers no other way as safe while an earlier page may take money`() {
        let exposed = S.attempt(1, .exposed(closeUnansweredAt: nil), [S.page()])
        let safe = S.view(S.visit(S.order(.new, [S.attempt(1, S.creating)])))
        let unsafe = S.view(S.visit(S.order(.new, [exposed, S.attempt(2, S.creating)])))
        #expect(safe.alarm?.alarmAdvice == CheckoutTexts.english.unknownElsewhere && safe.ways != nil)
        #expect(unsafe.alarm?.alarmAdvice == CheckoutTexts.english.unknownStay && unsafe.ways == nil)
    }

    @Test func `a refusal says that nothing was charged only while no page could take money`() {
        func notice(_ attempts: [Attempt]) -> String? {
            S.view(S.visit(S.order(.new, attempts), news: .refused, wished: "wechat")).notice?.words
        }
        #expect(notice([S.attempt(1, .failed)]) == CheckoutTexts.english.refused)
        #expect(notice([S.attempt(1, .closed), S.attempt(2, .failed)]) == CheckoutTexts.english.refused)
        let exposed = S.attempt(1, .exposed(closeUnansweredAt: nil))
        #expect(notice([exposed, S.attempt(2, .failed)]) == CheckoutTexts.english.refusedForNow)
    }
}
