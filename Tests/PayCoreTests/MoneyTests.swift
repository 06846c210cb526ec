import PayCore
import Testing

@Suite struct `Money and time` {
    @Test(arguments: [
        (Int64(1), true), (1_000_000_000_000, true), (1_000_000_000_001, false), (0, false), (-1, false),
        (Int64.max, false), (Int64.min, false),
    ]) func `an amount is above zero, and below an overflow of a sum`(amount: Int64, isOne: Bool) throws {
        let currency = try #require(Currency("CNY"))
        #expect(Money(amount: amount, currency: currency)?.amount == (isOne ? amount : nil))
    }

    @Test(arguments: [("CNY", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3)])
    func `a currency knows its decimals`(code: String, decimals: Int) throws {
        #expect(try #require(Currency(code)).decimals == decimals)
    }

    @Test(arguments: ["", "cny", "CN", "CNYY", "XXX", "XTS", "XAU", "RMB", "CNY ", "CNÝ"])
    func `a code that ISO 4217 does not list as money is no currency`(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test func `equal amounts of two currencies are different`() throws {
        let currency = try #require(Currency("JPY"))
        let yen = try #require(Money(amount: 9_900, currency: currency))
        #expect(yuan != yen)
    }

    @Test(arguments: [
        (Duration.zero, Int64(1)), (.milliseconds(-5_000), 1), (.milliseconds(1), 1), (.milliseconds(999), 1),
        (.milliseconds(1_000), 1), (.milliseconds(1_001), 2), (.seconds(10), 10),
    ]) func `a wait is rounded up to whole seconds, at least one`(wait: Duration, seconds: Int64) {
        #expect(wait.secondsToWait == seconds)
    }

    @Test(arguments: [
        (Duration.milliseconds(-1), Int64(0)), (.zero, 0), (.milliseconds(999), 0), (.milliseconds(1_999), 1),
        (.seconds(1_800), 1_800),
    ]) func `a remaining time is rounded down to whole seconds, never below zero`(left: Duration, seconds: Int64) {
        #expect(left.wholeSeconds == seconds)
    }

    @Test(arguments: [
        (Int64.min, Int64(0)), (-1, 0), (0, 0), (1, 1), (253_402_300_799_999, 253_402_300_799_999),
        (253_402_300_800_000, 253_402_300_799_999), (.max, 253_402_300_799_999),
    ]) func `a receipt's time is clamped to a time that can be written`(told: Int64, kept: Int64) {
        let receipt = Receipt(
            channel: sandbox, tradeNumber: first, transactionID: TransactionID("tx-1")!, amount: 1, currencyCode: "CNY",
            paidAt: Instant(milliseconds: told), namesOurAccount: true)
        #expect(receipt.paidAt == Instant(milliseconds: kept))
    }

    @Test(arguments: [
        (Int64.min, Int64(0)), (-1, 0), (1, 1_000), (253_402_300_799, 253_402_300_799_000), (.max, 253_402_300_799_000),
    ])
    func `seconds from other systems never overflow`(seconds: Int64, milliseconds: Int64) {
        #expect(Instant(clampingSeconds: seconds) == Instant(milliseconds: milliseconds))
    }

    @Test func `a duration is cut to whole milliseconds`() {
        #expect(noon + .microseconds(1_999) == noon + .milliseconds(1))
        #expect(noon - .microseconds(1_999) == noon - .milliseconds(1))
        #expect((noon + .milliseconds(3)) - noon == .milliseconds(3))
    }
}
