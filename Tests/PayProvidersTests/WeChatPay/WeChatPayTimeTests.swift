import PayCore
import Testing

@testable import PayProviders

@Suite struct WeChatPayTimeTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T08:00:00+08:00"),
        (1_528_425_296_000, "2018-06-08T10:34:56+08:00"),
        (1_528_425_296_999, "2018-06-08T10:34:56+08:00"),
        (1_709_135_999_999, "2024-02-28T23:59:59+08:00"),
        (1_709_136_000_000, "2024-02-29T00:00:00+08:00"),
        (1_709_222_400_000, "2024-03-01T00:00:00+08:00"),
        (1_767_196_799_000, "2025-12-31T23:59:59+08:00"),
        (1_767_196_800_000, "2026-01-01T00:00:00+08:00"),
        (4_107_513_600_000, "2100-03-01T00:00:00+08:00"),
    ])
    func `a WeChat deadline is in China's time, truncated to the second`(_ milliseconds: Int64, _ text: String) {
        #expect(WeChatPayTime.text(Instant(milliseconds: milliseconds)) == text)
    }

    @Test(arguments: [
        ("2018-06-08T10:34:56+08:00", Int64(1_528_425_296_000)),
        ("2018-06-08T02:34:56Z", 1_528_425_296_000),
        ("2018-06-07T21:04:56-05:30", 1_528_425_296_000),
        ("2018-06-08T10:34:56.5+08:00", 1_528_425_296_500),
        ("2018-06-08T10:34:56.123456789+08:00", 1_528_425_296_123),
        ("1970-01-01T08:00:00+08:00", 0),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
        ("1969-12-31T23:59:59Z", 0), ("0000-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59-01:00", 253_402_300_799_999),
    ])
    func `a WeChat time is read in any zone`(_ text: String, _ milliseconds: Int64) {
        #expect(WeChatPayTime.instant(text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [
        "", "2018-06-08", "2018-06-08T10:34:56", "2018-06-08 10:34:56+08:00", "2018-06-08T10:34+08:00",
        "2018-13-08T10:34:56+08:00", "2018-00-08T10:34:56+08:00", "2018-02-29T10:34:56+08:00",
        "1900-02-29T00:00:00Z", "2018-06-31T10:34:56+08:00", "2018-06-08T24:00:00+08:00",
        "2018-06-08T10:60:56+08:00", "2018-06-08T10:34:60+08:00", "2018-06-08T10:34:56+0800",
        "2018-06-08T10:34:56+08", "2018-06-08T10:34:56+24:00", "2018-06-08T10:34:56.+08:00",
        "2018-06-08T10:34:56+08:00 ", "2018-06-08t10:34:56z", "18-06-08T10:34:56Z", "٢٠١٨-06-08T10:34:56Z",
        "2018-06-08T10:34:56.1234567890Z",
    ])
    func `a WeChat time that is incomplete or has no offset is rejected`(_ text: String) {
        #expect(WeChatPayTime.instant(text) == nil)
    }

    @Test func `every day of four centuries survives conversion to WeChat's time and back`() {
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let instant = Instant(milliseconds: (day * 86_400 + 57_600) * 1_000)
            #expect(WeChatPayTime.instant(WeChatPayTime.text(instant)) == instant)
        }
    }
}
