import Foundation
import Testing

/// A program that a test needs, and that some machines lack.
enum Tool: String {
    case java, php, node, go, gofmt, nginx, wrk, curl, openssl, caddy, debootstrap, promtool
    case python = "python3"
    case systemdAnalyze = "systemd-analyze"
    case shlibdeps = "dpkg-shlibdeps"

    /// Nil if it is not installed.
    var path: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/usr/sbin"]).lazy.map { "\($0)/\(rawValue)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test with a message if the program is not installed.
    static func needs(_ tool: Tool) -> Self {
        .enabled(if: tool.path != nil, "\(tool.rawValue) is not installed")
    }

    /// Skips a test, and says so, where the tests run as another user than root.
    static var needsRoot: Self { .enabled(if: geteuid() == 0, "the test needs root") }
}
