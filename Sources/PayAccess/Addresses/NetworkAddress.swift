import Foundation

/// An IP address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is treated as the IPv4 address, because a listener
/// on `::` reports every IPv4 client that way.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The bits of the IPv6 form, most significant first. An IPv4 address has its mapped form here.
    package let high, low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    package var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix }

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless the text is exactly an IPv4 or IPv6 address, without brackets, port, zone or space.
    package init?(_ text: String) {
        if let bytes = Self.bytes(text, family: AF_INET, count: 4) {
            self.init(high: 0, low: Self.mappedPrefix << 32 | Self.number(bytes))
        } else if let bytes = Self.bytes(text, family: AF_INET6, count: 16) {
            self.init(high: Self.number(bytes.prefix(8)), low: Self.number(bytes.suffix(8)))
        } else {
            return nil
        }
    }

    /// The system's spelling (RFC 5952). Equal addresses have equal texts.
    package var description: String {
        let bytes = (Self.bytes(of: high) + Self.bytes(of: low)).suffix(isIPv4 ? 4 : 16)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isIPv4 ? AF_INET : AF_INET6, Array(bytes), &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The key of rate limits per address: the whole IPv4 address, or the first 64 bits of an IPv6 address. A client
    /// can choose the other 64 bits freely.
    package var network: String {
        isIPv4 ? description : "\(NetworkAddress(high: high, low: 0))/64"
    }

    private static func bytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        // `inet_pton` would end the text at a zero byte.
        guard text.utf8.count < INET6_ADDRSTRLEN, !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
    }
}
