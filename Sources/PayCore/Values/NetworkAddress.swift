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

    /// Nil unless the text is an IPv4 or IPv6 address and nothing else: no brackets, port, zone or space. IPv4 is four
    /// decimal numbers without leading zeros.
    public init?(_ text: String) {
        if let address = Self.ipv4(text[...].utf8) {
            self.init(high: 0, low: Self.mappedPrefix << 32 | UInt64(address))
        } else if let groups = Self.ipv6(text[...].utf8) {
            self.init(high: Self.number(groups.prefix(4)), low: Self.number(groups.suffix(4)))
        } else {
            return nil
        }
    }

    /// Whether only this machine is reached: 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

    /// In the spelling of RFC 5952: equal addresses are equal texts.
    public var description: String {
        if isIPv4 {
            return stride(from: 24, through: 0, by: -8).map { "\(low >> UInt64($0) & 0xFF)" }.joined(separator: ".")
        }
        let shifts: [UInt64] = [48, 32, 16, 0]
        let groups = shifts.map { high >> $0 & 0xFFFF } + shifts.map { low >> $0 & 0xFFFF }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros = Self.longestZeros(groups) else { return text(0..<8) }
        return "\(text(0..<zeros.lowerBound))::\(text(zeros.upperBound..<8))"
    }

    /// The part of the address that one client can't choose: IPv4 whole, of IPv6 the first 64 bits, which one line is given.
    /// Limits per address count by it.
    package var network: String {
        isIPv4 ? description : "\(NetworkAddress(high: high, low: 0))/64"
    }

    /// The run of zeros that `::` stands for: the first of the longest ones, and at least two groups.
    private static func longestZeros(_ groups: [UInt64]) -> Range<Int>? {
        var longest = 0..<1
        for start in groups.indices {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.endIndex
            if end - start > longest.count { longest = start..<end }
        }
        return longest.count >= 2 ? longest : nil
    }

    private static func ipv4(_ text: Substring.UTF8View) -> UInt32? {
        var (address, dots): (UInt32, Int) = (0, 0)
        var (part, digits): (UInt32, Int) = (0, 0)
        for byte in text {
            if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
                address = address << 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
                continue
            }
            // A leading zero would be octal to some readers.
            guard byte.isASCIIDigit, digits == 0 || part > 0 else { return nil }
            part = part * 10 + UInt32(byte - UInt8(ascii: "0"))
            digits += 1
            guard part <= 255 else { return nil }
        }
        return dots == 3 && digits > 0 ? address << 8 | part : nil
    }

    /// The eight groups of 16 bits (RFC 4291, section 2.2). `::` stands for one group of zeros or more; the last two
    /// groups may be written as an IPv4 address.
    private static func ipv6(_ text: Substring.UTF8View) -> [UInt64]? {
        let colon = UInt8(ascii: ":")
        var groups: [UInt64] = []
        var gap: Int?
        var rest = text
        if rest.starts(with: "::".utf8) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let word = rest.prefix { $0 != colon }
            rest = rest[word.endIndex...]
            if rest.isEmpty, let address = ipv4(word) {
                groups += [UInt64(address >> 16), UInt64(address & 0xFFFF)]
                break
            }
            guard groups.count < 8, let group = group(word) else { return nil }
            groups.append(group)
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            if rest.first == colon, gap == nil {
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        guard let gap else { return groups.count == 8 ? groups : nil }
        guard groups.count < 8 else { return nil }
        return groups[..<gap] + Array(repeating: 0, count: 8 - groups.count) + groups[gap...]
    }

    /// One to four hexadecimal digits.
    private static func group(_ digits: Substring.UTF8View) -> UInt64? {
        guard (1...4).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard let value = Hexadecimal.value(digit) else { return nil }
            number = number << 4 | UInt64(value)
        }
        return number
    }

    private static func number(_ groups: ArraySlice<UInt64>) -> UInt64 { groups.reduce(0) { $0 << 16 | $1 } }
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
        guard parts[1].isASCIIDigits,
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
