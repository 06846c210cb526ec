import Foundation

@testable import PayProviders

/// A TLS server on loopback, with a new self-signed certificate for 127.0.0.1 and no other name.
final class OpenSSLServer: Sendable {
    let port: Int
    let certificateFile: String
    private let folder: URL
    private let process: Process

    private struct NotStarted: Error {}

    enum Kind {
        /// `openssl s_server`: one connection at a time, each closed after its answer.
        case serial
        /// Python's server: many concurrent, kept-alive connections.
        case concurrent
    }

    /// Starts a server on a thread that may block.
    static func start(_ kind: Kind = .serial) async throws -> OpenSSLServer {
        try await withCheckedThrowingContinuation { caller in
            startThread { caller.resume(with: Result { try OpenSSLServer(kind) }) }
        }
    }

    private init(_ kind: Kind) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "paypage-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificateFile = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        try launch([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", "/CN=paypage test", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", key, "-out", certificateFile,
        ]).process.waitUntilExit()
        let serving =
            switch kind {
            case .serial:
                try launch([
                    "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", key,
                ])
            case .concurrent: try launch(["python3", "-c", Self.concurrentServer, certificateFile, key])
            }
        process = serving.process
        guard let port = try Self.readPort(serving.output) else { throw NotStarted() }
        self.port = port
    }

    deinit {
        // Not SIGTERM, which is blocked in a process started from a dispatch thread.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Answers each request with an empty 200.
    private static let concurrentServer = """
        import asyncio, re, ssl, sys

        async def serve(reader, writer):
            try:
                while True:
                    head = await reader.readuntil(b"\\r\\n\\r\\n")
                    length = re.search(rb"(?i)content-length: *([0-9]+)", head)
                    await reader.readexactly(int(length[1]) if length else 0)
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
            except (asyncio.IncompleteReadError, OSError):
                writer.close()

        async def main():
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, backlog=1024)
            print("ACCEPT 127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()

        asyncio.run(main())
        """

    /// Reads the port from the server's line "ACCEPT 127.0.0.1:43210".
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

/// Starts a program on the PATH.
private func launch(_ command: [String]) throws -> (process: Process, output: FileHandle) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output.fileHandleForReading)
}
