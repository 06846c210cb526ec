import Logging
import PayCore
import PayTelemetry
import ServiceTestSupport
import Testing

@testable import PayAPI

@Suite("API keys after their end")
struct EndedKeysTests {
    @Test func `the use of an ended key is logged by name, once in ten minutes`() {
        let (keys, log) = (EndedKeys(), LogLines())
        let now = Instant(milliseconds: 1_795_341_600_000)
        let logger = Logger(label: "test") { LineLogHandler(label: $0, format: .text, sink: log) { now } }
        let (till, shop) = (PersonName("till")!, PersonName("shop")!)
        for _ in 0..<3 { keys.note(till, at: now, logger) }
        #expect(log.all.count == 1 && log.all[0].contains("api.key=till"))
        keys.note(shop, at: now, logger)
        keys.note(till, at: now + .seconds(599), logger)
        #expect(log.all.count == 2)
        keys.note(till, at: now + .seconds(600), logger)
        #expect(log.all.count == 3)
    }
}
