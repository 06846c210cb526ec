import Foundation

@testable import PayProviders

/// `openssl s_server` on loopback, with a fresh self-signed certificate for 127.0.0.1 and no other name.
final class OpenSSLServer: Sendable {
    let port: Int
    let certificateFile: String
    private let folder: URL
    private let process: Process

    private struct NotStarted: Error {}

    /// Starts one, on a thread that may wait for it.
    static func start() async throws -> OpenSSLServer {
        try await withCheckedThrowingContinuation { caller in
            startThread { caller.resume(with: Result { try OpenSSLServer() }) }
        }
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "paypage-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=paypage test", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", key, "-out", certificateFile,
        ]).process.waitUntilExit()
        let serving = try openssl(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", key])
        process = serving.process
        guard let port = try Self.readPort(serving.output) else { throw NotStarted() }
        self.port = port
    }

    deinit {
        // Not SIGTERM: a process that was started by a dispatch thread has that blocked.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// It says which port it got: "ACCEPT 127.0.0.1:43210".
    private static func readPort(_ output: FileHandle) throws -> Int? {
        var line = ""
        while let piece = try output.read(upToCount: 1), !piece.isEmpty {
            line += String(decoding: piece, as: UTF8.self)
            guard line.hasSuffix("\n") else { continue }
            if line.hasPrefix("ACCEPT") {
                return line.split(separator: ":").last.flatMap { Int($0.filter(\.isNumber)) }
            }
            line = ""
        }
        return nil
    }
}

/// Starts the `openssl` that is on the PATH.
private func openssl(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output.fileHandleForReading)
}
