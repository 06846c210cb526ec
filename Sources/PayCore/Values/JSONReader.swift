/// Reads a JSON text by recursive descent. A method returns nil where the text breaks the grammar.
struct JSONReader {
    /// Objects with more members remember their names in a set.
    private static let mostComparedNames = 16

    private let bytes: [UInt8]
    private var place: Int
    /// The way to the value that is being read.
    private var path: JSONDocument.Path = []
    private(set) var repeatedNames: Set<JSONDocument.Path> = []
    private(set) var hasNonIntegers = false

    init(_ json: [UInt8]) {
        bytes = json
        // RFC 8259 section 8.1 lets a reader ignore a byte order mark, which some clients on Windows send.
        place = json.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func document() -> JSONNode? {
        guard let root = value() else { return nil }
        skipSpace()
        return place == bytes.count ? root : nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func value() -> JSONNode? {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return nested { $0.object() }
        case UInt8(ascii: "["): return nested { $0.list() }
        case UInt8(ascii: "\""): return string().map { .text($0) }
        case UInt8(ascii: "t"): return word("true", .flag(true))
        case UInt8(ascii: "f"): return word("false", .flag(false))
        case UInt8(ascii: "n"): return word("null", .null)
        default: return number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONNode) -> JSONNode? {
        guard bytes[place...].starts(with: word.utf8) else { return nil }
        place += word.utf8.count
        return value
    }
}

// MARK: Objects and lists

extension JSONReader {
    private mutating func nested(_ read: (inout JSONReader) -> JSONNode?) -> JSONNode? {
        guard path.count < JSONDocument.deepestNesting else { return nil }
        place += 1
        path.append("")
        defer { path.removeLast() }
        skipSpace()
        return read(&self)
    }

    private mutating func object() -> JSONNode? {
        var members: [JSONMember] = []
        var names: Set<String> = []
        if skip("}") { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), let name = string() else { return nil }
            path[path.count - 1] = name
            note(name, members, &names)
            skipSpace()
            guard skip(":"), let value = value() else { return nil }
            members.append(JSONMember(name: name, value: value))
            skipSpace()
        } while skip(",")
        return skip("}") ? .object(members) : nil
    }

    private mutating func note(_ name: String, _ members: [JSONMember], _ names: inout Set<String>) {
        let isNew: Bool
        if members.count < Self.mostComparedNames {
            isNew = !members.contains { $0.name == name }
        } else {
            if names.isEmpty { names = Set(members.map(\.name)) }
            isNew = names.insert(name).inserted
        }
        if !isNew, repeatedNames.count < JSONDocument.mostFindings { repeatedNames.insert(path) }
    }

    private mutating func list() -> JSONNode? {
        var values: [JSONNode] = []
        if skip("]") { return .list([]) }
        repeat {
            path[path.count - 1] = "\(values.count)"
            guard let value = value() else { return nil }
            values.append(value)
            skipSpace()
        } while skip(",")
        return skip("]") ? .list(values) : nil
    }
}

// MARK: Numbers

extension JSONReader {
    private mutating func number() -> JSONNode? {
        let start = place
        _ = skip("-")
        let digits = place
        guard skipDigits(), bytes[digits] != UInt8(ascii: "0") || place == digits + 1 else { return nil }
        let end = place
        if skip("."), !skipDigits() { return nil }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            guard skipDigits() else { return nil }
        }
        guard place == end else {
            hasNonIntegers = true
            return .nonInteger
        }
        return .integer(integer(bytes[start..<end]))
    }

    /// False if there is no digit.
    private mutating func skipDigits() -> Bool {
        let start = place
        while let byte = next, byte.isASCIIDigit { place += 1 }
        return place > start
    }

    private func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var number: Int64 = 0
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            // Counts downwards, because the least number has no positive counterpart.
            let (product, isTooLong) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLow) = product.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !isTooLong, !isTooLow else { return nil }
            number = sum
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }
}

// MARK: Strings

extension JSONReader {
    private mutating func string() -> String? {
        place += 1
        var unescaped: [UInt8] = []
        while let end = bytes.withUnsafeBytes({ TextBytes.firstEscaped(in: $0, from: place) }) {
            let plain = place..<end
            place = end
            switch bytes[end] {
            case UInt8(ascii: "\""):
                place += 1
                if unescaped.isEmpty { return Self.text(bytes[plain]) }
                unescaped += bytes[plain]
                return Self.text(unescaped[...])
            case UInt8(ascii: "\\"):
                unescaped += bytes[plain]
                guard escape(&unescaped) else { return nil }
            default: return nil
            }
        }
        return nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        bytes.withUnsafeBytes { String(utf8: $0) }
    }

    /// Reads an escape (RFC 8259 section 7) and appends its text.
    private mutating func escape(_ text: inout [UInt8]) -> Bool {
        place += 1
        guard let letter = next else { return false }
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "n"): text.append(UInt8(0x0A))
        case UInt8(ascii: "t"): text.append(UInt8(0x09))
        case UInt8(ascii: "r"): text.append(UInt8(0x0D))
        case UInt8(ascii: "b"): text.append(UInt8(0x08))
        case UInt8(ascii: "f"): text.append(UInt8(0x0C))
        case UInt8(ascii: "u"):
            guard let scalar = scalar(), let units = UTF8.encode(scalar) else { return false }
            text += units
        default: return false
        }
        return true
    }

    /// The character of `\u` with its four digits, or of two such escapes. Nil for half of a surrogate pair.
    private mutating func scalar() -> Unicode.Scalar? {
        guard let first = unit() else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard skip("\\"), skip("u"), let second = unit(), UTF16.isTrailSurrogate(second) else { return nil }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func unit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else { return nil }
            unit = unit << 4 | UInt16(digit)
            place += 1
        }
        return unit
    }
}
