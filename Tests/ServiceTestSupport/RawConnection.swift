import Foundation

/// Sends requests byte by byte, for input that a regular client can't send.
package enum RawConnection {
    package struct Failure: Error {
        package let step: String

        package init(step: String) {
            self.step = step
        }
    }

    /// Sends the bytes on a new connection and reads until the other side closes it. Blocks a thread of its own, not a
    /// task.
    package static func exchange(port: Int, _ request: [UInt8]) async throws -> Answer {
        let bytes = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try blockingExchange(port: port, request) })
            }
        }
        return try answer(in: bytes)
    }

    /// Sends one request with these lines in the head. `Connection: close` and the host are added.
    package static func send(port: Int, _ head: [String], body: [UInt8] = []) async throws -> Answer {
        let lines = [head[0], "Host: 127.0.0.1:\(port)", "Connection: close"] + head.dropFirst()
        return try await exchange(port: port, Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Connects to a port of loopback. The system buffers at least a few kilobytes of unread input.
    package static func connected(to port: Int, receiveBuffer: Int32? = nil) throws -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure(step: "socket") }
        if var receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var addresses: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo("127.0.0.1", String(port), nil, &addresses) == 0, let address = addresses else {
            close(socket)
            throw Failure(step: "find the address")
        }
        defer { freeaddrinfo(addresses) }
        let connected = connect(socket, address.pointee.ai_addr, address.pointee.ai_addrlen)
        guard connected == 0 else {
            close(socket)
            throw Failure(step: "connect")
        }
        return socket
    }

    package static func write(_ request: [UInt8], to socket: Int32) {
        var sent = 0
        while sent < request.count {
            // A server may close before it has read everything. Its response must still be read.
            let count = request[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
    }

    private static func blockingExchange(port: Int, _ request: [UInt8]) throws -> [UInt8] {
        let socket = try connected(to: port)
        defer { close(socket) }
        write(request, to: socket)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
    }

    package static func answer(in bytes: [UInt8]) throws -> Answer {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Failure(step: "read a head") }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure(step: "read a status")
        }
        let headers = lines.dropFirst().compactMap { line -> [String]? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return [line[..<colon].lowercased(), String(value)]
        }
        return Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }
}
