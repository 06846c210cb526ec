import NIOCore
import NIOEmbedded
import PayAPI
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import FrontDoor

/// The order in which connections are closed when too many are open.
@Suite(.timeLimit(.minutes(5))) struct DoorRoomTests {
    private static let huge = "Content-Length: 999999999"

    @Test(arguments: [
        "", "G", KeptConnection.request("GET /healthz HTTP/1.1", [huge]),
        KeptConnection.request("POST /v1/payments HTTP/1.1", [huge, "Content-Type: application/json"]),
    ])
    func `during a flood of incomplete requests, the shop's requests are answered`(said: String) async throws {
        let door = DoorLimits(requestTimeout: .seconds(30), idleTimeout: .seconds(75), connections: 20)
        try await withBothLanes(TestSetup(door: door, comparesLanes: false)) { service in
            var flood: [KeptConnection] = []
            for _ in 0..<60 {
                let connection = try KeptConnection(port: service.port)
                connection.write(said)
                flood.append(connection)
                let shop = try KeptConnection(port: service.port)
                shop.write(KeptConnection.request(KeptConnection.page))
                #expect(try await shop.answer().status == 200)
            }
            // The system may accept a few connections at once.
            #expect(service.connections <= 24)
            #expect(service.log.all.contains { $0.contains("connection limit reached") })
        }
    }

    @Test func `a connection with a request in progress is not closed to make room`() async throws {
        let door = DoorLimits(requestTimeout: .seconds(30), idleTimeout: .seconds(75), connections: 3)
        try await withService(TestSetup(door: door, comparesLanes: false)) { service in
            _ = try await service.client.pay()
            await service.withoutOthers()
            var streams: [EventClient] = []
            for _ in 0..<3 { streams.append(try await service.follow()) }
            #expect(streams.allSatisfy { $0.head.status == 200 })
            let shop = try KeptConnection(port: service.port)
            shop.write(KeptConnection.request("GET /healthz HTTP/1.1"))
            service.pass(seconds: 1)
            #expect(service.live.count == 3)
            streams[0].hangUp()
            #expect(try await shop.answer().status == 200)
        }
    }

    @Test func `the connections without a complete request for longest are closed first`() {
        let loop = EmbeddedEventLoop()
        func connection(_ phase: TrackedConnection.Phase, _ since: UInt32, isKnown: Bool = false) -> TrackedConnection {
            let connection = TrackedConnection(EmbeddedChannel(loop: loop), at: 0)
            connection.state = TrackedConnection.State(phase: phase, since: since, isKnown: isKnown)
            return connection
        }
        let inOrder = [
            connection(.lingering, 9), connection(.receiving, 1), connection(.receiving, 5), connection(.idle, 2),
            connection(.idle, 8),
            connection(.receiving, 1, isKnown: true), connection(.idle, 0, isKnown: true),
            connection(.idle, 3, isKnown: true),
            connection(.unread, 0),
        ]
        let orders = inOrder.map { $0.state.order(at: 10) }
        #expect(orders.allSatisfy { $0 != nil })
        let found = orders.compactMap { $0 }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
        #expect(connection(.answering, 0).state.order(at: 10) == nil)
    }

    @Test func `a connection's state survives its compact encoding`() {
        let connection = TrackedConnection(EmbeddedChannel(), at: 7)
        #expect(connection.state == TrackedConnection.State(phase: .idle, since: 7, isKnown: false))
        for phase in [TrackedConnection.Phase.idle, .receiving, .answering, .unread, .lingering] {
            for isKnown in [true, false] {
                for since in [0, 1, .max] as [UInt32] {
                    let state = TrackedConnection.State(phase: phase, since: since, isKnown: isKnown)
                    connection.state = state
                    #expect(connection.state == state)
                }
            }
        }
    }

    @Test func `a service that stops closes connections with incomplete requests`() async throws {
        let halves = [
            "G",
            KeptConnection.request(
                "POST /v1/payments HTTP/1.1", ["Content-Length: 1000", "Content-Type: application/json"]),
            KeptConnection.request(KeptConnection.page), "",
        ]
        let (connections, kept) = AsyncStream<KeptConnection>.makeStream()
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            for half in halves {
                let connection = try KeptConnection(port: service.port)
                connection.write(half)
                if half.contains("/page") { #expect(try await connection.answer().status == 200) }
                kept.yield(connection)
            }
            await service.wait(for: 2, .receiving)
            await service.wait(for: 2, .idle)
        }
        kept.finish()
        for await connection in connections { _ = try? await connection.waitForEnd() }
    }
}
