import Glibc
import Synchronization

@testable import PayProviders

/// A server on loopback that runs a script for each connection and records the requests.
///
/// It uses blocking sockets and a thread per connection, so that the scripts are sequential code.
final class LoopbackServer: Sendable {
    /// A received request, or a word that the script reported.
    struct Request: Sendable {
        let connection: Int
        let head: String
        let body: [UInt8]

        var line: String { String(head.prefix { $0 != "\r\n" }) }
    }

    let port: UInt16
    private let log: ConnectionLog

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { log.requests }
    var connections: Int { log.connections }

    init(_ script: @escaping @Sendable (Conversation) -> Void) {
        let (listener, port) = bindToLoopback(backlog: 1_024)
        let log = ConnectionLog(listener: listener)
        self.port = port
        self.log = log
        startThread {
            while true {
                let socket = accept(listener, nil, nil)
                // EMFILE: a test has used up all file descriptors for a moment.
                if socket < 0 && [EINTR, ECONNABORTED, EMFILE].contains(errno) { continue }
                guard socket >= 0 else { break }
                let number = log.enter(socket)
                startThread {
                    script(Conversation(socket: socket, number: number, log: log))
                    log.leave(socket)
                }
            }
            log.leave(listener)
        }
    }

    deinit { log.hangUp() }

    /// Refuses every further connection.
    func stopListening() { log.stopListening() }

    /// Returns when that many requests have come.
    func received(_ count: Int) async { await log.received(count) }
}

/// The state shared by a server's threads: its open sockets and the received requests.
///
/// Sockets are shut down and closed under the lock, because another test may soon get the number of a closed one.
final class ConnectionLog: Sendable {
    private struct State {
        var connections = 0
        var open: Set<Int32>
        var requests: [LoopbackServer.Request] = []
        var waiting: [(count: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }

    private let listener: Int32
    private let state: Mutex<State>

    init(listener: Int32) {
        self.listener = listener
        state = Mutex(State(open: [listener]))
    }

    var requests: [LoopbackServer.Request] { state.withLock(\.requests) }
    var connections: Int { state.withLock(\.connections) }

    /// The number of a new connection, from 1.
    func enter(_ socket: Int32) -> Int {
        state.withLock { state in
            state.open.insert(socket)
            state.connections += 1
            return state.connections
        }
    }

    func leave(_ socket: Int32) {
        state.withLock { state in
            state.open.remove(socket)
            _ = close(socket)
        }
    }

    /// Wakes and ends every thread that accepts or reads.
    func hangUp() {
        state.withLock { state in
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    func stopListening() {
        state.withLock { state in
            if state.open.contains(listener) { shutdown(listener, Int32(SHUT_RDWR)) }
        }
    }

    func remember(_ request: LoopbackServer.Request) {
        let ready = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            defer { state.waiting.removeAll { $0.count <= count } }
            return state.waiting.filter { $0.count <= count }
        }
        for one in ready { one.waiter.resume() }
    }

    func received(_ count: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                if state.requests.count < count { state.waiting.append((count, waiter)) }
                return state.requests.count >= count
            }
            if isThere { waiter.resume() }
        }
    }
}

/// The server's side of one connection, for as long as the client keeps it open.
struct Conversation {
    let socket: Int32
    let number: Int
    let log: ConnectionLog

    /// The next complete request, or nil if the client has disconnected.
    func read() -> LoopbackServer.Request? {
        var head: [UInt8] = []
        while !head.ends(with: "\r\n\r\n") {
            guard let byte = readBytes(1) else { return nil }
            head += byte
        }
        let text = String(decoding: head, as: UTF8.self)
        guard let body = readBytes(contentLength(text)) else { return nil }
        let request = LoopbackServer.Request(connection: number, head: text, body: body)
        log.remember(request)
        return request
    }

    func write(_ text: String) { write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// A complete answer, which keeps the connection open.
    func answer(_ body: [UInt8] = [], status: String = "200 OK", headers: [String] = []) {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
        write(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    /// Gives the same answer to every request until the client disconnects.
    func answerAll(_ body: [UInt8] = []) {
        while read() != nil { answer(body) }
    }

    /// Closes the connection, and reports it when the client can notice.
    func hangUp() {
        shutdown(socket, Int32(SHUT_RDWR))
        tell("hung up")
    }

    /// Reports a word to the test, in place of a request.
    func tell(_ word: String) { log.remember(.init(connection: number, head: word, body: [])) }

    /// Returns when the client has disconnected, and ignores its requests.
    func waitForHangUp() {
        while readBytes(1) != nil {}
    }

    private func readBytes(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let piece = bytes[got...].withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            if piece < 0 && errno == EINTR { continue }
            guard piece > 0 else { return nil }
            got += piece
        }
        return bytes
    }

    private func contentLength(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        return line.flatMap { Int($0.drop { !$0.isNumber }) } ?? 0
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

/// A port on loopback where connecting never finishes: nothing accepts, and the backlog is full.
final class FullPort: Sendable {
    let port: UInt16
    private let sockets: [Int32]

    /// `lastOctet` makes it 127.0.0.N. Port 0 takes any free one.
    init(lastOctet: UInt32 = 1, port wanted: UInt16 = 0) {
        let (listener, port) = bindToLoopback(backlog: 0, lastOctet: lastOctet, port: wanted)
        let clients = (1...4).map { _ in
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withLoopbackAddress(lastOctet: lastOctet, port: port) { connect(client, $0, $1) }
            return client
        }
        self.port = port
        sockets = clients + [listener]
    }

    deinit {
        for socket in sockets { close(socket) }
    }
}

/// A port on loopback that refuses connections and stays reserved.
final class DeafPort: Sendable {
    let port: UInt16
    private let socket: Int32

    init() {
        (socket, port) = bindToLoopback(backlog: nil)
    }

    deinit { close(socket) }
}

/// A bound socket, on any free port of 127.0.0.1 by default. It listens if it has a backlog.
private func bindToLoopback(
    backlog: Int32?, lastOctet: UInt32 = 1, port: UInt16 = 0
) -> (socket: Int32, port: UInt16) {
    let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(withLoopbackAddress(lastOctet: lastOctet, port: port) { bind(bound, $0, $1) } == 0, "no free port")
    if let backlog { precondition(listen(bound, backlog) == 0, "can't listen") }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(bound, $0, &size) }
    }
    return (bound, UInt16(bigEndian: address.sin_port))
}

private func withLoopbackAddress(
    lastOctet: UInt32, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = (UInt32(0x7F00_0000) | lastOctet).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
