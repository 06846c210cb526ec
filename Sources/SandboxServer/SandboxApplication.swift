import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// The sandbox as a process of its own, so that a crash of the service leaves the provider's books standing.
public enum SandboxApplication {
    /// A service that listens, and sends the notices beside it. `onListening` is told the port, which matters when
    /// `port` was 0.
    public static func make(
        _ sandbox: Sandbox, host: String = "127.0.0.1", port: Int, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some Service {
        let router = Router()
        sandbox.addRoutes(to: router)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            services: [sandbox.notices],
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
