/// Bytes as hexadecimal digits (RFC 4648, section 8), two for each byte.
package enum Hexadecimal {
    /// The digits in lower case.
    @inlinable package static func text(of bytes: some Sequence<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable { text(of: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { text(of: $0) }
    }

    package static func text(of bytes: UnsafeRawBufferPointer) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The `count` bytes that digits in lower case stand for. Nil for any other text, upper case included: a signature
    /// has one spelling.
    package static func bytes(_ count: Int, ofLowercase text: String) -> [UInt8]? {
        guard text.utf8.count == count * 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var digits = text.utf8.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            guard !high.isASCIIUppercase, !low.isASCIIUppercase, let high = value(high), let low = value(low) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// The digit, in lower case, of the lowest four bits of a number.
    @inlinable package static func digit(_ number: some BinaryInteger) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: number) & 0xF
        return value < 10 ? 0x30 + value : 0x61 + value - 10
    }

    /// The digit in upper case.
    @inlinable package static func uppercaseDigit(_ number: some BinaryInteger) -> UInt8 {
        let digit = digit(number)
        return digit.isASCIILowercase ? digit & ~0x20 : digit
    }

    /// The value of a digit in either case: 0 to 15. Nil for any other byte.
    @inlinable package static func value(_ digit: UInt8) -> UInt8? {
        if digit.isASCIIDigit { return digit - 0x30 }
        let letter = digit | 0x20
        return letter &- 0x61 < 6 ? letter - 0x61 + 10 : nil
    }
}
