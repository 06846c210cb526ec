import Foundation
import Synchronization

/// A PostgreSQL server of a cluster. It listens on a Unix socket in its folder, and on no network address.
final class ClusterServer: Sendable {
    /// The folder of the data and of the socket.
    let folder: String
    private let programs: PostgresPrograms
    private let started = Mutex<ChildProcess?>(nil)

    /// The socket's path may have some hundred bytes at most.
    init(folder: String, programs: PostgresPrograms) throws {
        self.folder = folder
        self.programs = programs
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try programs.own(folder)
    }

    /// Makes an empty database cluster. Small segments of the log make it quick to copy.
    func initialize() async throws {
        try await programs.run(
            "initdb",
            [
                "--pgdata=data", "--username=paypage", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
                "--no-instructions", "--data-checksums", "--wal-segsize=1",
            ], in: folder)
    }

    /// Becomes a standby of a server that was initialized and has not been started yet.
    func follow(_ primary: ClusterServer) throws {
        let copy = try FileManager.default.subpathsOfDirectory(atPath: "\(primary.folder)/data")
        try FileManager.default.copyItem(atPath: "\(primary.folder)/data", toPath: "\(folder)/data")
        try Data().write(to: URL(filePath: "\(folder)/data/standby.signal"))
        for path in ["", "standby.signal"] + copy { try programs.own("\(folder)/data/\(path)") }
    }

    /// Starts the server, and waits until it takes connections.
    func start(_ settings: [String: String]) async throws {
        let standard = [
            "listen_addresses": "", "unix_socket_directories": folder, "max_connections": "200",
            "shared_buffers": "32MB", "max_wal_size": "1GB", "checkpoint_timeout": "1h", "autovacuum": "off",
            // A standby looks for the log of its primary that often. The default of 5 s is the time of a promotion.
            "wal_retrieve_retry_interval": "200ms",
        ]
        let arguments = standard.merging(settings) { $1 }.sorted { $0.key < $1.key }
            .flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let process = try programs.start("postgres", ["-D", "data"] + arguments, in: folder)
        started.withLock { $0 = process }
        _ = try await process.errors.first("the database listens") {
            $0.contains("ready to accept") ? () : nil
        }
    }

    /// Ends every process of the server at once, as a crash of its machine does.
    func kill() async throws {
        signal(SIGKILL)
        _ = try await started.withLock { $0 }?.waitForEnd()
    }

    /// Stops every process of the server, which keeps its connections.
    func freeze() { signal(SIGSTOP) }

    func thaw() { signal(SIGCONT) }

    /// A standby becomes the primary of a new timeline. Returns when it takes writes.
    func promote() async throws {
        try await programs.run("pg_ctl", ["promote", "-D", "data"], in: folder)
    }

    /// The rows of a query, with `|` between columns.
    @discardableResult
    func rows(_ sql: String) async throws -> [String] {
        try await programs.run(
            "psql", ["-XAtq", "-h", folder, "-U", "paypage", "-d", "postgres", "-c", sql], in: folder)
    }

    /// The last lines of the server's log.
    var log: String { started.withLock { $0 }?.errors.lines.suffix(20).joined(separator: "\n") ?? "" }

    /// The server's first process is stopped meanwhile. It starts no other, and keeps the numbers of those that ended.
    private func signal(_ number: Int32) {
        guard let first = started.withLock({ $0 }), first.end == nil else { return }
        first.signal(SIGSTOP)
        for child in Self.children(of: first.pid) { Foundation.kill(child, number) }
        first.signal(number)
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
        return processes.filter { process in
            guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let end = line.lastIndex(of: ")")
            else { return false }
            // Behind the name: the state, and the parent.
            return line[end...].split(separator: " ").dropFirst(2).first == "\(parent)"
        }
    }
}
