import PayCore
import Testing

@testable import PayAPI

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (999, "1970-01-01T00:00:00Z"), (1_000, "1970-01-01T00:00:01Z"),
            (-1, "1969-12-31T23:59:59Z"), (-1_000, "1969-12-31T23:59:59Z"), (1_795_341_600_000, "2026-11-22T10:00:00Z"),
            (1_795_341_600_999, "2026-11-22T10:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59Z"), (-62_167_219_200_001, "0000-01-01T00:00:00Z"),
            (253_402_300_800_000, "9999-12-31T23:59:59Z"), (.min, "0000-01-01T00:00:00Z"),
            (.max, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func `an API time is written in UTC and rounded down to whole seconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(Instant(milliseconds: milliseconds)).text == text)
    }

    @Test(
        arguments: [
            ("2026-11-22T10:00:00Z", 1_795_341_600_000), ("2026-11-22T10:00:00.5Z", 1_795_341_600_500),
            ("2026-11-22T10:00:00.123Z", 1_795_341_600_123), ("2026-11-22T10:00:00.123999Z", 1_795_341_600_123),
            ("2026-11-22T18:00:00+08:00", 1_795_341_600_000), ("2026-11-22T04:30:00-05:30", 1_795_341_600_000),
            ("1969-12-31T23:59:59Z", -1_000), ("2024-02-29T23:59:59Z", 1_709_251_199_000),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000),
            ("2026-11-22t10:00:00z", 1_795_341_600_000),
        ] as [(String, Int64)])
    func `an API time is read with any offset, to the millisecond`(text: String, milliseconds: Int64) {
        #expect(Timestamp.parse(text) == Instant(milliseconds: milliseconds))
    }

    @Test(arguments: [
        "", "now", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00", "10:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T10:61:00Z", "1795341600", "20261122T100000Z",
        "2026-11-22T10:00:00Zx", "x2026-11-22T10:00:00Z", "2026-11-22T10:00:00 Z", "2026-1-2T3:4:5Z",
        "2026-11-22T10:00:60Z", "2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00+0800", "٢026-11-22T10:00:00Z",
        "99999999999999-01-01T00:00:00Z", "-2026-11-22T10:00:00Z", "2026-11-22T10:00:00.Z", "\u{0}",
    ])
    func `a text that is not an RFC 3339 time is refused`(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }

    @Test func `a written API time is read back as the same second`() {
        for milliseconds in stride(from: Int64(0), to: 253_402_300_799_000, by: 86_400_000 * 997 + 3_607_000) {
            let instant = Instant(milliseconds: milliseconds)
            #expect(Timestamp.parse(Timestamp(instant).text) == instant)
        }
    }
}
