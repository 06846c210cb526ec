import Foundation
import Testing

@testable import PostgresStore

/// The server that `script/postgres` started.
enum TestServer {
    static var uri: String? { ProcessInfo.processInfo.environment["PAYPAGE_TEST_POSTGRES"] }

    static func address() throws -> ServerAddress {
        let uri = try #require(uri)
        return try #require(ServerAddress(uri))
    }
}
