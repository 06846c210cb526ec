import Foundation

/// An IP address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is the IPv4 address that it stands for: a listener on
/// `::` sees every IPv4 client so.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// The bits of the IPv6 form, most significant first; of IPv4 the mapped form.
    fileprivate let high, low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    public var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix }

    fileprivate init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless the text is an IPv4 or IPv6 address and nothing else: no brackets, port, zone or space.
    public init?(_ text: String) {
        if let bytes = Self.bytes(text, family: AF_INET, count: 4) {
            self.init(high: 0, low: Self.mappedPrefix << 32 | Self.number(bytes))
        } else if let bytes = Self.bytes(text, family: AF_INET6, count: 16) {
            self.init(high: Self.number(bytes.prefix(8)), low: Self.number(bytes.suffix(8)))
        } else {
            return nil
        }
    }

    /// In the system's spelling (RFC 5952): equal addresses are equal texts.
    public var description: String {
        let bytes = (Self.bytes(of: high) + Self.bytes(of: low)).suffix(isIPv4 ? 4 : 16)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(isIPv4 ? AF_INET : AF_INET6, Array(bytes), &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The part of the address that one client can't choose: IPv4 whole, of IPv6 the first 64 bits, which one line is given.
    /// Limits per address count by it.
    var network: String {
        isIPv4 ? description : "\(NetworkAddress(high: high, low: 0))/64"
    }

    private static func bytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        // C would end the text at a zero byte.
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

/// One address, or a range in CIDR notation (RFC 4632): `10.0.0.0/8`, `2001:db8::/32`.
public struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// The first address; its bits beyond the prefix are zero.
    private let first: NetworkAddress
    /// Of the IPv6 form: an IPv4 range has 96 or more.
    private let prefixBits: Int

    /// Nil for anything but an address with or without a prefix length. Bits beyond the prefix are ignored.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = NetworkAddress(String(parts[0])) else { return nil }
        let isWrittenAsIPv4 = !parts[0].contains(":")
        guard parts.count == 2 else {
            (first, prefixBits) = (address, 128)
            return
        }
        guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1]), (0...(isWrittenAsIPv4 ? 32 : 128)).contains(length)
        else { return nil }
        prefixBits = isWrittenAsIPv4 ? 96 + length : length
        let (high, low) = Self.mask(prefixBits)
        first = NetworkAddress(high: address.high & high, low: address.low & low)
    }

    /// An IPv6 range never holds an IPv4 address, unless it is a range of IPv4-mapped ones.
    public func contains(_ address: NetworkAddress) -> Bool {
        let (high, low) = Self.mask(prefixBits)
        return address.isIPv4 == first.isIPv4 && address.high & high == first.high && address.low & low == first.low
    }

    public var description: String {
        let bits = first.isIPv4 ? prefixBits - 96 : prefixBits
        return prefixBits == 128 ? "\(first)" : "\(first)/\(bits)"
    }

    private static func mask(_ bits: Int) -> (high: UInt64, low: UInt64) {
        // Swift's shift by 64 or more gives zero.
        (UInt64.max << UInt64(max(0, 64 - bits)), UInt64.max << UInt64(min(64, 128 - bits)))
    }
}
