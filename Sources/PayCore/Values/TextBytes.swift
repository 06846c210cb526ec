/// Searches in the bytes of a text, eight at a time, because a page has thousands.
package enum TextBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highestBits: UInt64 = 0x8080_8080_8080_8080
    /// Blanks in all bytes but the lowest: no search looks for them.
    private static let blanksAbove: UInt64 = 0x2020_2020_2020_2000

    /// The first byte that a JSON string can't contain (RFC 8259, section 7): a quote, a backslash or a control
    /// character.
    package static func firstEscaped(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        first(in: bytes, from: start, escapedBytes)
    }

    /// The first byte beyond ASCII.
    static func firstBeyondASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        first(in: bytes, from: start) { $0 & highestBits }
    }

    /// `found` returns the highest bit of the first byte that is searched for, and possibly of later bytes; 0 if there
    /// is none.
    @inline(__always)
    private static func first(
        in bytes: UnsafeRawBufferPointer, from start: Int, _ found: (UInt64) -> UInt64
    ) -> Int? {
        var place = start
        while place + 8 <= bytes.count {
            let bits = found(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            if bits != 0 { return place + bits.trailingZeroBitCount / 8 }
            place += 8
        }
        return (place..<bytes.count).first { found(UInt64(bytes[$0]) | blanksAbove) != 0 }
    }

    /// The subtraction borrows into the highest bit of each lower-half byte that is less than its subtrahend.
    private static func escapedBytes(of eight: UInt64) -> UInt64 {
        let quotes = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let less = (eight &- (ones &* 0x20)) & ~eight
        let equal = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
        return (less | equal) & highestBits
    }
}

extension String {
    /// The text that the bytes are in UTF-8. Nil if they are not valid.
    ///
    /// Swift checks a text byte by byte once it has one character beyond ASCII. Here ASCII is skipped eight bytes at a
    /// time. It separates characters, so the bytes between are valid or not by themselves.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        var place = 0
        while let start = TextBytes.firstBeyondASCII(in: bytes, from: place) {
            let end = bytes[start...].firstIndex { $0 < 0x80 } ?? bytes.count
            guard UnsafeRawBufferPointer(rebasing: bytes[start..<end]).isValidUTF8 else { return nil }
            place = end
        }
        let text = bytes.bindMemory(to: UInt8.self)
        self = String(copying: UTF8Span(unchecked: text.span, isKnownASCII: place == 0))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isValidUTF8: Bool {
        do {
            _ = try UTF8Span(validating: bindMemory(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }
}
