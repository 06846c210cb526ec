package import ServiceLifecycle

/// Services that run side by side and are told to stop at once. A `ServiceGroup` tells one after the other: each would wait
/// for the one before it, and keep its own clients waiting meanwhile.
package struct ConcurrentServices: Service {
    private let services: [any Service]

    package init(_ services: [any Service]) {
        self.services = services
    }

    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for service in services { group.addTask { try await service.run() } }
        }
    }
}
