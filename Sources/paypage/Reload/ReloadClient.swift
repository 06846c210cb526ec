import Foundation

/// The command's side of the socket.
enum ReloadClient {
    /// A reload stores the types of the channels, which may wait for the database.
    private static let longestWaitSeconds = 60

    /// Whether a process listens at the path.
    static func isServed(_ path: String) -> Bool {
        guard let descriptor = connected(path) else { return false }
        close(descriptor)
        return true
    }

    /// Asks the service. Throws an error with its fix if none answers.
    static func ask(_ request: ReloadRequest, at path: String) throws -> ReloadReport {
        guard let descriptor = connected(path) else {
            throw CommandFailure(
                "no running service at the socket \(path) (\(String(cString: strerror(errno)))): start it, run the "
                    + "command as its user or root, or set reload.socket as the service has it")
        }
        defer { close(descriptor) }
        var wait = timeval(tv_sec: longestWaitSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var rest = ArraySlice(try JSONEncoder().encode(request) + Data("\n".utf8))
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw silent }
            rest = rest.dropFirst(sent)
        }
        var answer = Data()
        var part = [UInt8](repeating: 0, count: 65_536)
        while answer.last != UInt8(ascii: "\n") {
            let count = recv(descriptor, &part, part.count, 0)
            guard count > 0 else { throw silent }
            answer += part[..<count]
        }
        return try JSONDecoder().decode(ReloadReport.self, from: answer)
    }

    private static var silent: CommandFailure {
        CommandFailure("the service did not answer; its log tells whether the settings were reloaded")
    }

    /// Nil, with `errno`, if no process listens at the path.
    private static func connected(_ path: String) -> CInt? {
        guard let address = UnixAddress(path) else {
            errno = ENAMETOOLONG
            return nil
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard address.withSocketAddress({ connect(descriptor, $0, $1) }) == 0 else {
            let error = errno
            close(descriptor)
            errno = error
            return nil
        }
        return descriptor
    }
}
