package import ServiceLifecycle

/// Runs services side by side and stops all of them at once. A `ServiceGroup` stops one after the other, so each
/// service would wait for the one before it while its own clients wait too.
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
