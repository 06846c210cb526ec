extension String {
    /// The text in percent-encoding (RFC 3986, section 2.1): `%XX`, in upper case, for each byte of its UTF-8 that a URL
    /// may encode. A space is `%20`, and `+` is `%2B`. The result fits a path, a query and a form.
    package var percentEncoded: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        for byte in utf8 {
            if byte.isURLUnreserved {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), Hexadecimal.uppercaseDigit(byte >> 4), Hexadecimal.uppercaseDigit(byte)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Whether the text may stand in a URL as it is: only characters of RFC 3986, and two hexadecimal digits behind each
    /// `%`.
    package var isPercentEncoded: Bool {
        var rest = Substring(self).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.popFirst().flatMap(Hexadecimal.value) != nil,
                    rest.popFirst().flatMap(Hexadecimal.value) != nil
                else { return false }
            } else if !byte.isURLUnreserved, !":/?#[]@!$&'()*+,;=".utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    /// The text without its percent-encoding. Nil if a `%` has no two hexadecimal digits behind it, or if the bytes are no
    /// UTF-8.
    package var percentDecoded: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        var bytes: [UInt8] = []
        var rest = Substring(self).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                let low = rest.popFirst().flatMap(Hexadecimal.value)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
