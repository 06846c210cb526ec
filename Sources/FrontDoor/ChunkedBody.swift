import PayCore

/// Finds the end of a chunked body (RFC 9112, section 7.1). It is stricter than the decoder, because both must find the
/// same end.
struct ChunkedBody {
    private enum Place {
        case size(digits: Int)
        case extensions
        case sizeFeed
        case data
        case dataReturn, dataFeed
        /// At the start of a trailer line, or of the final empty line.
        case trailerStart
        case trailer, trailerFeed
        case lastFeed
        case over
    }

    /// Hexadecimal digits of a chunk's length. A chunk is smaller than 4 GiB.
    private static let mostDigits = 8

    private var place = Place.size(digits: 0)
    /// Outstanding bytes of the chunk.
    private var rest = 0
    /// Bytes of chunk extensions and trailers read so far.
    private var extras = 0

    var isOver: Bool {
        if case .over = place { true } else { false }
    }

    /// Returns how many of the bytes belong to the body: all of them, or fewer if the body ends. Nil if the bytes are
    /// not a chunked body.
    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var offset = 0
        while offset < bytes.count, !isOver {
            if case .data = place {
                let count = min(rest, bytes.count - offset)
                rest -= count
                offset += count
                if rest == 0 { place = .dataReturn }
                continue
            }
            guard step(bytes[offset]) else { return nil }
            offset += 1
        }
        return offset
    }

    /// False if the byte is not allowed here.
    private mutating func step(_ byte: UInt8) -> Bool {
        switch (place, byte) {
        case (.size(let digits), _) where Hexadecimal.value(byte) != nil:
            guard digits < Self.mostDigits, let digit = Hexadecimal.value(byte) else { return false }
            rest = rest << 4 | Int(digit)
            place = .size(digits: digits + 1)
        case (.size(1...), UInt8(ascii: "\r")): place = .sizeFeed
        case (.size(1...), UInt8(ascii: ";")): place = .extensions
        case (.extensions, UInt8(ascii: "\r")): place = .sizeFeed
        case (.extensions, _): return takeExtra(byte)
        case (.sizeFeed, UInt8(ascii: "\n")): place = rest > 0 ? .data : .trailerStart
        case (.dataReturn, UInt8(ascii: "\r")): place = .dataFeed
        case (.dataFeed, UInt8(ascii: "\n")): place = .size(digits: 0)
        case (.trailerStart, UInt8(ascii: "\r")): place = .lastFeed
        case (.trailerStart, _):
            place = .trailer
            return takeExtra(byte)
        case (.trailer, UInt8(ascii: "\r")): place = .trailerFeed
        case (.trailer, _): return takeExtra(byte)
        case (.trailerFeed, UInt8(ascii: "\n")): place = .trailerStart
        case (.lastFeed, UInt8(ascii: "\n")): place = .over
        default: return false
        }
        return true
    }

    private mutating func takeExtra(_ byte: UInt8) -> Bool {
        extras += 1
        return extras <= DoorLimits.mostChunkExtras && ByteKind.value.has(byte)
    }
}
