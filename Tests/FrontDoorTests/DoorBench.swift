import NIOCore
import PayTestSupport
import ServiceTestSupport
import Synchronization

@testable import FrontDoor

/// Runs the body against a service with a cached page, once with the fast lane and once without.
func withBothLanes(
    _ setup: TestSetup = TestSetup(comparesLanes: false), _ body: @Sendable (TestService) async throws -> Void
) async throws {
    for hasFastLane in [true, false] {
        var setup = setup
        setup.hasFastLane = hasFastLane
        try await withService(setup) { service in
            _ = try await service.client.pay()
            _ = try await service.client.page()
            _ = try await service.client.repay()
            try await body(service)
        }
    }
}

extension TestService {
    /// The number of connections in this phase.
    func connections(_ phase: TrackedConnection.Phase) -> Int {
        door.table.withLock { $0.values.count { $0.state.phase == phase } }
    }

    var connections: Int { door.table.withLock { $0.count } }

    /// Returns when this number of connections is in this phase.
    func wait(for count: Int, _ phase: TrackedConnection.Phase) async {
        while connections(phase) != count, !Task.isCancelled { await Task.yield() }
    }

    func waitForConnections(_ count: Int) async {
        while connections != count, !Task.isCancelled { await Task.yield() }
    }

    /// Bytes of answers that the system has not taken yet, of all connections.
    func unsentBytes() async -> Int {
        let channels = door.table.withLock { $0.values.map(\.channel) }
        var count = 0
        for channel in channels { count += (try? await channel.getOption(.bufferedWritableBytes).get()) ?? 0 }
        return count
    }

    /// Closes the client's own connections, so that only the test's are counted.
    func withoutOthers() async {
        // A response arrives a moment before its connection counts as idle.
        await wait(for: 0, .answering)
        pass(seconds: 76)
        await waitForConnections(0)
    }

    /// Sends the bytes on a new connection. Returns the response after the service has closed the connection.
    func exchange(_ text: String) async throws -> Answer {
        try await RawConnection.exchange(port: port, Array(text.utf8))
    }
}
