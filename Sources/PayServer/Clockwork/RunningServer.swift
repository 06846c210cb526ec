public import ServiceLifecycle

/// The server, the clock's work and the streams of events, told to stop at once: a group of services tells one after the
/// other, and would leave the one open while it waits for the other.
public struct RunningServer<Server: Service>: Service {
    private let server: Server
    private let clockwork: Clockwork
    private let live: LiveOrders

    public init(server: Server, clockwork: Clockwork, live: LiveOrders) {
        self.server = server
        self.clockwork = clockwork
        self.live = live
    }

    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await server.run() }
            group.addTask { try await clockwork.run() }
            group.addTask { await live.run() }
        }
    }
}
