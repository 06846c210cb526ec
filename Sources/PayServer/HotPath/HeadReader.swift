/// Takes the head of an HTTP/1.1 request apart, byte by byte (RFC 9112), as far as it can be read in one way only.
struct HeadReader {
    enum Stop: Error {
        /// Its end hasn't come in.
        case incomplete
        /// Another reader might take it for something else.
        case unclear
    }

    private let bytes: UnsafeRawBufferPointer
    /// How many bytes were read.
    private(set) var place = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The method, and the target: a path, with a query perhaps.
    mutating func requestLine() throws(Stop) -> (method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer) {
        let method = try text(of: .method, until: UInt8(ascii: " "))
        let target = try text(of: .target, until: UInt8(ascii: " "))
        guard target.first == UInt8(ascii: "/") else { throw .unclear }
        try expect("HTTP/1.1\r\n")
        return (method, target)
    }

    /// The next line's name and value; nil behind the last one.
    mutating func field() throws(Stop) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard place < bytes.count else { throw .incomplete }
        if bytes[place] == UInt8(ascii: "\r") {
            try expect("\r\n")
            return nil
        }
        let name = try text(of: .name, until: UInt8(ascii: ":"))
        guard !name.isEmpty else { throw .unclear }
        while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
        let value = try text(of: .value, until: UInt8(ascii: "\r"))
        try expect("\n")
        // The decoder takes blanks at the end for a part of the value, which they aren't.
        if let last = value.last, Self.isBlank(last) { throw .unclear }
        return (name, value)
    }

    /// What stands before the next `end`, which is read too.
    private mutating func text(of kind: ByteKind, until end: UInt8) throws(Stop) -> UnsafeRawBufferPointer {
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == end { return UnsafeRawBufferPointer(rebasing: bytes[start..<place - 1]) }
            guard kind.has(byte) else { throw .unclear }
        }
        throw .incomplete
    }

    private mutating func expect(_ text: StaticString) throws(Stop) {
        for offset in 0..<text.utf8CodeUnitCount {
            guard place < bytes.count else { throw .incomplete }
            guard bytes[place] == text.utf8Start[offset] else { throw .unclear }
            place += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

/// Which bytes a part of a head may have: a set of ASCII.
private struct ByteKind {
    private let low, high: UInt64

    /// - Parameters:
    ///   - ranges: what stands between these, both included.
    ///   - others: and each of these.
    private init(_ ranges: [ClosedRange<UInt8>], and others: StaticString) {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for range in ranges {
            for byte in range { if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) } }
        }
        for offset in 0..<others.utf8CodeUnitCount {
            let byte = others.utf8Start[offset]
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        (self.low, self.high) = (low, high)
    }

    func has(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return byte < 64 ? low & bit != 0 : byte < 128 && high & bit != 0
    }

    private static let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    private static let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    static let method = ByteKind([upper], and: "")
    /// RFC 3986: of a path and a query.
    static let target = ByteKind([upper, lower, digits], and: "-._~!$&'()*+,;=:@/?%")
    /// RFC 9110, section 5.6.2: a token.
    static let name = ByteKind([upper, lower, digits], and: "!#$%&'*+-.^_`|~")
    /// Visible ASCII, and the blanks.
    static let value = ByteKind([0x20...0x7E], and: "\t")
}
