import Foundation
import Logging
import PayCore
import Synchronization
import Testing

@testable import PayTelemetry

/// Collects log lines for assertions.
private final class CapturingSink: LogSink {
    private let captured = Mutex<[(line: String, isUrgent: Bool)]>([])

    var lines: [String] { captured.withLock { $0.map(\.line) } }
    var urgency: [Bool] { captured.withLock { $0.map(\.isUrgent) } }

    func write(_ line: String) { captured.withLock { $0.append((line, true)) } }

    func writeSoon(_ line: [UInt8]) { captured.withLock { $0.append((String(decoding: line, as: UTF8.self), false)) } }
}

private struct Broken: Error, CustomStringConvertible {
    var description: String { "it broke\nbadly" }
}

@Suite struct LogHandlerTests {
    private let sink = CapturingSink()
    private let now = Instant(milliseconds: 1_795_341_600_007)

    private func json(metadata: Logger.Metadata = [:], provider: Logger.MetadataProvider? = nil) -> Logger {
        var logger = Logger(label: "pay") { [sink, now] label in
            LineLogHandler(label: label, format: .json, sink: sink, metadataProvider: provider) { now }
        }
        for (key, value) in metadata { logger[metadataKey: key] = value }
        return logger
    }

    private func text() -> Logger {
        Logger(label: "pay") { [sink, now] label in LineLogHandler(label: label, format: .text, sink: sink) { now } }
    }

    private func parsedLine() throws -> [String: String] {
        #expect(sink.lines.count == 1)
        let line = try #require(sink.lines.first)
        #expect(!line.contains("\n"))
        return try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    }

    @Test func `a JSON log record has its own keys first, then the metadata sorted by key`() {
        json().notice("order paid", metadata: ["order.id": "o_1", "amount": "\(9_900)"])
        #expect(
            sink.lines == [
                #"{"time":"2026-11-22T10:00:00.007Z","level":"notice","message":"order paid","logger":"pay","#
                    + #""amount":"9900","order.id":"o_1"}"#
            ])
    }

    @Test func `a number in the metadata is a JSON number, and a text of digits stays a text`() {
        json().info(
            "m",
            metadata: [
                "count": .stringConvertible(12), "ms": .stringConvertible(1.5), "id": "12",
                "nan": .stringConvertible(Double.nan), "big": .stringConvertible(UInt64.max),
                "nested": ["n": .stringConvertible(-3)],
            ])
        #expect(
            sink.lines[0].hasSuffix(
                #","big":18446744073709551615,"count":12,"id":"12","ms":1.5,"nan":"nan","nested.n":-3}"#))
    }

    @Test func `a number in a text log record is written like any value`() {
        text().info("m", metadata: ["count": .stringConvertible(12)])
        #expect(sink.lines[0].hasSuffix(" m count=12"))
    }

    @Test func `warnings are written at once, and lesser records with the records that follow`() {
        for var logger in [json(), text()] {
            logger.logLevel = .trace
            for level in Logger.Level.allCases { logger.log(level: level, "told") }
        }
        let each = Logger.Level.allCases.map { $0 >= .notice }
        #expect(sink.urgency == each + each)
    }

    @Test func `a text log record has time, level, logger, message and metadata in this order`() {
        text().notice("order paid", metadata: ["order.id": "o_1", "amount": "\(9_900)", "subject": "a tea"])
        #expect(
            sink.lines == [
                #"2026-11-22T10:00:00.007Z NOTICE pay: order paid amount=9900 order.id=o_1 subject="a tea""#
            ])
    }

    @Test(arguments: [
        "a\nb", "a\r\nb", "\u{0}\u{1B}[2J\u{7F}\u{85}", "\u{2028}\u{2029}\u{202E}", #"","level":"error"#, #"\"#, "",
        "微信 ✓ é",
    ])
    func `any logged text is one line of JSON that reads back as the same text`(value: String) throws {
        json().info("\(value)", metadata: ["k\(value)": "\(value)"])
        let record = try parsedLine()
        #expect(record["message"] == value && record["k\(value)"] == value && record["level"] == "info")
        #expect(record.count == 5)
        #expect(sink.lines[0].unicodeScalars.allSatisfy { !LogText.steers($0) })
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#), (#"a"b"#, #""a\"b""#),
        (#"a\b"#, #""a\\b""#), ("a\nb", #""a\nb""#), ("a\r\nb", #""a\r\nb""#), ("\u{1B}[31m", #""\u{1b}[31m""#),
        ("\u{2028}", #""\u{2028}""#), ("微信", "微信"),
    ])
    func `a value in a text log record can't forge a line or a field`(value: String, written: String) {
        text().info("it was", metadata: ["k": "\(value)"])
        #expect(sink.lines == ["2026-11-22T10:00:00.007Z INFO pay: it was k=\(written)"])
    }

    @Test func `a message, a key and a logger's name can't break a text log record`() {
        var logger = Logger(label: "a\nb") { [sink] label in
            LineLogHandler(label: label, format: .text, sink: sink) { Instant(milliseconds: 0) }
        }
        logger.logLevel = .trace
        logger.trace("one\ntwo\u{1B}", metadata: ["k \n": "v"])
        #expect(sink.lines == [#"1970-01-01T00:00:00.000Z TRACE "a\nb": one\ntwo\u{1b} "k \n"=v"#])
    }

    @Test func `nested log metadata gets dotted keys`() throws {
        json().info("m", metadata: ["order": ["id": "o_1", "tries": ["a", ["b": "\(2)"]]]])
        let record = try parsedLine()
        #expect(record["order.id"] == "o_1" && record["order.tries.0"] == "a" && record["order.tries.1.b"] == "2")
    }

    @Test func `log metadata can't replace the record's own keys`() throws {
        json().info("m", metadata: ["level": "error", "message": "x", "time": "never", "logger": ["a": "b"]])
        let record = try parsedLine()
        #expect(record["level"] == "info" && record["message"] == "m" && record["logger"] == "pay")
        #expect(record["metadata.level"] == "error" && record["metadata.time"] == "never")
        #expect(record["metadata.logger.a"] == "b" && record.count == 8)
    }

    @Test func `an event's log metadata overrides the provider's, which overrides the logger's`() throws {
        let provider = Logger.MetadataProvider { ["b": "provider", "c": "provider"] }
        let logger = json(metadata: ["a": "logger", "b": "logger", "c": "logger"], provider: provider)
        logger.info("m", metadata: ["c": "event"])
        let record = try parsedLine()
        #expect(record["a"] == "logger" && record["b"] == "provider" && record["c"] == "event")
    }

    @Test func `the error of a log event is in its record`() throws {
        json().error("delivery failed", error: Broken())
        #expect(try parsedLine()["error"] == "it broke\nbadly")
    }

    @Test func `a logger below its level writes nothing`() {
        var logger = json()
        logger.debug("hidden")
        #expect(sink.lines.isEmpty)
        logger.logLevel = .debug
        logger.debug("shown")
        #expect(sink.lines.count == 1)
    }

    @Test func `a copied logger has metadata of its own`() throws {
        let logger = json(metadata: ["a": "1"])
        var copy = logger
        copy[metadataKey: "a"] = "2"
        logger.info("m")
        #expect(try parsedLine()["a"] == "1")
        #expect(copy[metadataKey: "a"] == "2")
    }
}
