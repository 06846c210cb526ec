import PayAPI
import PayCore
import Testing

@Suite struct UTCTimeTests {
    @Test(arguments: [
        (Int64(1_795_391_998_004), "2026-11-22T23:59:58.004Z"), (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (1_795_401_339_179, "2026-11-23T02:35:39.179Z"),
    ])
    func `an instant is printed to the millisecond`(_ milliseconds: Int64, _ text: String) {
        #expect("\(UTCTime(Instant(milliseconds: milliseconds)))" == text)
    }

    @Test(arguments: [Int64.min, .max]) func `a provider's extreme time never traps`(_ milliseconds: Int64) {
        #expect(UTCTime(Instant(milliseconds: milliseconds)).time.count == 12)
    }
}
