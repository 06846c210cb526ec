import Foundation
import Logging
import PayCore
import ServiceTestSupport
import Testing

@testable import PayTelemetry

@Suite struct AccessLogTests {
    private static let now = Instant(milliseconds: 1_795_341_600_007)

    private static let requests: [AnsweredRequest] = {
        let ids = [
            RequestIdentifier(), RequestIdentifier(given: "shop-1")!, RequestIdentifier(given: #"a"b"#)!,
            RequestIdentifier(given: "a=b")!,
            RequestIdentifier(given: #"back\slash\"#)!, RequestIdentifier(given: "'<>&/")!,
            RequestIdentifier(given: "\u{21}~")!,
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

    /// The lines that a logger with our own handler writes for the same fields.
    private static func lines(byLoggerOver handler: (String, any LogSink) -> any LogHandler) -> [String] {
        let sink = LogLines()
        let logger = Logger(label: "pay page") { handler($0, sink) }
        for request in requests {
            let milliseconds = request.took / .milliseconds(1)
            logger.info(
                "request answered",
                metadata: [
                    "request.id": "\(request.id)", "http.method": "\(request.method.prefix(16))",
                    "http.route": "\(request.route)", "http.status": .stringConvertible(request.status),
                    "http.duration_ms": .stringConvertible((milliseconds * 100).rounded() / 100),
                ])
        }
        return sink.all
    }

    private static func lines(_ format: LogFormat, level: Logger.Level = .info) -> [String] {
        let sink = LogLines()
        let log = AccessLog(label: "pay page", format: format, level: level, sink: sink) { now }
        for request in requests { log.tell(request) }
        return sink.all
    }

    @Test func `an access log line is the text that a logger writes for the same fields`() {
        let expected = Self.lines { label, sink in LineLogHandler(label: label, format: .text, sink: sink) { Self.now }
        }
        #expect(expected.count == Self.requests.count)
        #expect(Self.lines(.text) == expected)
    }

    @Test func `an access log line is the JSON that a logger writes for the same fields`() {
        let expected = Self.lines { label, sink in LineLogHandler(label: label, format: .json, sink: sink) { Self.now }
        }
        #expect(expected.count == Self.requests.count)
        #expect(Self.lines(.json) == expected)
        for line in expected { #expect(JSONValue(Array(line.utf8)) != nil, "\(line)") }
    }

    @Test(arguments: ["/healthz", "/readyz", "/metrics"])
    func `answers to polling are lines of level debug, and errors of it are not`(_ route: String) {
        func lines(_ status: Int, level: Logger.Level) -> [String] {
            let sink = LogLines()
            let log = AccessLog(label: "pay", format: .json, level: level, sink: sink) { Self.now }
            log.tell(
                AnsweredRequest(id: RequestIdentifier(), method: "GET", route: route, status: status, took: .zero))
            return sink.all
        }
        #expect(lines(200, level: .info).isEmpty)
        #expect(lines(200, level: .debug).allSatisfy { $0.contains(#""level":"debug""#) })
        #expect(lines(200, level: .debug).count == 1)
        #expect(lines(503, level: .info).allSatisfy { $0.contains(#""level":"info""#) })
        #expect(lines(503, level: .info).count == 1)
    }

    @Test(arguments: Logger.Level.allCases)
    func `access log lines are written at level info or below, and not above`(level: Logger.Level) {
        #expect(Self.lines(.text, level: level).isEmpty == (level > .info))
    }
}

@Suite struct RequestIDTests {
    @Test func `a new request id is a random UUID of RFC 9562`() throws {
        for _ in 0..<1_000 {
            let text = RequestIdentifier().description
            #expect(text.utf8.count == 36)
            let uuid = try #require(UUID(uuidString: text))
            #expect(uuid.uuidString.lowercased() == text)
            #expect(uuid.uuid.6 >> 4 == 4)
            #expect(uuid.uuid.8 >> 6 == 0b10)
        }
    }

    @Test func `request ids drawn by concurrent tasks are distinct`() async throws {
        let drawn = try await concurrently(4) { _ in (0..<25_000).map { _ in RequestIdentifier() } }
        #expect(Set(drawn.joined()).count == 100_000)
    }

    @Test(arguments: [
        ("shop-1", true), ("!", true), ("~\"\\=", true), (String(repeating: "x", count: 64), true), ("", false),
        (String(repeating: "x", count: 65), false), ("two words", false), ("tab\t", false), ("line\n", false),
        ("\u{7F}", false), ("é", false), ("\u{0}", false),
    ])
    func `a caller's request id is one word of at most 64 visible ASCII characters`(given: String, isTaken: Bool) {
        #expect(RequestIdentifier(given: given)?.description == (isTaken ? given : nil))
    }
}
