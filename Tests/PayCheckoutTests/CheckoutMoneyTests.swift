import PayCore
import Testing

@testable import PayCheckout

/// Amounts and times as each language writes them. `~` is a no-break space, `^` a narrow one, and the marks of direction
/// are left out.
@Suite struct CheckoutMoneyTests {
    private func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    switch scalar {
                    case "\u{A0}": "~"
                    case "\u{202F}": "^"
                    case "\u{200F}", "\u{2066}", "\u{2069}": nil
                    default: scalar
                    }
                }))
    }

    private func text(_ amount: Int64, _ code: String, in language: CheckoutLanguage) -> String {
        plain(language.text(Money(amount: amount, currency: Currency(code)!)!))
    }

    @Test(arguments: [
        (CheckoutLanguage.english, "CN¥1,234.56", "¥1,500", "₩1,500", "€1,234.56", "$1,234.56"),
        (.chinese, "¥1,234.56", "JP¥1,500", "₩1,500", "€1,234.56", "US$1,234.56"),
        (.traditionalChinese, "CN¥1,234.56", "¥1,500", "￦1,500", "€1,234.56", "US$1,234.56"),
        (.japanese, "元~1,234.56", "¥1,500", "₩1,500", "€1,234.56", "$1,234.56"),
        (.korean, "CN¥1,234.56", "JP¥1,500", "₩1,500", "€1,234.56", "US$1,234.56"),
        (.german, "1.234,56~CN¥", "1.500~¥", "1.500~₩", "1.234,56~€", "1.234,56~$"),
        (.french, "1^234,56~CNY", "1^500~JPY", "1^500~₩", "1^234,56~€", "1^234,56~$US"),
        (.spanish, "1234,56~CNY", "1500~JPY", "1500~KRW", "1234,56~€", "1234,56~US$"),
        (.arabic, "1,234.56~CN¥", "1,500~JP¥", "1,500~₩", "1,234.56~€", "1,234.56~US$"),
    ])
    func `an amount has the format of its language`(
        language: CheckoutLanguage, cny: String, jpy: String, krw: String, eur: String, usd: String
    ) {
        #expect(text(123_456, "CNY", in: language) == cny)
        #expect(text(1_500, "JPY", in: language) == jpy)
        #expect(text(1_500, "KRW", in: language) == krw)
        #expect(text(123_456, "EUR", in: language) == eur)
        #expect(text(123_456, "USD", in: language) == usd)
    }

    @Test func `an Arabic amount is one piece from left to right`() {
        let amount = CheckoutLanguage.arabic.text(Money(amount: 9_900, currency: Currency("CNY")!)!)
        #expect(amount == "\u{2066}99.00\u{A0}CN¥\u{2069}")
    }

    @Test(arguments: [
        (9_900, "CNY", "CN¥99.00", "¥99.00"), (123_456_789, "CNY", "CN¥1,234,567.89", "¥1,234,567.89"),
        (1_234_567, "KWD", "KWD~1,234.567", "KWD~1,234.567"), (1, "USD", "$0.01", "US$0.01"),
        (1_000_000_000_000, "EUR", "€10,000,000,000.00", "€10,000,000,000.00"),
    ])
    func `an amount has all its decimals, however large it is`(
        amount: Int64, code: String, english: String, chinese: String
    ) {
        #expect(text(amount, code, in: .english) == english)
        #expect(text(amount, code, in: .chinese) == chinese)
    }

    @Test(arguments: CheckoutLanguage.allCases) func `two currencies never look the same in one language`(
        language: CheckoutLanguage
    ) {
        let codes = ["CNY", "JPY", "KRW", "EUR", "USD", "TWD", "HKD", "KWD", "GBP", "AUD", "SGD"]
        let signs = codes.map { text(10_000, $0, in: language).filter { !$0.isNumber && !".,".contains($0) } }
        #expect(Set(signs).count == codes.count)
    }

    @Test(arguments: CheckoutLanguage.allCases) func `amounts and times have Latin digits in every language`(
        language: CheckoutLanguage
    ) {
        let shown = text(123_456, "CNY", in: language) + language.text(Instant(milliseconds: 1_795_341_600_000))
        let digits = shown.filter(\.isNumber)
        #expect(digits == digits.filter(\.isASCII))
    }

    @Test(arguments: [
        (CheckoutLanguage.english, "Nov 22, 2026 at 2:05^PM UTC"), (.chinese, "2026年11月22日 14:05 UTC"),
        (.traditionalChinese, "2026年11月22日 下午2:05 UTC"), (.japanese, "2026年11月22日 14:05 UTC"),
        (.korean, "2026년 11월 22일 오후 2:05 UTC"), (.german, "22. Nov. 2026, 14:05 UTC"),
        (.french, "22 nov. 2026 à 14:05 UTC"), (.spanish, "22 nov 2026, 14:05 UTC"),
        (.arabic, "22 نوفمبر، 2026، 2:05~م UTC"),
    ])
    func `a time has the format of its language`(language: CheckoutLanguage, shown: String) {
        let afternoon = Instant(milliseconds: 1_795_341_600_000) + .seconds(4 * 3_600 + 5 * 60)
        #expect(plain(language.text(afternoon)) == shown)
    }
}
