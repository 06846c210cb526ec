import Logging
import Testing

@testable import paypage

@Suite struct ConnectionLimitTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [(1_024, 768), (16_384, 15_104), (1_048_576, 15_104), (Int.max, 15_104)])
    func `the default connection limit leaves room for other files, and has an upper bound`(
        files: Int, connections: Int
    ) {
        #expect(ConnectionLimit.connections(nil, files: files, logger) == connections)
    }

    @Test func `a configured connection limit holds, up to the room of the open file limit`() {
        #expect(ConnectionLimit.connections(100_000, files: 1_048_576, logger) == 100_000)
        #expect(ConnectionLimit.connections(2_000, files: 1_024, logger) == 768)
    }
}
