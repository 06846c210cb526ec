import PayCore
import Testing

@testable import PayProviders

@Suite struct AlipayMoneyTests {
    @Test(arguments: [
        (Int64(1), "0.01"), (9, "0.09"), (10, "0.10"), (99, "0.99"), (100, "1.00"), (101, "1.01"), (9_900, "99.00"),
        (8_888, "88.88"), (1_000_005, "10000.05"), (10_000_000_000, "100000000.00"),
        (Money.largestAmount, "10000000000.00"),
    ])
    func `fen convert to Alipay's yuan and back`(_ fen: Int64, _ yuan: String) {
        #expect(AlipayMoney.yuan(fen: fen) == yuan)
        #expect(AlipayMoney.fen(yuan: yuan) == fen)
    }

    @Test(arguments: [
        ("88", Int64(8_800)), ("88.8", 8_880), ("88.800", 8_880), ("0.1", 10), ("0", 0), ("0.00", 0),
        ("00.10", 10), ("1.000000", 100), ("99999999999999.99", 9_999_999_999_999_999),
    ])
    func `other valid spellings of an Alipay amount are accepted`(_ yuan: String, _ fen: Int64) {
        #expect(AlipayMoney.fen(yuan: yuan) == fen)
    }

    @Test(arguments: [
        "", " ", ".", "1.", ".1", "-1.00", "+1.00", "1e2", "1,00", "1.001", "0.011", "1.00 ", " 1.00", "1..0", "1.0.0",
        "¥1.00", "１.00", "0x10", "NaN", "inf", "100000000000000.00", "9223372036854775807", "99999999999999999999.00",
    ])
    func `an Alipay amount that is invalid, not in whole fen or too large is rejected`(_ yuan: String) {
        #expect(AlipayMoney.fen(yuan: yuan) == nil)
    }

    @Test func `every amount below a thousand yuan survives conversion to Alipay's notation and back`() {
        for fen in Int64(1)...100_000 { #expect(AlipayMoney.fen(yuan: AlipayMoney.yuan(fen: fen)) == fen) }
    }
}
