/// Parses the head of an HTTP/1 request byte by byte (RFC 9112).
///
/// The framework's decoder parses the same bytes later. Both must find the same end, so anything ambiguous is refused
/// here.
struct HeadReader {
    enum Stop: Error {
        /// The end of the head has not arrived.
        case incomplete
        case refused(DoorRefusal)
    }

    /// The first line of a request.
    struct Line {
        let method: UnsafeRawBufferPointer
        let target: UnsafeRawBufferPointer
        let isHTTP10: Bool
    }

    /// A field line, without the whitespace around its value.
    struct Field {
        let name: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        /// Whether whitespace followed the value.
        let hadTrailingBlanks: Bool
    }

    private let bytes: UnsafeRawBufferPointer
    /// The number of bytes parsed so far.
    private(set) var place = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func line() throws(Stop) -> Line {
        let method = try text(of: .token, until: UInt8(ascii: " "))
        guard !method.isEmpty else { throw .refused(.malformed) }
        let target = try text(of: .target, until: UInt8(ascii: " "))
        try expect("HTTP/1.")
        guard place < bytes.count else { throw .incomplete }
        let minor = bytes[place]
        guard minor == UInt8(ascii: "0") || minor == UInt8(ascii: "1") else { throw .refused(.malformed) }
        place += 1
        try expect("\r\n")
        return Line(method: method, target: target, isHTTP10: minor == UInt8(ascii: "0"))
    }

    /// The next field line; nil at the end of the head.
    mutating func field() throws(Stop) -> Field? {
        guard place < bytes.count else { throw .incomplete }
        if bytes[place] == UInt8(ascii: "\r") {
            try expect("\r\n")
            return nil
        }
        let name = try text(of: .token, until: UInt8(ascii: ":"))
        guard !name.isEmpty else { throw .refused(.malformed) }
        while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
        let value = try text(of: .value, until: UInt8(ascii: "\r"))
        try expect("\n")
        var end = value.count
        while end > 0, Self.isBlank(value[end - 1]) { end -= 1 }
        return Field(
            name: name, value: UnsafeRawBufferPointer(rebasing: value[..<end]), hadTrailingBlanks: end < value.count)
    }

    /// The bytes before the next `end`, which is consumed as well.
    private mutating func text(of kind: ByteKind, until end: UInt8) throws(Stop) -> UnsafeRawBufferPointer {
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == end { return UnsafeRawBufferPointer(rebasing: bytes[start..<place - 1]) }
            guard kind.has(byte) else { throw .refused(.malformed) }
        }
        throw .incomplete
    }

    private mutating func expect(_ text: StaticString) throws(Stop) {
        for offset in 0..<text.utf8CodeUnitCount {
            guard place < bytes.count else { throw .incomplete }
            guard bytes[place] == text.utf8Start[offset] else { throw .refused(.malformed) }
            place += 1
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

/// The set of bytes that a part of a head may contain.
package struct ByteKind {
    /// One bit for each ASCII byte.
    private let low, high: UInt64
    private let hasNonASCII: Bool

    /// - Parameters:
    ///   - ranges: the ranges of allowed bytes.
    ///   - others: further allowed bytes.
    private init(_ ranges: [ClosedRange<UInt8>], and others: StaticString, hasNonASCII: Bool = false) {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for range in ranges {
            for byte in range { if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) } }
        }
        for offset in 0..<others.utf8CodeUnitCount {
            let byte = others.utf8Start[offset]
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        (self.low, self.high, self.hasNonASCII) = (low, high, hasNonASCII)
    }

    package func has(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return byte < 64 ? low & bit != 0 : byte < 128 ? high & bit != 0 : hasNonASCII
    }

    /// Whether all bytes are in the set.
    package func hasAll(of bytes: UnsafeRawBufferPointer) -> Bool { bytes.allSatisfy(has) }

    private static let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    private static let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// RFC 9110, section 5.6.2: a method or a field's name.
    package static let token = ByteKind([upper, lower, digits], and: "!#$%&'*+-.^_`|~")
    /// Visible ASCII without the `#` of a fragment. Real clients send more characters than RFC 3986 allows.
    package static let target = ByteKind([0x21...0x22, 0x24...0x7E], and: "")
    /// RFC 3986: the bytes of a path and a query.
    package static let strictTarget = ByteKind([upper, lower, digits], and: "-._~!$&'()*+,;=:@/?%")
    /// RFC 9110, section 5.5: visible ASCII, blanks, tabs and non-ASCII bytes.
    package static let value = ByteKind([0x20...0x7E], and: "\t", hasNonASCII: true)
    /// RFC 3986: a registered name or an IPv4 address. A comma is not allowed, because it would mean two hosts in one
    /// field.
    package static let host = ByteKind([upper, lower, digits], and: "-._~!$&'()*+;=%")
}
