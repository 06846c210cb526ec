import Foundation
import Synchronization

/// A connection that a test reads and writes byte by byte. Each call blocks a thread of its own, not a task.
package final class KeptConnection: Sendable {
    private let socket: Int32
    /// Received bytes that were not read by the test yet.
    private let received = Mutex<[UInt8]>([])

    package init(port: Int, receiveBuffer: Int32? = nil) throws {
        socket = try RawConnection.connected(to: port, receiveBuffer: receiveBuffer)
        var isOn: Int32 = 1
        // Each piece is sent at once.
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        Glibc.close(socket)
    }

    package func write(_ text: String) {
        RawConnection.write(Array(text.utf8), to: socket)
    }

    /// Lets the end of the connection be a reset.
    package func resetAtEnd() {
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes the sending side.
    package func endWriting() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Writes the text repeatedly, until the other side has accepted nothing for a second or `most` bytes in all.
    /// Returns the number of accepted bytes.
    ///
    /// - Parameter isHeldBack: decides instead of the second, which a busy machine may need for the next read.
    package func writeUntilHeldBack(
        _ text: String, most: Int, _ isHeldBack: (@Sendable () -> Bool)? = nil
    ) async throws -> Int {
        try await onThread { connection in
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < most {
                var waiting = pollfd(fd: connection.socket, events: Int16(POLLOUT), revents: 0)
                guard poll(&waiting, 1, isHeldBack == nil ? 1_000 : 50) > 0 else {
                    if isHeldBack?() ?? true { break }
                    continue
                }
                let rest = bytes[(sent % bytes.count)...]
                let count = rest.withUnsafeBytes {
                    send(
                        connection.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                if count > 0 { sent += count } else if errno != EAGAIN { break }
            }
            return sent
        }
    }

    /// The next response, head and body.
    package func answer() async throws -> Answer {
        try await onThread { try $0.blockingAnswer(withBody: true) }
    }

    /// The status of the next response. Only the head is read.
    package func status() async throws -> Int {
        try await onThread { try $0.blockingAnswer(withBody: false).status }
    }

    package func answers(_ count: Int) async throws -> [Answer] {
        var answers: [Answer] = []
        for _ in 0..<count { answers.append(try await answer()) }
        return answers
    }

    /// Returns when the other side has closed. Throws if it sends anything before.
    package func waitForEnd() async throws {
        let rest = try await onThread { connection in
            while connection.readMore() {}
            return connection.received.withLock { $0 }
        }
        guard rest.isEmpty else { throw RawConnection.Failure(step: "read nothing but the end") }
    }

    /// Reads and drops so many bytes. Returns how many came: fewer if the other side closed before.
    package func drop(_ count: Int) async throws -> Int {
        try await onThread { connection in
            while connection.received.withLock({ $0.count }) < count, connection.readMore() {}
            return connection.received.withLock { received in
                let dropped = min(count, received.count)
                received.removeFirst(dropped)
                return dropped
            }
        }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (KeptConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Result { try body(self) }) }
        }
    }

    private func blockingAnswer(withBody: Bool) throws -> Answer {
        while true {
            let answer = try received.withLock { try Self.takeAnswer(from: &$0, withBody: withBody) }
            if let answer { return answer }
            guard readMore() else { throw RawConnection.Failure(step: "read an answer") }
        }
    }

    /// False at the end of the input.
    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        received.withLock { $0 += buffer[..<count] }
        return true
    }

    private static func takeAnswer(from received: inout [UInt8], withBody: Bool) throws -> Answer? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = try RawConnection.answer(in: Array(received[..<end.upperBound]))
        let length = withBody ? head.header("Content-Length").flatMap { Int($0) } ?? 0 : 0
        guard received.count >= end.upperBound + length else { return nil }
        let body = Array(received[end.upperBound..<end.upperBound + length])
        received.removeFirst(end.upperBound + length)
        return Answer(status: head.status, headers: head.headers, body: body)
    }
}

extension KeptConnection {
    /// A request as bytes, with an id by which its response is recognized.
    package static func request(
        _ line: String, id: String = "raw", _ headers: [String] = [], key: String = TestService.keys[0],
        body: String? = nil
    ) -> String {
        let length = body.map { ["Content-Type: application/json", "Content-Length: \($0.utf8.count)"] } ?? []
        let usual = ["Host: 127.0.0.1", "Authorization: Bearer \(key)", "X-Request-Id: \(id)"]
        return ([line] + usual + length + headers).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    package static let page = "GET /v1/payments/\(Sample.number)/page HTTP/1.1"
    package static let repay = "POST /v1/payments/\(Sample.number)/repay HTTP/1.1"
}

extension Answer {
    /// The id of the request.
    package var requestID: String? { header("X-Request-Id") }
}
