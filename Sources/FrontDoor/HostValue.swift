import PayCore

/// Validates a `Host` field: a host with an optional port (RFC 9110, section 7.2).
enum HostValue {
    private static let mostPortDigits = 5

    static func isValid(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let first = value.first else { return false }
        if first == UInt8(ascii: "[") { return isBracketed(value) }
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ":") {
            guard ByteKind.host.has(value[end]) else { return false }
            if value[end] == UInt8(ascii: "%") {
                guard end + 2 < value.count, Hexadecimal.value(value[end + 1]) != nil,
                    Hexadecimal.value(value[end + 2]) != nil
                else { return false }
            }
            end += 1
        }
        return end > 0 && isPort(value[end...])
    }

    private static func isBracketed(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let end = value.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let address = String(decoding: value[1..<end], as: UTF8.self)
        guard address.contains(":"), NetworkAddress(address) != nil else { return false }
        return isPort(value[(end + 1)...])
    }

    /// Empty, or a colon and a port. RFC 3986 allows an empty port after the colon.
    private static func isPort(_ rest: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let colon = rest.first else { return true }
        let digits = rest.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= mostPortDigits, digits.allSatisfy(\.isASCIIDigit) else {
            return false
        }
        return digits.decimalNumber <= 65_535
    }
}
