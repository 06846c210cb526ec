import Hummingbird
public import HummingbirdCore
public import Logging
public import NIOCore
public import ServiceLifecycle

/// The sandbox as a separate process, so that its books survive a crash of the service.
public enum SandboxApplication {
    /// A service with a listener and the sender of notices. `onListening` receives the port, which is assigned if
    /// `port` is 0.
    ///
    /// - Parameter guardian: Handles each connection before the framework. Nil for the framework's own handling.
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

/// The connection rules of the sandbox's listener. The caller passes them in, so that they equal the service's rules.
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
