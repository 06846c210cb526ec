import Foundation
import Synchronization

/// A running sandbox, a folder with a database, and the services that use them.
final class Story: Sendable {
    static let tokenSecret = "story-token-secret-0123456789abcdef"
    static let sandboxSecret = "story-sandbox-secret-0123456789abcdef"

    let folder: String
    private let settings: [String: String]
    private let logOptions: [String]
    private let started = Mutex<(processes: [ChildProcess], clients: [Client])>(([], []))

    private init(folder: String, settings: [String: String], logOptions: [String]) {
        self.folder = folder
        self.settings = settings
        self.logOptions = logOptions
    }

    /// Every process that the body started ends with the body, whatever its result.
    static func run(
        _ settings: [String: String] = [:], logOptions: [String] = ["--log-format", "json"],
        _ body: (Story) async throws -> Void
    ) async throws {
        try await Crowd.beside {
            try await withFolder { folder in
                let story = Story(folder: folder, settings: settings, logOptions: logOptions)
                do {
                    try await body(story)
                } catch {
                    story.tellLogs()
                    await story.end()
                    throw error
                }
                await story.end()
            }
        }
    }

    var database: [String: String] { ["PAYPAGE_DATABASE_URL": "sqlite:\(folder)/paypage.sqlite"] }

    /// `paypage sandbox`, on a port that it finds.
    func startSandbox() async throws -> (process: ChildProcess, sandbox: Sandbox) {
        let process = try start(
            ["sandbox", "--port", "0"] + logOptions, ["PAYPAGE_SANDBOX_SECRET": Self.sandboxSecret])
        let base = try await process.output.first("the sandbox listens") { line in
            line.hasPrefix("sandbox at ") ? String(line.dropFirst("sandbox at ".count)) : nil
        }
        return (process, Sandbox(client: client(base: base)))
    }

    /// `paypage serve` with an external sandbox. On `port` after a restart.
    func startService(
        _ sandbox: Sandbox, on port: Int? = nil, openFiles: Int? = nil, _ more: [String: String] = [:],
        arguments: [String] = []
    ) async throws -> Service {
        let channel = [
            "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base,
            "PAYPAGE_SANDBOX_SECRET": Self.sandboxSecret,
            "PAYPAGE_PROVIDER_TIMEOUT": "1s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "1s",
        ]
        return try await startService(on: port, with: channel, openFiles: openFiles, more, arguments: arguments)
    }

    /// `paypage serve` with the channels of these settings. On `port` after a restart.
    ///
    /// - Parameter openFiles: the process's limit of open files; nil for the default.
    func startService(
        on port: Int? = nil, with channels: [String: String], openFiles: Int? = nil, _ more: [String: String] = [:],
        arguments: [String] = []
    ) async throws -> Service {
        let port = try port ?? FreePort.find()
        let standard = [
            "PAYPAGE_HTTP_PORT": "\(port)", "PAYPAGE_PUBLIC_URL": "http://127.0.0.1:\(port)",
            "PAYPAGE_API_KEYS": Service.apiKey, "PAYPAGE_TOKEN_SECRET": Self.tokenSecret,
            // Otherwise a story after 10:30 in China would fetch a bill in the background.
            "PAYPAGE_RECONCILE_ENABLED": "false",
        ]
        let all = [channels, database, settings, more].reduce(standard) { $0.merging($1) { $1 } }
        let process = try start(["serve"] + arguments + logOptions, all, openFiles: openFiles)
        _ = try await process.errors.first("the service listens") { $0.contains("http.port") ? $0 : nil }
        return Service(process: process, port: port, client: client(base: "http://127.0.0.1:\(port)"))
    }

    /// `paypage serve --dev`, which needs no settings, and prints its port and its keys.
    func startDevelopmentService() async throws -> (service: Service, sandbox: Sandbox) {
        let process = try start(
            ["serve", "--dev"] + logOptions,
            ["PAYPAGE_HTTP_PORT": "0"].merging(database) { $1 }.merging(settings) { $1 })
        let address = try await process.output.first("an address is printed") { Self.printed("address", in: $0) }
        let key = try await process.output.first("a key is printed") { Self.printed("api.keys", in: $0) }
        _ = try await process.output.first("the welcome ends") { $0.contains("/sandbox/trades") ? $0 : nil }
        let port = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let service = Service(process: process, port: port, client: client(base: address), apiKey: key)
        return (service, Sandbox(client: client(base: "\(address)/sandbox")))
    }

    func client(base: String) -> Client {
        let client = Client(base: base)
        started.withLock { $0.clients.append(client) }
        return client
    }

    /// Another program, which ends with the story at the latest.
    func start(_ executable: String, _ arguments: [String], _ environment: [String: String]) throws -> ChildProcess {
        let process = try ChildProcess(
            executable, arguments, environment: Paypage.environment(environment), folder: folder)
        started.withLock { $0.processes.append(process) }
        return process
    }

    private func start(
        _ arguments: [String], _ settings: [String: String], openFiles: Int? = nil
    ) throws -> ChildProcess {
        let executable = try Paypage.executable()
        guard let openFiles else { return try start(executable, arguments, settings) }
        // The shell becomes the program: the pid stays.
        return try start(
            "/bin/sh", ["-c", #"ulimit -n \#(openFiles); exec "$0" "$@""#, executable] + arguments, settings)
    }

    /// The word after a name in the table that `--dev` prints.
    private static func printed(_ name: String, in line: String) -> String? {
        let words = line.split(separator: " ")
        return words.count >= 2 && words[0] == name ? String(words[1]) : nil
    }

    private func end() async {
        let (processes, clients) = started.withLock { $0 }
        for process in processes { process.signal(SIGKILL) }
        for process in processes { _ = try? await process.waitForEnd(within: .seconds(10)) }
        for client in clients { await client.close() }
    }

    /// Prints the ends of all logs, to explain a failure.
    private func tellLogs() {
        for process in started.withLock({ $0.processes }) {
            let log = process.errors.lines.suffix(30).joined(separator: "\n")
            print("--- log of process \(process.pid), \(process.end.map { "\($0)" } ?? "running")\n\(log)")
        }
    }
}

extension Story {
    /// The usual beginning: a sandbox and one service.
    static func run(
        _ settings: [String: String] = [:], logOptions: [String] = ["--log-format", "json"],
        _ body: (Story, Sandbox, Service) async throws -> Void
    ) async throws {
        try await run(settings, logOptions: logOptions) { story in
            let sandbox = try await story.startSandbox().sandbox
            try await body(story, sandbox, story.startService(sandbox))
        }
    }
}
