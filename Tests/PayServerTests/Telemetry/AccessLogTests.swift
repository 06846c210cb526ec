import Foundation
import Logging
import PayCore
import Testing

@testable import PayServer

@Suite struct AccessLogTests {
    private static let now = Instant(milliseconds: 1_795_341_600_007)

    private static let requests: [AnsweredRequest] = {
        let ids = [
            RequestID(), RequestID(given: "shop-1")!, RequestID(given: #"a"b"#)!, RequestID(given: "a=b")!,
            RequestID(given: #"back\slash\"#)!, RequestID(given: "'<>&/")!, RequestID(given: "\u{21}~")!,
        ]
        let durations: [Duration] = [
            .zero, .microseconds(4), .microseconds(5), .microseconds(14), .microseconds(100), .microseconds(12_345),
            .milliseconds(1), .milliseconds(100), .seconds(3), .seconds(3_601) + .microseconds(10), .nanoseconds(9_999),
        ]
        let methods = ["GET", "POST", "A-METHOD-OF-MORE-THAN-SIXTEEN", "G\"ET", "ΜΕΘΟΔ"]
        let routes = ["/v1/payments/{out_trade_no}/page", "none", "", "/a b", "/a\nb", "/a\u{7F}\u{2028}b"]
        let byID = ids.map {
            AnsweredRequest(id: $0, method: "GET", route: routes[0], status: 200, took: .milliseconds(1))
        }
        let byDuration = durations.map {
            AnsweredRequest(id: ids[1], method: "GET", route: routes[0], status: 200, took: $0)
        }
        let byMethod = methods.map {
            AnsweredRequest(id: ids[1], method: $0, route: routes[0], status: 404, took: .zero)
        }
        let byRoute = routes.map {
            AnsweredRequest(id: ids[1], method: "GET", route: $0, status: 599, took: .zero)
        }
        return byID + byDuration + byMethod + byRoute
    }()

    /// The lines that a logger over our own handler writes of the same fields.
    private static func lines(byLoggerOver handler: (String, any LogSink) -> any LogHandler) -> [String] {
        let sink = LogLines()
        let logger = Logger(label: "pay page") { handler($0, sink) }
        for request in requests {
            let milliseconds = request.took / .milliseconds(1)
            logger.info(
                "answered a request",
                metadata: [
                    "request.id": "\(request.id)", "http.method": "\(request.method.prefix(16))",
                    "http.route": "\(request.route)", "http.status": "\(request.status)",
                    "http.duration_ms": "\((milliseconds * 100).rounded() / 100)",
                ])
        }
        return sink.all
    }

    private static func lines(_ format: AccessLog.Format, level: Logger.Level = .info) -> [String] {
        let sink = LogLines()
        let log = AccessLog(label: "pay page", format: format, level: level, sink: sink) { now }
        for request in requests { log.tell(request) }
        return sink.all
    }

    @Test func `a line is the text that a logger writes of the same fields`() {
        let expected = Self.lines { label, sink in TextLogHandler(label: label, sink: sink) { Self.now } }
        #expect(expected.count == Self.requests.count)
        #expect(Self.lines(.text) == expected)
    }

    @Test func `a line is the JSON that a logger writes of the same fields`() {
        let expected = Self.lines { label, sink in JSONLogHandler(label: label, sink: sink) { Self.now } }
        #expect(expected.count == Self.requests.count)
        #expect(Self.lines(.json) == expected)
        for line in expected { #expect(JSONValue(Array(line.utf8)) != nil, "\(line)") }
    }

    @Test(arguments: Logger.Level.allCases)
    func `the lines are of level info, and are written where that is wanted`(level: Logger.Level) {
        #expect(Self.lines(.text, level: level).isEmpty == (level > .info))
    }
}

@Suite struct RequestIDTests {
    @Test func `a new one is a random UUID as the RFC has it`() throws {
        for _ in 0..<1_000 {
            let text = RequestID().description
            #expect(text.utf8.count == 36)
            let uuid = try #require(UUID(uuidString: text))
            #expect(uuid.uuidString.lowercased() == text)
            #expect(uuid.uuid.6 >> 4 == 4)
            #expect(uuid.uuid.8 >> 6 == 0b10)
        }
    }

    @Test func `no two are alike, whoever draws them`() async throws {
        let drawn = try await concurrently(4) { _ in (0..<25_000).map { _ in RequestID() } }
        #expect(Set(drawn.joined()).count == 100_000)
    }

    @Test(arguments: [
        ("shop-1", true), ("!", true), ("~\"\\=", true), (String(repeating: "x", count: 64), true), ("", false),
        (String(repeating: "x", count: 65), false), ("two words", false), ("tab\t", false), ("line\n", false),
        ("\u{7F}", false), ("é", false), ("\u{0}", false),
    ])
    func `a caller's own is one word of visible ASCII, at most 64 of it`(given: String, isTaken: Bool) {
        #expect(RequestID(given: given)?.description == (isTaken ? given : nil))
    }
}

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
