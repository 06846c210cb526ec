import Foundation
import Testing

/// A program that a test needs, and that some machines lack.
enum Tool: String {
    case java, nginx, wrk, curl

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
        .enabled(if: tool.path != nil, "\(tool.rawValue) is not installed: see script/bootstrap --tests")
    }
}
