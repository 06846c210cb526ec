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

    static func isAddress(_ text: String) -> Bool {
        // What comes behind a NUL would be cut off, and so believed.
        text.utf8.count <= 45 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && (try? SocketAddress(ipAddress: text, port: 0)) != nil
    }
}
