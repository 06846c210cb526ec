#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A port on loopback that refuses connections and stays reserved.
public final class ClosedPort: Sendable {
    public let port: UInt16
    private let descriptor: Int32

    public init() {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            }
        }
        precondition(isBound, "no free port")
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    public var url: String { "http://127.0.0.1:\(port)" }
}
