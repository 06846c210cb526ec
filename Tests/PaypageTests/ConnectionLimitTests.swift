import Logging
import Testing

@testable import paypage

@Suite struct ConnectionLimitTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [(1_024, 768), (16_384, 15_104), (1_048_576, 15_104), (Int.max, 15_104)])
    func `the default leaves room for other files, and stays bounded on a system without a limit`(
        files: Int, connections: Int
    ) {
        #expect(ConnectionLimit.connections(nil, files: files, logger) == connections)
    }

    @Test func `a configured number holds, up to the room that the open file limit leaves`() {
        #expect(ConnectionLimit.connections(100_000, files: 1_048_576, logger) == 100_000)
        #expect(ConnectionLimit.connections(2_000, files: 1_024, logger) == 768)
    }
}
