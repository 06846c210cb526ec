import PayServer
import ServiceLifecycle

/// The server and the clock's work, told to stop at once: a group of services tells one after the other, and would
/// leave the one open while it waits for the other.
struct ServerWithClockwork<Server: Service>: Service {
    let server: Server
    let clockwork: Clockwork

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await server.run() }
            group.addTask { try await clockwork.run() }
        }
    }
}
