import Foundation
import Synchronization

/// A child process, with its output and its exit.
///
/// It is started by `posix_spawn` with an empty signal mask: a process that Foundation starts from a dispatch thread
/// never receives SIGTERM.
final class ChildProcess: Sendable {
    enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let pid: pid_t
    let output: OutputLines
    let errors: OutputLines
    private let ended = Watched<End?>(nil)
    /// Held while a signal is sent, and while the process is reaped. Afterwards its pid may belong to another process.
    private let mayBeSignalled = Mutex(true)

    init(_ executable: String, _ arguments: [String], environment: [String: String], folder: String) throws {
        let (outputEnd, outputPipe) = try Self.pipe()
        let (errorEnd, errorPipe) = try Self.pipe()
        defer {
            close(outputPipe)
            close(errorPipe)
        }
        pid = try Self.spawn(executable, arguments, environment, folder, output: outputPipe, errors: errorPipe)
        output = OutputLines(reading: outputEnd)
        errors = OutputLines(reading: errorEnd)
        Thread.detachNewThread { [self] in reap() }
    }

    /// How it ended; nil while it runs.
    var end: End? { ended.now }

    func waitForEnd(within limit: Duration = .seconds(30)) async throws -> End {
        try await ended.first("process \(pid) ends", within: limit) { $0 }
    }

    /// Sends a signal if the process still runs.
    func signal(_ number: Int32) {
        mayBeSignalled.withLock { may in
            if may { kill(pid, number) }
        }
    }

    private func reap() {
        var news = siginfo_t()
        while waitid(P_PID, id_t(pid), &news, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: Int32 = 0
        mayBeSignalled.withLock { may in
            may = false
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        let signal = status & 0x7F
        let end = signal == 0 ? End.exited(status >> 8 & 0xFF) : End.killed(by: signal)
        ended.update { $0 = end }
    }
}

extension ChildProcess {
    /// Both ends are closed in children from the first moment, so that no other child keeps this output open. Swift
    /// offers no such plain pipe.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw NotStarted(description: "no pipe: \(errno)") }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String: String], _ folder: String,
        output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // `env` changes to the folder and then becomes the program: the pid stays.
        let env = "/usr/bin/env"
        let words = ([env, "-C", folder, executable] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, env, &actions, &attributes, words, variables)
        guard failure == 0 else {
            throw NotStarted(description: "\(executable): \(String(cString: strerror(failure)))")
        }
        return pid
    }
}

/// The lines of one output of a process.
final class OutputLines: Sendable {
    struct Written: Sendable {
        var lines: [String] = []
        /// The process, and every heir of the output, has closed it.
        var isOver = false
    }

    private let written = Watched(Written())

    /// Reads on a separate thread until the output is closed.
    init(reading descriptor: Int32) {
        Thread.detachNewThread { [written] in
            var line: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                var whole: [String] = []
                for byte in buffer[..<count] {
                    guard byte == UInt8(ascii: "\n") else {
                        line.append(byte)
                        continue
                    }
                    whole.append(String(decoding: line, as: UTF8.self))
                    line = []
                }
                written.update { $0.lines += whole }
            }
            close(descriptor)
            let rest = line.isEmpty ? [] : [String(decoding: line, as: UTF8.self)]
            written.update {
                $0.lines += rest
                $0.isOver = true
            }
        }
    }

    var lines: [String] { written.now.lines }

    /// The first line that `find` accepts. Throws if the output ends without one.
    func first<Found: Sendable>(
        _ what: String, within limit: Duration = .seconds(30), _ find: @escaping @Sendable (String) -> Found?
    ) async throws -> Found {
        let found = try await written.first(what, within: limit) { written -> Found?? in
            if let found = written.lines.lazy.compactMap(find).first { return .some(found) }
            return written.isOver ? .some(nil) : nil
        }
        guard let found else {
            throw ChildProcess.NotStarted(description: "\(what): never; it wrote\n\(lines.joined(separator: "\n"))")
        }
        return found
    }

    /// All lines, after the output has ended.
    func all(within limit: Duration = .seconds(30)) async throws -> [String] {
        try await written.first("an output ends", within: limit) { $0.isOver ? $0.lines : nil }
    }
}
