import PayCore
import Testing

@testable import PayTelemetry

@Suite struct LogTextTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (999, "1970-01-01T00:00:00.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (1_798_761_599_001, "2026-12-31T23:59:59.001Z"), (1_798_761_600_000, "2027-01-01T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `a log time is RFC 3339 in UTC with milliseconds`(milliseconds: Int64, written: String) {
        #expect(LogText.time(Instant(milliseconds: milliseconds)) == written)
    }
}
