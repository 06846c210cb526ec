import ArgumentParser
import Foundation
import FrontDoor
import Hummingbird
import Logging
import PayCore
import PayProviders
import SandboxServer
import ServiceLifecycle
import UnixSignals

struct RunSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Runs the sandbox provider as a separate process on loopback.",
        discussion: """
            Its trades are kept in memory. Start the service with the same secret and with this address:
              PAYPAGE_SANDBOX_ENABLED=true PAYPAGE_SANDBOX_SECRET=… \
            PAYPAGE_SANDBOX_BASE_URL=http://127.0.0.1:PORT/sandbox paypage serve
            """)

    /// A notice that is not acknowledged within this time is sent again.
    private static let noticeTimeout = Duration.seconds(8)
    /// The same as the service's own default.
    private static let requestTimeout = Duration.seconds(30)
    private static let idleTimeout = Duration.seconds(75)
    /// A slow fault that lasts longer is cut short.
    private static let longestShutdown = Duration.seconds(30)

    @Option(help: "The port to listen on; 0 for any free one.")
    var port: Int

    @OptionGroup var log: LogOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
    }

    func run() async throws {
        let clock = SystemClock()
        let logger = log.logger("paypage-sandbox", clock: clock)
        let transport = CurlTransport(limits: .init(totalTimeout: Self.noticeTimeout))
        let sandbox = Sandbox(.init(secret: try secret()), transport: transport, clock: clock, logger: logger)
        let files = OpenFileLimit.raise(logger)
        let door = FrontDoor(
            DoorLimits(
                requestTimeout: Self.requestTimeout, idleTimeout: Self.idleTimeout,
                connections: ConnectionLimit.connections(nil, files: files, logger)),
            logger: logger)
        let guardian = SandboxGuardian(server: .http1(door), connections: door) { await door.begin(on: $0) }
        let application = SandboxApplication.make(sandbox, port: port, behind: guardian, logger: logger) { port in
            print("sandbox at http://127.0.0.1:\(port)/sandbox")
            Output.flush()
        }
        var configuration = ServiceGroupConfiguration(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.longestShutdown
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            let listening = ListenFailure(hostSetting: nil, portSetting: "--port", host: "127.0.0.1", port: port)
            throw listening.failure(for: error) ?? error
        }
        await transport.close()
    }

    /// The secret, read as `serve` reads it.
    private func secret() throws -> Secret {
        if let set = ProcessInfo.processInfo.environment["PAYPAGE_SANDBOX_SECRET"], !set.isEmpty {
            do {
                return Secret(try SettingRules.cleaned(set, isSecret: true))
            } catch {
                throw CommandFailure("\(SettingMistake(.sandboxSecret, error))")
            }
        }
        let made = RandomSecret.make()
        print("PAYPAGE_SANDBOX_SECRET is not set; generated for this run: \(made)")
        return Secret(made)
    }
}
