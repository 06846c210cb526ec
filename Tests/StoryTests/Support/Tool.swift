import Foundation
import Testing

/// A program that a test needs, and that not every machine has.
enum Tool: String {
    case java, nginx, wrk, curl

    /// Nil where it isn't installed.
    var path: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/usr/sbin"]).lazy.map { "\($0)/\(rawValue)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test, and says so, where the program isn't installed.
    static func needs(_ tool: Tool) -> Self {
        .enabled(if: tool.path != nil, "\(tool.rawValue) is not installed: see script/bootstrap --tests")
    }
}
