public import Hummingbird
public import Logging
public import NIOCore

/// The sandbox as a process of its own, so that a crash of the service leaves the provider's books standing.
public enum SandboxApplication {
    /// `onServerRunning` is told the channel that listens, and with it the port when `port` was 0.
    public static func make(
        _ sandbox: Sandbox, host: String = "127.0.0.1", port: Int, logger: Logger,
        onServerRunning: @escaping @Sendable (any NIOCore.Channel) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = Router()
        sandbox.addRoutes(to: router)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            services: [sandbox.notices],
            onServerRunning: onServerRunning,
            logger: logger)
    }
}
