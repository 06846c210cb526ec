import HTTPTypes
import Hummingbird
import NIOCore

extension APIParts {
    /// Where a request comes from; nil when its connection has no address.
    func clientAddress(of request: Request, _ context: PayRequestContext) -> String? {
        ClientAddress(trustedProxies: rules.trustedProxies)
            .client(connection: context.connection, headers: request.headers)
    }
}

/// Where a request comes from, looking through the proxies that are trusted.
struct ClientAddress: Sendable {
    /// Addresses whose `X-Forwarded-For` is believed.
    let trustedProxies: Set<String>

    init(trustedProxies: [String]) {
        self.trustedProxies = Set(trustedProxies)
    }

    /// The nearest address that no trusted proxy vouches behind. Nil when the connection has none.
    func client(connection: SocketAddress?, headers: HTTPFields) -> String? {
        guard var nearest = connection?.ipAddress else { return nil }
        let hops = headers[values: .forwardedFor].joined(separator: ",").split(separator: ",")
        for hop in hops.reversed() {
            guard trustedProxies.contains(nearest) else { break }
            let address = hop.trimmingPrefix { $0 == " " }.prefix { $0 != " " }
            guard Self.isAddress(String(address)) else { break }
            nearest = String(address)
        }
        return nearest
    }

    /// What one client can't leave by taking another address: of IPv6 the first 64 bits, which a line is given whole.
    static func network(of address: String) -> String {
        guard address.contains(":"), !address.contains(".") else { return address }
        let ends = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let (first, last) = (groups(ends[0]), ends.count > 1 ? groups(ends[1]) : [])
        let zeros = Array(repeating: UInt16(0), count: max(0, 8 - first.count - last.count))
        return (first + zeros + last).prefix(4).map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func groups(_ text: Substring) -> [UInt16] {
        text.split(separator: ":").map { UInt16($0, radix: 16) ?? 0 }
    }

    static func isAddress(_ text: String) -> Bool {
        // What comes behind a NUL would be cut off, and so believed.
        text.utf8.count <= 45 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && (try? SocketAddress(ipAddress: text, port: 0)) != nil
    }
}
