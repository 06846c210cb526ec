import PayTestSupport
import ServiceTestSupport
import Testing

@testable import FrontDoor

/// Clients that read a long answer slowly.
@Suite(.timeLimit(.minutes(5))) struct DoorReaderTests {
    /// In bytes: more than the buffers of the system hold.
    private static let length = 24 << 20
    /// In bytes, read at a time.
    private static let piece = 256 << 10
    private static let unread = #"paypage_http_connections_closed_total{reason="unread"}"#

    /// Runs a body with a connection whose answer waits for its reader.
    private static func withReader(
        _ body: @Sendable (TestService, KeptConnection) async throws -> Void
    ) async throws {
        try await withBothLanes(TestSetup(largeAnswer: length, comparesLanes: false)) { service in
            await service.withoutOthers()
            let reader = try KeptConnection(port: service.port, receiveBuffer: 65_536)
            reader.write(KeptConnection.request("GET /large HTTP/1.1"))
            #expect(try await reader.status() == 200)
            await service.wait(for: 1, .unread)
            try await body(service, reader)
        }
    }

    /// Reads until the system has taken more of the answer. Returns how many bytes were read.
    private static func readOn(_ service: TestService, _ reader: KeptConnection, most: Int) async throws -> Int {
        let unsent = await service.unsentBytes()
        var count = 0
        repeat {
            count += try await reader.drop(min(piece, most - count))
        } while await service.unsentBytes() == unsent
        return count
    }

    @Test func `a client that reads slowly but steadily gets the whole answer, and its connection stays`() async throws
    {
        try await Self.withReader { service, reader in
            var (received, rounds) = (0, 0)
            while await service.unsentBytes() > 0 {
                received += try await Self.readOn(service, reader, most: Self.length - received)
                service.pass(seconds: 31)
                rounds += 1
                try #require(service.connections == 1)
            }
            // Far longer than a request's time limit.
            #expect(rounds > 3)
            received += try await reader.drop(Self.length - received)
            #expect(received == Self.length)
            reader.write(KeptConnection.request(KeptConnection.page))
            #expect(try await reader.answer().status == 200)
            #expect(service.metric(Self.unread) == "0")
        }
    }

    @Test func `a client that reads for a while and then stops is closed as unread`() async throws {
        try await Self.withReader { service, reader in
            var received = 0
            for _ in 0..<3 {
                received += try await Self.readOn(service, reader, most: Self.length - received)
                service.pass(seconds: 31)
                try #require(service.connections == 1)
            }
            // The system may take a little more at first.
            var rounds = 0
            while await service.unsentBytes() > 0, rounds < 10 {
                service.pass(seconds: 31)
                rounds += 1
            }
            await service.waitForConnections(0)
            #expect(service.metric(Self.unread) == "1")
            received += try await reader.drop(Self.length)
            #expect(received < Self.length)
        }
    }
}
