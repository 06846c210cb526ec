import Foundation
import Testing

/// The programs of an installed PostgreSQL server, and the user that they run as.
struct PostgresPrograms: Sendable {
    /// Nil if no server is installed.
    static let found = PostgresPrograms()

    /// Skips a story that needs servers of its own.
    static let needed = ConditionTrait.enabled(
        if: found != nil, "no PostgreSQL server is installed: script/bootstrap --tests installs it")

    struct NotInstalled: Error {}

    private let folder: String
    /// The server refuses to run as root. Nil if the tests run as another user.
    private let user: User?

    private struct User {
        let id: uid_t
        let group: gid_t
    }

    /// Debian keeps the programs outside the PATH, in a folder for each version. The latest version counts.
    private init?() {
        let versions = "/usr/lib/postgresql"
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: versions))?.compactMap { Int($0) } ?? []
        let path = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        let folders = numbers.sorted(by: >).map { "\(versions)/\($0)/bin" } + path
        guard
            let folder = folders.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") })
        else { return nil }
        self.folder = folder
        let entry = getuid() == 0 ? (getpwnam("postgres") ?? getpwnam("nobody"))?.pointee : nil
        user = entry.map { User(id: $0.pw_uid, group: $0.pw_gid) }
    }

    /// Starts a program of the server as its user. The process that is started becomes the program.
    func start(_ program: String, _ arguments: [String], in folder: String) throws -> ChildProcess {
        let executable = "\(self.folder)/\(program)"
        let environment = Paypage.environment(["LC_ALL": "C"])
        guard let user else {
            return try ChildProcess(executable, arguments, environment: environment, folder: folder)
        }
        let asUser = ["--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups", executable]
        return try ChildProcess("/usr/bin/setpriv", asUser + arguments, environment: environment, folder: folder)
    }

    /// Runs a program of the server until it ends, and returns the lines of its output.
    @discardableResult
    func run(_ program: String, _ arguments: [String], in folder: String) async throws -> [String] {
        let process = try start(program, arguments, in: folder)
        defer { process.signal(SIGKILL) }
        guard try await process.waitForEnd() == .exited(0) else {
            let errors = try await process.errors.all().joined(separator: "\n")
            throw ChildProcess.NotStarted(description: "\(program): \(errors)")
        }
        return try await process.output.all()
    }

    /// Gives a file to the server's user.
    func own(_ path: String) throws {
        guard let user else { return }
        guard chown(path, user.id, user.group) == 0 else {
            throw ChildProcess.NotStarted(description: "\(path): no change of the owner: \(errno)")
        }
    }
}
