/// One address, or a range in CIDR notation (RFC 4632): `10.0.0.0/8`, `2001:db8::/32`.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// The first address. Its bits after the prefix are zero.
    private let first: NetworkAddress
    /// The prefix length of the IPv6 form. An IPv4 range has 96 or more.
    private let prefixBits: Int

    /// Nil for anything but an address with an optional prefix length. Bits after the prefix are ignored.
    package init?(_ text: String) {
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

    /// An IPv6 range never contains an IPv4 address, unless the range is IPv4-mapped.
    package func contains(_ address: NetworkAddress) -> Bool {
        let (high, low) = Self.mask(prefixBits)
        return address.isIPv4 == first.isIPv4 && address.high & high == first.high && address.low & low == first.low
    }

    package var description: String {
        let bits = first.isIPv4 ? prefixBits - 96 : prefixBits
        return prefixBits == 128 ? "\(first)" : "\(first)/\(bits)"
    }

    private static func mask(_ bits: Int) -> (high: UInt64, low: UInt64) {
        // Swift's shift by 64 or more gives zero.
        (UInt64.max << UInt64(max(0, 64 - bits)), UInt64.max << UInt64(min(64, 128 - bits)))
    }
}
