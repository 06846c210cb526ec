import Foundation

/// A connection to a loopback port, byte by byte. Each waiting call blocks its own thread.
final class RawSocket: Sendable {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard socket >= 0, connected == 0 else {
            throw ChildProcess.NotStarted(description: "no connection to port \(port): \(errno)")
        }
    }

    deinit {
        close(socket)
    }

    /// Sends bytes until the peer has accepted none for a fifth of a second, or has closed. Returns the number of
    /// accepted bytes.
    @discardableResult
    func send(_ bytes: [UInt8], times: Int = 1) async -> Int {
        await withCheckedContinuation { done in
            Thread.detachNewThread { [socket] in
                var sent = 0
                while sent < bytes.count * times {
                    var ready = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                    guard poll(&ready, 1, 200) > 0 else { break }
                    let count = bytes[(sent % bytes.count)...].withUnsafeBytes {
                        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                    }
                    guard count > 0 else { break }
                    sent += count
                }
                done.resume(returning: sent)
            }
        }
    }

    /// The received bytes, until `isEnough` or until the peer closes.
    func read(until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }) async -> String {
        await withCheckedContinuation { done in
            Thread.detachNewThread { [socket] in
                var received: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while !isEnough(String(decoding: received, as: UTF8.self)) {
                    let count = recv(socket, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    received += buffer[..<count]
                }
                done.resume(returning: String(decoding: received, as: UTF8.self))
            }
        }
    }
}
