/// The kinds of ASCII bytes that numbers, names, headers and URLs are made of. A byte of `0x80` or above is of no kind.
extension UInt8 {
    /// `0` to `9`.
    @inlinable package var isASCIIDigit: Bool { self &- 0x30 < 10 }

    /// `a` to `z`.
    @inlinable package var isASCIILowercase: Bool { self &- 0x61 < 26 }

    /// `A` to `Z`.
    @inlinable package var isASCIIUppercase: Bool { self &- 0x41 < 26 }

    /// A letter or a digit.
    @inlinable package var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILowercase || isASCIIUppercase }

    /// A letter, a digit or `_`.
    @inlinable package var isASCIIWord: Bool { isASCIIAlphanumeric || self == 0x5F }

    /// From `!` to `~`: a character with a shape. Neither a space nor a control character.
    @inlinable package var isVisibleASCII: Bool { self &- 0x21 < 0x5E }

    /// A byte that a URL never encodes (RFC 3986, section 2.3).
    @inlinable package var isURLUnreserved: Bool {
        isASCIIWord || self == UInt8(ascii: "-") || self == UInt8(ascii: ".") || self == UInt8(ascii: "~")
    }

    /// A character of a token, such as a header's name (RFC 9110, section 5.6.2).
    @inlinable package var isHTTPToken: Bool { isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(self) }
}

extension StringProtocol {
    /// Whether the text is one digit or more, and nothing else.
    package var isASCIIDigits: Bool { !isEmpty && utf8.allSatisfy(\.isASCIIDigit) }

    /// Whether the text is visible ASCII and has a length of `lengths` bytes.
    @inlinable package func isVisibleASCII(_ lengths: ClosedRange<Int> = 1...Int.max) -> Bool {
        lengths.contains(utf8.count) && utf8.allSatisfy(\.isVisibleASCII)
    }

    /// Whether the text has a length of `lengths` bytes, each of them a letter, a digit or one of `others`.
    package func isASCIIAlphanumeric(or others: String = "", _ lengths: ClosedRange<Int> = 1...Int.max) -> Bool {
        lengths.contains(utf8.count) && utf8.allSatisfy { $0.isASCIIAlphanumeric || others.utf8.contains($0) }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is an ASCII letter, an ASCII digit or one of `others`.
    package func isASCIIAlphanumeric(or others: String) -> Bool {
        UInt8(exactly: value).map(\.isASCIIAlphanumeric) ?? false || others.unicodeScalars.contains(self)
    }
}

extension Sequence<UInt8> {
    /// The number that decimal digits stand for. Precondition: each byte is a digit, and there are at most 18.
    package var decimalNumber: Int64 { reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } }
}
