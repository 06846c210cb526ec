import Foundation
import Testing

/// script/check-prose compares the messages with docs/operations/log-messages.md.
@Suite struct LogMessageTests {
    private static func sources() throws -> [(path: String, text: String)] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: Repository.root.appending(path: "Sources").path)
        return try paths.filter { $0.hasSuffix(".swift") }.map { ($0, try Repository.text("Sources/\($0)")) }
    }

    @Test func `every log message is one literal without interpolation`() throws {
        var calls = 0
        for (path, text) in try Self.sources() {
            #expect(!text.contains(/\blogger\.log\(/), "\(path): name the level, with a literal message")
            for call in text.matches(of: /\blogger\.(trace|debug|info|notice|warning|error|critical)\(\s*/) {
                let argument = text[call.range.upperBound...]
                #expect(argument.prefixMatch(of: /"[^"\\]+"/) != nil, "\(path): \(argument.prefix(60))")
                calls += 1
            }
        }
        #expect(calls > 40)
    }
}
