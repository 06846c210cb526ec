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
}
