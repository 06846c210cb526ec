import PayCore
import Testing

@testable import PayCheckout

@Suite struct CheckoutTextsTests {
    /// Every text of a language by its name.
    private func all(_ texts: CheckoutTexts) -> [String: String] {
        let words = Mirror(reflecting: texts).children.compactMap { child in
            (child.value as? String).map { (child.label ?? "", $0) }
        }
        return Dictionary(uniqueKeysWithValues: words).merging(phrases(texts)) { text, _ in text }
    }

    /// The texts with a placeholder by their names.
    private func phrases(_ texts: CheckoutTexts) -> [String: String] {
        let named = Mirror(reflecting: texts).children.flatMap { child -> [(String, String)] in
            let name = child.label ?? ""
            if let phrase = child.value as? Phrase { return [(name, phrase.pattern)] }
            guard let refund = child.value as? RefundPhrases else { return [] }
            return [
                ("\(name).underWay", refund.underWay.pattern), ("\(name).done", refund.done.pattern),
                ("\(name).failed", refund.failed.pattern),
            ]
        }
        return Dictionary(uniqueKeysWithValues: named)
    }

    @Test func `each language has every checkout text in its own words`() {
        let english = all(.english)
        let chinese = all(.chinese)
        #expect(english.count > 80)
        for (name, text) in english {
            #expect(!text.isEmpty, "\(name)")
            #expect(text != chinese[name], "\(name)")
            #expect(chinese[name]?.contains { ("一"..."鿿").contains($0) } == true, "\(name)")
            #expect(text.unicodeScalars.allSatisfy { $0.value < 0x2100 }, "\(name)")
        }
    }

    @Test(arguments: CheckoutLanguage.allCases) func `each phrase has one placeholder`(language: CheckoutLanguage) {
        let phrases = phrases(language.texts)
        for (name, text) in all(language.texts) {
            let places = text.split(separator: "{}", omittingEmptySubsequences: false).count - 1
            #expect(places == (phrases[name] == nil ? 0 : 1), "\(name)")
        }
    }

    @Test(arguments: [
        ([], CheckoutLanguage.english), (["zh-CN,zh;q=0.9,en;q=0.8"], .chinese), (["en-GB, zh;q=0.9"], .english),
        (["de, zh-TW;q=0.5, en;q=0.4"], .chinese), (["de"], .english), (["zh;q=0, en;q=0"], .english),
        (["fr;q=1", "zh;q=0.2"], .chinese), ([";;,q=,zh;q=x"], .chinese), (["ZH"], .chinese), (["*"], .english),
    ])
    func `the page uses the browser's language if it has it`(headers: [String], language: CheckoutLanguage) {
        #expect(CheckoutLanguage.preferred(by: headers) == language)
    }

    @Test(arguments: [
        (9_900, "CNY", "CN¥99.00", "¥99.00"), (123_456_789, "CNY", "CN¥1,234,567.89", "¥1,234,567.89"),
        (500, "JPY", "¥500", "JP¥500"), (1_234_567, "KWD", "KWD 1,234.567", "KWD 1,234.567"),
        (1, "USD", "$0.01", "US$0.01"),
        (1_000_000_000_000, "EUR", "€10,000,000,000.00", "€10,000,000,000.00"),
    ])
    func `an amount has the format of its language`(amount: Int64, code: String, english: String, chinese: String) {
        let money = Money(amount: amount, currency: Currency(code)!)!
        // The space between currency and amount does not break.
        func plain(_ text: String) -> String { text.replacing("\u{A0}", with: " ") }
        #expect(plain(CheckoutLanguage.english.text(money)) == english)
        #expect(plain(CheckoutLanguage.chinese.text(money)) == chinese)
    }

    @Test func `each refusal has a news word, unless the order's state shows it`() {
        let pause = Duration.seconds(7)
        #expect(CheckoutNews(.providerRefused) == .refused)
        #expect(CheckoutNews(.providerUnavailable(retryAfter: pause)) == .unavailable)
        #expect(CheckoutNews(.channelUnavailable) == .unavailable)
        #expect(CheckoutNews(.unacceptable([])) == .unavailable)
        #expect(CheckoutNews(.tooOften(retryAfter: pause)) == .tooOften)
        #expect(CheckoutNews(.tooManyAttempts) == .tooMany)
        #expect(CheckoutNews(.switchUnsafe) == .unsafe)
        #expect(CheckoutNews(.inProgress(retryAfter: pause)) == .busy)
        #expect(CheckoutNews(.providerUnknown(retryAfter: pause)) == .unknown)
        #expect(CheckoutNews(.tooLate) == nil)
        #expect(CheckoutNews(.orderNotNew(.paid)) == nil)
        #expect(PayRefusal.providerUnknown(retryAfter: pause).retryAfter == pause)
        #expect(PayRefusal.providerRefused.retryAfter == nil)
    }
}

@Suite struct CheckoutTerminalTests {
    private static let windows =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"

    @Test(arguments: [
        (nil, Terminal.pc), ("", .pc), (windows, .pc), ("curl/8.0", .pc),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17 Safari/605.1.15", .pc),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", .h5),
        ("Mozilla/5.0 (iPad; CPU OS 12_0 like Mac OS X) AppleWebKit/605.1.15", .h5),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", .h5),
        ("Mozilla/5.0 (Linux; Android 14; Tablet) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", .h5),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile AlipayClient/10.5", .h5),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.40 NetType/WIFI", .jsapi),
        ("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20 NetType/WIFI WindowsWechat", .pc),
    ])
    func `the terminal is derived from the user agent`(userAgent: String?, terminal: Terminal) {
        #expect(CheckoutTerminal.of(userAgent: userAgent) == terminal)
    }
}
