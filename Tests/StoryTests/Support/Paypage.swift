import Foundation

/// The program under test, as it was built.
enum Paypage {
    struct NotBuilt: Error, CustomStringConvertible {
        let description: String
    }

    /// `PAYPAGE_BINARY`, or the product beside the tests.
    static func executable() throws -> String {
        if let named = ProcessInfo.processInfo.environment["PAYPAGE_BINARY"] { return named }
        return try product("paypage")
    }

    /// A product beside the tests.
    static func product(_ name: String) throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let product = tests.deletingLastPathComponent().appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: product) else {
            throw NotBuilt(description: "no \(name) beside \(tests.path): build it, or set PAYPAGE_BINARY")
        }
        return product
    }

    /// The environment of a child: only the needed variables, without any Paypage setting of the user.
    static func environment(_ settings: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("PAYPAGE_") }
            .merging(settings) { $1 }
    }

    /// A run that ends by itself.
    struct Run: Sendable {
        let end: ChildProcess.End
        let output: String
        let errors: String

        var isRefusal: Bool { end != .exited(0) && !isCrash }

        private var isCrash: Bool { if case .killed = end { true } else { false } }
    }

    static func run(_ arguments: [String], settings: [String: String] = [:], in folder: String) async throws -> Run {
        try await run(executable(), arguments, settings: settings, in: folder)
    }

    static func run(
        _ executable: String, _ arguments: [String], settings: [String: String] = [:], in folder: String
    ) async throws -> Run {
        let process = try ChildProcess(
            executable, arguments, environment: environment(settings), folder: folder)
        defer { process.signal(SIGKILL) }
        let end = try await process.waitForEnd()
        return Run(
            end: end, output: try await process.output.all().joined(separator: "\n"),
            errors: try await process.errors.all().joined(separator: "\n"))
    }
}

/// Ports without a listener.
enum FreePort {
    /// Below the range of outgoing connections, so that none of those takes the port first.
    private static let range = 20_000..<32_000

    static func find() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: range)
            if isFree(port) { return port }
        }
        throw ChildProcess.NotStarted(description: "no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// A folder for one test, deleted after it.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "paypage-story-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}
