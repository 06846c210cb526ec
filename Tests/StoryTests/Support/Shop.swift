import Foundation
import PayTestSupport

/// The shop's receiver: a tiny HTTP server on loopback that records each webhook, and answers as a test sets it.
final class Shop: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// One webhook as it arrived.
    struct Told: Sendable {
        struct Body: Decodable, Sendable {
            struct Data: Decodable, Sendable {
                let out_trade_no: String
                let user_id: String
                let amount: Int
                let currency: String
                let trade_no: String?
                let transaction_id: String?
            }

            let type: String
            let data: Data
        }

        let head: String
        let bytes: [UInt8]

        var id: String? { header("webhook-id") }

        var body: Body? { try? JSONDecoder().decode(Body.self, from: Data(bytes)) }

        var isSigned: Bool { isSigned(by: Shop.secret) }

        /// Verified by the public scheme, and not by our code.
        func isSigned(by secret: String) -> Bool {
            WebhookVerifier(secret: secret).accepts(
                id: id, timestamp: header("webhook-timestamp"), signatures: header("webhook-signature"), body: bytes)
        }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    enum Behaviour: Hashable, Sendable {
        case answers(Int)
        /// Accepts the webhook and never answers.
        case hangs
    }

    let port: Int
    private let listener: Int32
    private let told = Watched<[Told]>([])
    private let behaviour = Watched(Behaviour.answers(200))

    /// Listens on any free port.
    init() throws {
        let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(bound, $0, size) == 0 && listen(bound, 64) == 0 && getsockname(bound, $0, &size) == 0
            }
        }
        guard isOpen else { throw ChildProcess.NotStarted(description: "no port for the shop: \(errno)") }
        listener = bound
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in serve() }
    }

    var settings: [String: String] {
        ["PAYPAGE_WEBHOOK_URL": "http://127.0.0.1:\(port)/told", "PAYPAGE_WEBHOOK_SECRET": Self.secret]
    }

    func behave(_ next: Behaviour) { behaviour.update { $0 = next } }

    var all: [Told] { told.now }

    /// This many webhooks, once they have arrived.
    func messages(_ count: Int, within limit: Duration = .seconds(60)) async throws -> [Told] {
        try await told.first("\(count) messages come to the shop", within: limit) { $0.count >= count ? $0 : nil }
    }

    /// Ends with the test process.
    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 { continue }
            Thread.detachNewThread { [self] in
                while let message = read(from: connection) {
                    let next = behaviour.now
                    told.update { $0.append(message) }
                    guard case .answers(let status) = next else { break }
                    let answer = Array("HTTP/1.1 \(status) Said\r\nContent-Length: 0\r\n\r\n".utf8)
                    _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
                }
                // A hanging request is held until the peer closes.
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                close(connection)
            }
        }
    }

    private func read(from connection: Int32) -> Told? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = bytes(1, from: connection) else { return nil }
            head += byte
        }
        let text = String(decoding: head, as: UTF8.self)
        let length = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.drop { !$0.isNumber }) }
        return bytes(length ?? 0, from: connection).map { Told(head: text, bytes: $0) }
    }

    private func bytes(_ count: Int, from connection: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let piece = bytes[got...].withUnsafeMutableBytes { recv(connection, $0.baseAddress, $0.count, 0) }
            guard piece > 0 else { return nil }
            got += piece
        }
        return bytes
    }
}
