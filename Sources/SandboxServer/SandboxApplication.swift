import Hummingbird
public import HummingbirdCore
public import Logging
public import NIOCore
public import ServiceLifecycle

/// The sandbox as a process of its own, so that a crash of the service leaves the provider's books standing.
public enum SandboxApplication {
    /// A service that listens, and sends the notices beside it. `onListening` is told the port, which matters when
    /// `port` was 0.
    ///
    /// - Parameter guardian: stands before every connection. Nil for the framework's own way.
    public static func make(
        _ sandbox: Sandbox, host: String = "127.0.0.1", port: Int, behind guardian: SandboxGuardian? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some Service {
        let router = Router()
        sandbox.addRoutes(to: router)
        return Application(
            router: router,
            server: guardian?.server ?? .http1(),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), availableConnectionsDelegate: guardian?.connections),
            services: [sandbox.notices],
            onServerRunning: { channel in
                await guardian?.begin(channel)
                await onListening(channel.localAddress?.port ?? port)
            },
            logger: logger)
    }
}

/// The rules for connections that the sandbox's listener is given from outside, so that they are the service's own.
public struct SandboxGuardian: Sendable {
    let server: HTTPServerBuilder
    let connections: any AvailableConnectionsDelegate
    let begin: @Sendable (any Channel) async -> Void

    public init(
        server: HTTPServerBuilder, connections: any AvailableConnectionsDelegate,
        begin: @escaping @Sendable (any Channel) async -> Void
    ) {
        self.server = server
        self.connections = connections
        self.begin = begin
    }
}
