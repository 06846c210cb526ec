import Foundation
import PayCore
import Testing

@Suite struct CivilTimeTests {
    /// Around every month's end of some years, some of them leap years; and what dates are known to break.
    static let instants: [Instant] = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        let years = [1900, 1969, 1970, 1972, 1999, 2000, 2024, 2026, 2037, 2038, 2099, 2100, 2400, 9999]
        var instants: [Instant] = []
        for year in years {
            for month in 1...12 {
                let first = calendar.date(from: DateComponents(year: year, month: month, day: 1))!
                let milliseconds = Int64(first.timeIntervalSince1970) * 1_000
                for offset: Int64 in [-86_400_001, -1, 0, 43_200_500] {
                    instants.append(Instant(milliseconds: milliseconds + offset))
                }
            }
        }
        let special: [Int64] = [
            0, -1, 946_684_799_999, 951_782_400_000, 951_868_799_999, 2_147_483_647_000, 2_147_483_648_000,
            1_795_341_600_007,
        ]
        return instants + special.map { Instant(milliseconds: $0) }
    }()

    private func written(_ instant: Instant, _ write: (CivilTime, inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(CivilTime(instant), &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `times are written as Foundation writes them`() {
        let exact = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let http = DateFormatter()
        http.locale = Locale(identifier: "en_US_POSIX")
        http.timeZone = TimeZone(identifier: "UTC")
        http.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for instant in Self.instants {
            let seconds = Double(instant.milliseconds) / 1_000
            let date = Date(timeIntervalSince1970: seconds.rounded(.down))
            #expect(written(instant) { $0.writeTimestamp(to: &$1) } == date.formatted(.iso8601), "\(instant)")
            #expect(written(instant) { $0.writeHTTPDate(to: &$1) } == http.string(from: date), "\(instant)")
            // Half a millisecond keeps the fraction from being cut below it.
            let middle = Date(timeIntervalSince1970: (Double(instant.milliseconds) + 0.25) / 1_000)
            #expect(written(instant) { $0.writeExactTimestamp(to: &$1) } == middle.formatted(exact), "\(instant)")
        }
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_343_400_000, "Sun, 22 Nov 2026 10:30:00 GMT"), (2_147_483_648_000, "Tue, 19 Jan 2038 03:14:08 GMT"),
        ] as [(Int64, String)])
    func `HTTP's dates are as RFC 9110 has them`(milliseconds: Int64, text: String) {
        #expect(written(Instant(milliseconds: milliseconds)) { $0.writeHTTPDate(to: &$1) } == text)
    }

    @Test(arguments: [0, 9, 10, 99, 100, -1, -10, 1_234_567_890, .max, .min + 1] as [Int64])
    func `a number is written as Swift prints it`(number: Int64) {
        var bytes: [UInt8] = []
        bytes.append(number)
        #expect(String(decoding: bytes, as: UTF8.self) == String(number))
    }

    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"), (-1, 0, "1969-12-31T23:59:59Z"), (0, 28_800, "1970-01-01T08:00:00+08:00"),
            (0, -19_800, "1969-12-31T18:30:00-05:30"), (951_782_400_000, 0, "2000-02-29T00:00:00Z"),
            (4_107_542_399_000, 0, "2100-02-28T23:59:59Z"), (4_107_542_400_000, 0, "2100-03-01T00:00:00Z"),
            (4_107_513_600_000, 28_800, "2100-03-01T00:00:00+08:00"),
            (253_402_300_799_999, 0, "9999-12-31T23:59:59Z"), (253_402_300_800_000, 0, "9999-12-31T23:59:59Z"),
            (253_402_300_799_999, 28_800, "9999-12-31T23:59:59+08:00"),
            (-62_167_219_200_000, -3_600, "0000-01-01T00:00:00-01:00"), (.min, 0, "0000-01-01T00:00:00Z"),
            (.max, 28_800, "9999-12-31T23:59:59+08:00"),
        ] as [(Int64, Int64, String)])
    func `a time is told with the offset of its clock`(milliseconds: Int64, offset: Int64, text: String) {
        let time = CivilTime(Instant(milliseconds: milliseconds), offset: UTCOffset(seconds: offset))
        #expect(time.text { $0.writeTimestamp(to: &$1) } == text)
    }

    @Test(
        arguments: [
            ("2026-11-22T10:00:00Z", 1_795_341_600_000), ("2026-11-22t10:00:00z", 1_795_341_600_000),
            ("2026-11-22T18:00:00.5+08:00", 1_795_341_600_500),
            ("2026-11-22T04:30:00.123999999-05:30", 1_795_341_600_123),
            ("1969-12-31T23:59:59Z", -1_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("9999-12-31T23:59:59-01:00", 253_402_304_399_000),
            ("2026-11-22T10:00:00-00:00", 1_795_341_600_000), ("2026-11-22T10:00:00.1234567890Z", nil),
            ("2100-02-29T00:00:00Z", nil), ("2026-04-31T00:00:00Z", nil), ("2026-00-01T00:00:00Z", nil),
            ("2026-01-00T00:00:00Z", nil), ("2026-11-22T24:00:00Z", nil), ("2026-11-22T10:00:60Z", nil),
            ("2026-11-22T10:00:00+08:60", nil), ("2026-11-22T10:00:00+8:00", nil), ("2026-11-22T10:00:00", nil),
            ("2026-11-22T10:00:00Z ", nil), ("２026-11-22T10:00:00Z", nil), ("", nil),
        ] as [(String, Int64?)])
    func `an RFC 3339 time is read with any offset, and no other text is`(text: String, milliseconds: Int64?) {
        #expect(CivilTime(rfc3339: text)?.instant.milliseconds == milliseconds)
    }

    @Test func `days of four centuries are read as they were written, in each form and with each offset`() {
        var lost: [String] = []
        for day in stride(from: Int64(-719_528), through: -719_528 + 146_097, by: 13) {
            let instant = Instant(milliseconds: (day * 86_400 + 57_601) * 1_000)
            for offset in [UTCOffset.utc, .china, UTCOffset(seconds: -12_600)] {
                let text = CivilTime(instant, offset: offset).text { $0.writeTimestamp(to: &$1) }
                if CivilTime(rfc3339: text)?.instant != instant { lost.append(text) }
            }
            let http = CivilTime(instant).text { $0.writeHTTPDate(to: &$1) }
            if CivilTime(httpDate: http)?.instant != instant { lost.append(http) }
        }
        #expect(lost == [])
    }

    @Test(arguments: [
        "", "yesterday", "2026-11-22T10:00:00Z", "Mon, 22 Nov 2026 10:00:00 GMT", "Sun, 22 nov 2026 10:00:00 GMT",
        "Sun, 31 Nov 2026 10:00:00 GMT", "Sun, 22 Nov 2026 24:00:00 GMT", "Sun, 22 Nov 2026 10:00:60 GMT",
        "Sun, 22 Nov 2026 10:00:00 UTC", "Sun, 22 Nov 2026 10:00:00", "Sun, 22 Nov 2026 10:00:00 GMT ",
        "Sunday, 22-Nov-26 10:00:00 GMT", "Sun, 2 Nov 2026 10:00:00 GMT", "Süün 22 Nov 2026 10:00:00 GMT",
    ])
    func `any other text is no HTTP date`(text: String) {
        #expect(CivilTime(httpDate: text) == nil)
    }
}

@Suite struct CivilDateTests {
    @Test(
        arguments: [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (-719_528, 0, 1, 1), (-719_529, -1, 12, 31), (58, 1970, 2, 28),
            (59, 1970, 3, 1), (11_015, 2000, 2, 28), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1), (47_540, 2100, 2, 28),
            (47_541, 2100, 3, 1), (-25_508, 1900, 3, 1), (-25_509, 1900, 2, 28), (2_932_896, 9999, 12, 31),
            (2_932_897, 10_000, 1, 1), (-865_625, -400, 1, 1),
        ] as [(Int64, Int64, Int64, Int64)])
    func `a day is a date, and a date is a day`(days: Int64, year: Int64, month: Int64, day: Int64) {
        let date = CivilDate(daysSince1970: days)
        #expect((date.year, date.month, date.day) == (year, month, day))
        #expect(CivilDate(year: year, month: month, day: day)?.daysSince1970 == days)
    }

    @Test(
        arguments: [
            (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32), (2026, 4, 31), (2026, 2, 29), (1900, 2, 29),
            (2100, 2, 29), (2000, 2, 30), (2026, -1, 1), (2026, 1, -1), (2026, .max, .max),
        ] as [(Int64, Int64, Int64)])
    func `a day that the calendar doesn't have is none`(year: Int64, month: Int64, day: Int64) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test func `each day follows the last, and so does its weekday`() {
        var last = CivilDate(daysSince1970: -800_000)
        for days in Int64(-799_999)...800_000 {
            let date = CivilDate(daysSince1970: days)
            guard date.daysSince1970 == days, date.weekday == (last.weekday + 1) % 7,
                (date.year, date.month, date.day) > (last.year, last.month, last.day),
                CivilDate(year: date.year, month: date.month, day: date.day) == date
            else {
                Issue.record("day \(days) is \(date)")
                return
            }
            last = date
        }
    }
}
