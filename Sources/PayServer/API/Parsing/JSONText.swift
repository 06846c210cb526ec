/// A value of a JSON text, as far as our bodies have any use for it.
enum JSONTextValue {
    case null
    case flag(Bool)
    /// As it is written: not every number is one that can be counted with.
    case number(String)
    case text(String)
    /// Nothing here reads what is in a list.
    case list
    case object([Member])

    struct Member {
        let name: String
        let value: JSONTextValue
    }
}

/// Reads JSON by RFC 8259, in one pass over its bytes, and takes nothing that it doesn't allow.
///
/// Each pay call has a body: a decoder that goes by way of containers and keys costs more than what is then done with it.
struct JSONText {
    /// Ours are two deep. Each level is a call within a call.
    private static let deepest = 64
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text is no JSON.
    private struct Mistake: Error {}

    private let bytes: [UInt8]
    private var place = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil when the bytes are no JSON text in UTF-8.
    static func value(of bytes: [UInt8]) -> JSONTextValue? {
        var text = JSONText(bytes)
        // To be passed over, as RFC 8259 allows: some clients can't help writing it.
        if bytes.starts(with: byteOrderMark) { text.place = byteOrderMark.count }
        do throws(Mistake) {
            let value = try text.value(depth: 0)
            text.skipSpace()
            return text.place == bytes.count ? value : nil
        } catch {
            return nil
        }
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func demand(_ byte: UInt8) throws(Mistake) {
        guard skip(byte) else { throw Mistake() }
    }

    private mutating func value(depth: Int) throws(Mistake) -> JSONTextValue {
        guard depth < Self.deepest else { throw Mistake() }
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONTextValue) throws(Mistake) -> JSONTextValue {
        for offset in 0..<word.utf8CodeUnitCount { try demand(word.utf8Start[offset]) }
        return value
    }

    private mutating func members(depth: Int) throws(Mistake) -> [JSONTextValue.Member] {
        place += 1
        skipSpace()
        if skip(UInt8(ascii: "}")) { return [] }
        var members: [JSONTextValue.Member] = []
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            try demand(UInt8(ascii: ":"))
            members.append(JSONTextValue.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
        } while skip(UInt8(ascii: ","))
        try demand(UInt8(ascii: "}"))
        return members
    }

    private mutating func list(depth: Int) throws(Mistake) -> JSONTextValue {
        place += 1
        skipSpace()
        if skip(UInt8(ascii: "]")) { return .list }
        repeat {
            _ = try value(depth: depth + 1)
            skipSpace()
        } while skip(UInt8(ascii: ","))
        try demand(UInt8(ascii: "]"))
        return .list
    }
}

extension JSONText {
    private mutating func number() throws(Mistake) -> String {
        let start = place
        _ = skip(UInt8(ascii: "-"))
        // A zero in front is the only digit.
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func digits() throws(Mistake) {
        let start = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
        guard place > start else { throw Mistake() }
    }

    private mutating func string() throws(Mistake) -> String {
        try demand(UInt8(ascii: "\""))
        let start = place
        while let byte = next, byte >= 0x20 {
            switch byte {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return try Self.valid(bytes[start..<place])
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            default: place += 1
            }
        }
        throw Mistake()
    }

    /// The string that begins at `start` and has the first of its escapes here.
    private mutating func escapedString(from start: Int) throws(Mistake) -> String {
        var text = Array(bytes[start..<place])
        while let byte = next, byte >= 0x20 {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return try Self.valid(text[...])
            case UInt8(ascii: "\\"): text += String(try escapedScalar()).utf8
            default: text.append(byte)
            }
        }
        throw Mistake()
    }

    private mutating func escapedScalar() throws(Mistake) -> Unicode.Scalar {
        guard let byte = next else { throw Mistake() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeScalar()
        default: throw Mistake()
        }
    }

    /// What lies beyond the first 65,536 is two escapes; neither half is a scalar.
    private mutating func unicodeScalar() throws(Mistake) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        try demand(UInt8(ascii: "\\"))
        try demand(UInt8(ascii: "u"))
        let second = try fourDigits()
        guard UTF16.isLeadSurrogate(first), UTF16.isTrailSurrogate(second) else { throw Mistake() }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func fourDigits() throws(Mistake) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Mistake() }
            value = value << 4 | UInt16(digit)
            place += 1
        }
        return value
    }

    private static func valid(_ bytes: ArraySlice<UInt8>) throws(Mistake) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Mistake() }
        return text
    }
}
