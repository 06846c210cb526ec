import PayCore
import Testing

@testable import PayProviders

@Suite struct AlipayTimeTests {
    /// Computed by `TZ=Asia/Shanghai date`: milliseconds since 1970 in UTC, and the local time of GMT+8.
    static let table: [(Int64, String)] = [
        (0, "1970-01-01 08:00:00"),
        (57_599_000, "1970-01-01 23:59:59"),
        (57_600_000, "1970-01-02 00:00:00"),
        (68_227_199_000, "1972-02-29 23:59:59"),
        (68_227_200_000, "1972-03-01 00:00:00"),
        (951_753_600_000, "2000-02-29 00:00:00"),
        (951_840_000_000, "2000-03-01 00:00:00"),
        (978_278_399_000, "2000-12-31 23:59:59"),
        (1_565_855_784_000, "2019-08-15 15:56:24"),
        (1_709_222_400_000, "2024-03-01 00:00:00"),
        (1_709_222_399_000, "2024-02-29 23:59:59"),
        (1_735_660_799_000, "2024-12-31 23:59:59"),
        (1_735_660_800_000, "2025-01-01 00:00:00"),
        (1_795_341_600_000, "2026-11-22 18:00:00"),
        (1_893_524_645_000, "2030-01-02 03:04:05"),
        (4_107_513_599_000, "2100-02-28 23:59:59"),
        (4_107_513_600_000, "2100-03-01 00:00:00"),
        (253_402_271_999_000, "9999-12-31 23:59:59"),
    ]

    @Test(arguments: table)
    func `an instant converts to Alipay's GMT+8 time and back`(_ milliseconds: Int64, _ text: String) {
        #expect(AlipayTime.text(Instant(milliseconds: milliseconds)) == text)
        #expect(AlipayTime.instant(text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [1, 500, 999] as [Int64])
    func `an Alipay deadline is truncated to the second, never rounded up`(_ more: Int64) {
        let deadline = Instant(milliseconds: 1_795_341_600_000 + more)
        #expect(AlipayTime.text(deadline) == "2026-11-22 18:00:00")
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T18:00:00", "2026-11-22 18:00:00 ", " 2026-11-22 18:00:00",
        "2026-11-22 18:00:00.000", "2026-11-22 18:00:00Z", "2026-11-22 18:00:00+08:00", "2026-13-01 00:00:00",
        "2026-00-01 00:00:00", "2026-11-00 00:00:00", "2026-11-31 00:00:00", "2025-02-29 00:00:00",
        "2100-02-29 00:00:00", "2026-11-22 24:00:00", "2026-11-22 18:60:00", "2026-11-22 18:00:60",
        "1969-12-31 23:59:59", "2026-1-22 018:00:00", "２026-11-22 18:00:00", "2026-11-22 -8:00:00",
    ])
    func `an invalid Alipay time or date is rejected`(_ text: String) {
        #expect(AlipayTime.instant(text) == nil)
    }

    @Test func `every day from 1970 to 2110 survives conversion to Alipay's time and back`() {
        var last = ""
        var lost: [String] = []
        for day in Int64(0)...51_133 {
            let instant = Instant(milliseconds: (day * 86_400 + 43_200) * 1_000)
            let text = AlipayTime.text(instant)
            if text <= last || AlipayTime.instant(text) != instant { lost.append(text) }
            last = text
        }
        #expect(lost == [])
        #expect(last == "2109-12-31 20:00:00")
    }
}
