import PayCore
import Testing

@testable import PayCheckout

/// The texts of the hosted page in each language.
@Suite struct CheckoutTextsTests {
    @Test(arguments: CheckoutLanguage.allCases) func `each language has every checkout text`(
        language: CheckoutLanguage
    ) {
        let texts = ShownTexts.all(of: language)
        #expect(texts.count > 140)
        #expect(texts.map(\.name) == ShownTexts.all(of: .english).map(\.name))
        for text in texts {
            #expect(!text.words.isEmpty, "\(text.name)")
            #expect(text.words.first?.isWhitespace != true && text.words.last?.isWhitespace != true, "\(text.name)")
            #expect(!text.words.contains("  ") && !text.words.contains("\n"), "\(text.name)")
        }
    }

    @Test(arguments: CheckoutLanguage.allCases) func `each phrase has one placeholder`(language: CheckoutLanguage) {
        for text in ShownTexts.all(of: language) {
            #expect(text.words.ranges(of: "{}").count == (text.isPhrase ? 1 : 0), "\(text.name)")
        }
    }

    @Test(arguments: CheckoutLanguage.allCases.filter { $0 != .english })
    func `no text of another language is left`(language: CheckoutLanguage) {
        let english = Dictionary(uniqueKeysWithValues: ShownTexts.all(of: .english).map { ($0.name, $0.words) })
        for text in ShownTexts.all(of: language) {
            // A name may be the same. A sentence may not.
            #expect(text.words != english[text.name] || !text.words.contains(" ") || text.isName, "\(text.name)")
            let scripts = Set(text.words.unicodeScalars.compactMap(Script.init))
            if let own = Script.own(of: language) {
                #expect(!own.isDisjoint(with: scripts), "\(text.name)")
                #expect(scripts.isSubset(of: own.union([.latin])), "\(text.name)")
                #expect(text.latinWords.isSubset(of: Self.names), "\(text.name)")
            } else {
                #expect(scripts == [.latin], "\(text.name)")
            }
        }
    }

    /// The names that each language writes in Latin letters.
    private static let names: Set<String> = [
        "Alipay", "WeChat", "Pay", "Stripe", "QR", "Code", "App", "JavaScript",
    ]

    @Test func `simplified and traditional characters are not mixed`() {
        let simplified = Set("订单这个时间过还没页码扫开关闭换请选择应浏览电脑机联络网间处误给钱为从对话点击")
        let traditional = Set("訂單這個時間過還沒頁碼掃開關閉換請選擇應瀏覽電腦機聯絡網間處誤給錢為從對話點擊")
        for text in ShownTexts.all(of: .chinese) {
            #expect(traditional.subtracting(simplified).isDisjoint(with: text.words), "\(text.name)")
        }
        for text in ShownTexts.all(of: .traditionalChinese) {
            #expect(simplified.subtracting(traditional).isDisjoint(with: text.words), "\(text.name)")
        }
    }

    @Test func `French has no-break spaces at its punctuation`() {
        for text in ShownTexts.all(of: .french) {
            let scalars = Array(text.words.unicodeScalars)
            for (index, scalar) in scalars.enumerated() where index > 0 {
                switch scalar {
                case "?", "!", ";": #expect(scalars[index - 1] == "\u{202F}", "\(text.name)")
                case ":", "»": #expect(scalars[index - 1] == "\u{A0}", "\(text.name)")
                default: #expect(scalars[index - 1] != "«" || scalar == "\u{A0}", "\(text.name)")
                }
            }
            #expect(!text.words.contains("'"), "\(text.name)")
        }
    }

    @Test func `a Spanish question has both of its marks`() {
        for text in ShownTexts.all(of: .spanish) {
            #expect(text.words.contains("?") == text.words.contains("¿"), "\(text.name)")
            #expect(text.words.contains("!") == text.words.contains("¡"), "\(text.name)")
        }
    }

    /// In columns of a monospaced font: a CJK character has two.
    private static let widestButton = 46

    @Test(arguments: CheckoutLanguage.allCases) func `a button's text fits on two lines of a phone`(
        language: CheckoutLanguage
    ) {
        let texts = language.texts
        let names = [texts.alipay, texts.wechat, texts.stripe, texts.sandbox]
        let buttons =
            [texts.withAlipay, texts.withWeChat, texts.withStripe, texts.withSandbox].map(\.openButton)
            + names.flatMap { [texts.invokeButton($0), texts.goOnButton($0), texts.openButton($0)] }
            + [
                texts.freshCode, texts.renewButton, texts.payHere, texts.tryAgain, texts.checkAgain, texts.backToShop,
                texts.cancel, texts.handoff, texts.openInBrowser, texts.stayHere, texts.backToCode,
            ]
        for button in buttons { #expect(ShownTexts.columns(of: button) <= Self.widestButton, "\(button)") }
    }

    @Test(arguments: [
        ("Thank you. {} has it.", "Blue Teapot", "Thank you. Blue Teapot has it."),
        ("Thank you. {} has it.", "مقهى", "Thank you. \u{2068}مقهى\u{2069} has it."),
        ("استلم {} دفعتك.", "Blue Teapot", "استلم \u{2068}Blue Teapot\u{2069} دفعتك."),
    ])
    func `a filling of the other direction is isolated`(pattern: String, filling: String, text: String) {
        #expect(Phrase(stringLiteral: pattern)(filling) == text)
    }
}

/// A text of the page, with its member's name.
struct ShownText {
    let name: String
    let words: String
    let isPhrase: Bool

    /// A provider's name, which may be the same in several languages.
    var isName: Bool { ["alipay", "wechat", "stripe", "sandbox"].contains(name) || name.hasSuffix(".company") }

    var latinWords: Set<String> {
        let words = words.split { !$0.isLetter || !$0.isASCII }
        return Set(words.map(String.init))
    }
}

enum ShownTexts {
    /// Every text of a language, with those of its providers and refunds.
    static func all(of language: CheckoutLanguage) -> [ShownText] { texts(of: language.texts, under: "") }

    private static func texts(of value: Any, under path: String) -> [ShownText] {
        Mirror(reflecting: value).children.flatMap { child -> [ShownText] in
            let name = path + (child.label ?? "")
            if let words = child.value as? String { return [ShownText(name: name, words: words, isPhrase: false)] }
            if let phrase = child.value as? Phrase {
                return [ShownText(name: name, words: phrase.pattern, isPhrase: true)]
            }
            return texts(of: child.value, under: name + ".")
        }
    }

    /// The width in columns of a monospaced font.
    static func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ((0x1100...0xFFEF).contains($1.value) && $1.value > 0x2E7F ? 2 : 1) }
    }
}

/// The scripts that tell the languages apart.
private enum Script {
    case latin, han, kana, hangul, arabic

    /// Nil for what several scripts share, such as digits.
    init?(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: self = .latin
        case 0x3041...0x30FA: self = .kana
        case 0x3400...0x9FFF: self = .han
        case 0xAC00...0xD7A3: self = .hangul
        case 0x620...0x64A: self = .arabic
        default: return nil
        }
    }

    /// The scripts of a language besides Latin; nil if it has none.
    static func own(of language: CheckoutLanguage) -> Set<Script>? {
        switch language {
        case .chinese, .traditionalChinese: [.han]
        case .japanese: [.han, .kana]
        case .korean: [.hangul]
        case .arabic: [.arabic]
        case .english, .german, .french, .spanish: nil
        }
    }
}
