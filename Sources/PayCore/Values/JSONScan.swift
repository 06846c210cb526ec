/// The parts of a JSON text that a decoder hides: the spelling of numbers, and repeated names in one object.
///
/// Foundation's decoder reads `99.00` and `9.9e1` as the integer 99, keeps one of two fields with the same name,
/// ignores a comma before a closing brace, and accepts UTF-16. The scan finds all of these. The rest of the grammar is
/// left to the decoder.
public struct JSONScan: Sendable {
    /// The names and indices that lead from the root to a value.
    public typealias Path = [String]

    /// The numbers that have a fraction or an exponent, whatever their value. At most ``mostFindings`` are kept.
    public private(set) var nonIntegers: Set<Path> = []
    /// The names that occur more than once in their object. At most ``mostFindings`` are kept.
    public private(set) var repeatedNames: Set<Path> = []

    /// A body of this API has two levels.
    public static let deepestNesting = 16
    /// A text with more findings is refused for the first ones.
    public static let mostFindings = 64

    /// Nil if the text is nested too deeply, has a comma before a closing bracket, or has a byte outside of strings
    /// that no JSON text in UTF-8 has.
    public init?(_ json: [UInt8]) {
        var scanner = Scanner(json)
        guard scanner.run() else { return nil }
        nonIntegers = scanner.nonIntegers
        repeatedNames = scanner.repeatedNames
    }
}

private struct Scanner {
    private enum Container {
        /// `name` is nil until the name of the next field was read.
        case object(names: Set<String>, name: String?)
        case array(index: Int)
    }

    private let bytes: [UInt8]
    private var place: Int
    private var containers: [Container] = []
    private var isAfterComma = false
    var nonIntegers: Set<JSONScan.Path> = []
    var repeatedNames: Set<JSONScan.Path> = []

    init(_ json: [UInt8]) {
        bytes = json
        // RFC 8259 section 8.1 lets a reader ignore a byte order mark, which some clients on Windows send.
        place = json.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func run() -> Bool {
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":"): place += 1
            case UInt8(ascii: ","): comma()
            case UInt8(ascii: "{"), UInt8(ascii: "["): guard open(byte) else { return false }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): guard close() else { return false }
            case UInt8(ascii: "\""): string()
            case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"):
                number()
            case UInt8(ascii: "a")...UInt8(ascii: "z"): word()
            default: return false
            }
        }
        return true
    }

    private mutating func comma() {
        place += 1
        isAfterComma = true
        switch containers.popLast() {
        case .object(let names, _): containers.append(.object(names: names, name: nil))
        case .array(let index): containers.append(.array(index: index + 1))
        case nil: break
        }
    }

    private mutating func open(_ byte: UInt8) -> Bool {
        place += 1
        isAfterComma = false
        guard containers.count < JSONScan.deepestNesting else { return false }
        containers.append(byte == UInt8(ascii: "{") ? .object(names: [], name: nil) : .array(index: 0))
        return true
    }

    private mutating func close() -> Bool {
        place += 1
        guard !isAfterComma else { return false }
        return containers.popLast() != nil
    }

    /// A field's name, or a string value.
    private mutating func string() {
        isAfterComma = false
        place += 1
        let start = place
        var hasEscape = false
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            if bytes[place] == UInt8(ascii: "\\") {
                hasEscape = true
                place += 1
            }
            place += 1
        }
        let end = min(place, bytes.count)
        place = end + 1
        guard case .object(var names, nil)? = containers.last else { return }
        let text = bytes[start..<end]
        let name = hasEscape ? JSONName.unescaped(text) : String(decoding: text, as: UTF8.self)
        let isNew = names.insert(name).inserted
        containers[containers.count - 1] = .object(names: names, name: name)
        if !isNew, repeatedNames.count < JSONScan.mostFindings { repeatedNames.insert(path) }
    }

    private mutating func number() {
        isAfterComma = false
        var isInteger = true
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isInteger = false
            default:
                noteNumber(isInteger)
                return
            }
            place += 1
        }
        noteNumber(isInteger)
    }

    private mutating func noteNumber(_ isInteger: Bool) {
        if !isInteger, nonIntegers.count < JSONScan.mostFindings { nonIntegers.insert(path) }
    }

    /// `true`, `false`, `null`, or a word that the decoder refuses.
    private mutating func word() {
        isAfterComma = false
        while place < bytes.count, bytes[place].isASCIILowercase { place += 1 }
    }

    private var path: JSONScan.Path {
        containers.map { container in
            switch container {
            case .object(_, let name): name ?? ""
            case .array(let index): "\(index)"
            }
        }
    }
}

private enum JSONName {
    /// The text of a name with escapes (RFC 8259 section 7). A lone surrogate becomes U+FFFD; the decoder refuses it.
    static func unescaped(_ text: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var rest = String(decoding: text, as: UTF8.self).utf16[...]
        while let unit = rest.popFirst() {
            guard unit == UInt16(UInt8(ascii: "\\")), let escape = rest.popFirst() else {
                units.append(unit)
                continue
            }
            if escape == UInt16(UInt8(ascii: "u")), let code = UInt16(String(rest.prefix(4)) ?? "", radix: 16) {
                units.append(code)
                rest = rest.dropFirst(4)
            } else {
                units.append(control(escape))
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func control(_ letter: UInt16) -> UInt16 {
        switch UInt8(truncatingIfNeeded: letter) {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }
}
