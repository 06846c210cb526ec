import Foundation

/// The simulator as a program: a world takes over every job of its process, so it can't run beside other tests.
enum SimulateProgram {
    struct Run: Sendable {
        let process: Int32
        let status: Int32
        let output: String

        /// The last lines, for a test that fails.
        var end: String { output.split(separator: "\n").suffix(40).joined(separator: "\n") }
    }

    struct NotBuilt: Error, CustomStringConvertible {
        let description: String
    }

    /// The product beside the tests.
    private static func executable() throws -> URL {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let product = tests.deletingLastPathComponent().appending(path: "simulate")
        guard FileManager.default.isExecutableFile(atPath: product.path) else {
            throw NotBuilt(description: "no simulate beside \(tests.path): build it")
        }
        return product
    }

    static func run(_ arguments: String...) async throws -> Run {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return await withCheckedContinuation { continuation in
            // A thread of its own: it blocks until the program ends.
            Thread.detachNewThread {
                let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                continuation.resume(
                    returning: Run(
                        process: process.processIdentifier, status: process.terminationStatus, output: output))
            }
        }
    }
}
