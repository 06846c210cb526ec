import Foundation

/// The address of a Unix socket: a path, or a name in the abstract namespace, which is written with a leading `@`.
struct UnixAddress: Sendable {
    private let address: sockaddr_un
    private let length: socklen_t

    private static let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \sockaddr_un.sun_path) ?? 2

    /// In bytes.
    static let longestPath = MemoryLayout<sockaddr_un>.size - pathOffset - 1

    /// Nil for an empty text, and for a path that is too long.
    init?(_ path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard (1...Self.longestPath).contains(bytes.count) else { return nil }
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        self.address = address
        length = socklen_t(Self.pathOffset + bytes.count)
    }

    func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
