import PayCore
import Testing

@testable import PayConsole

@Suite struct MoneyTextTests {
    private let yuan = Currency("CNY")!
    private let yen = Currency("JPY")!
    private let dinar = Currency("KWD")!

    @Test func `an amount is shown in the major unit of its currency`() {
        #expect(MoneyText.text(9_900, "CNY") == "99.00 CNY")
        #expect(MoneyText.text(5, "CNY") == "0.05 CNY")
        #expect(MoneyText.text(123_456_789, "CNY") == "1,234,567.89 CNY")
        #expect(MoneyText.text(100_000, "JPY") == "100,000 JPY")
        #expect(MoneyText.text(999, "JPY") == "999 JPY")
        #expect(MoneyText.text(1, "KWD") == "0.001 KWD")
        #expect(MoneyText.text(-150, "CNY") == "-1.50 CNY")
        #expect(MoneyText.text(150, "???") == "150 ???", "no such currency: minor units")
        #expect(MoneyText.text(.min, "CNY") == "-92,233,720,368,547,758.08 CNY")
    }

    @Test func `an amount that is written as it is shown is the same amount`() throws {
        for currency in [yuan, yen, dinar] {
            for amount in [1, 9, 10, 99, 100, 101, 12_345, Money.largestAmount] as [Int64] {
                let text = MoneyText.input(amount, currency)
                #expect(MoneyText.parse(text, currency)?.amount == amount, "\(text) \(currency)")
            }
        }
        #expect(MoneyText.parse("12.5", yuan)?.amount == 1_250)
        #expect(MoneyText.parse("12", yuan)?.amount == 1_200)
        #expect(MoneyText.parse("0012.50", yuan)?.amount == 1_250)
    }

    @Test(arguments: [
        "", "0", "0.00", "-1", "+1", "1,50", "1,000.00", "1.", ".5", "1.234", "1e2", "99 CNY", "１２", "1.2.3", " 1",
        "10000000000.01", "99999999999999999999",
    ])
    func `a text that is not an amount of the currency is refused`(_ text: String) {
        #expect(MoneyText.parse(text, yuan) == nil)
    }

    @Test func `a currency without decimals takes none`() {
        #expect(MoneyText.parse("12.0", yen) == nil)
        #expect(MoneyText.parse("12", yen)?.amount == 12)
    }
}
