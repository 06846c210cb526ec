import FoundationEssentials
import PayCore

/// Reads the fields of a JSON object. It collects every mistake with its JSON Pointer instead of stopping at the first.
struct FieldReader {
    private let container: KeyedDecodingContainer<FieldName>
    private let scan: JSONScan
    /// The names on the path to this object.
    private let path: JSONScan.Path
    private(set) var mistakes: [UnacceptableField] = []

    /// - Parameter scan: a scan of the text that the decoder reads.
    init(_ decoder: any Decoder, scan: JSONScan) throws {
        self.init(try decoder.container(keyedBy: FieldName.self), scan: scan, path: [])
    }

    private init(_ container: KeyedDecodingContainer<FieldName>, scan: JSONScan, path: JSONScan.Path) {
        self.container = container
        self.scan = scan
        self.path = path
    }

    /// A string that `parse` turns into a value. Nil, with a mistake, if it is invalid, or missing and required.
    mutating func text<Value>(
        _ name: String, required: Bool = false, mustBe rule: String, _ parse: (String) -> Value?
    ) -> Value? {
        guard isThere(name, required: required) else { return nil }
        guard let text = try? container.decode(String.self, forKey: FieldName(name)) else {
            return refuse(name, "must be a string: \(rule)")
        }
        guard let value = parse(text) else { return refuse(name, "must be \(rule)") }
        return value
    }

    /// An integer in integer notation. A string, a boolean, `99.00` and `9.9e3` are refused: a shop that sends `99.00`
    /// means major units.
    mutating func integer(_ name: String, required: Bool = false, in range: ClosedRange<Int64>) -> Int64? {
        guard isThere(name, required: required) else { return nil }
        let rule = "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard !scan.nonIntegers.contains(path + [name]) else {
            return refuse(name, "must be \(rule), written without a fraction or an exponent")
        }
        guard let value = try? container.decode(Int64.self, forKey: FieldName(name)), range.contains(value) else {
            return refuse(name, "must be \(rule)")
        }
        return value
    }

    mutating func flag(_ name: String) -> Bool? {
        guard isThere(name, required: false) else { return nil }
        guard let value = try? container.decode(Bool.self, forKey: FieldName(name)) else {
            return refuse(name, "must be true or false")
        }
        return value
    }

    mutating func object<Value>(_ name: String, _ read: (inout FieldReader) -> Value?) -> Value? {
        guard isThere(name, required: false) else { return nil }
        guard let nested = try? container.nestedContainer(keyedBy: FieldName.self, forKey: FieldName(name)) else {
            return refuse(name, "must be an object")
        }
        var reader = FieldReader(nested, scan: scan, path: path + [name])
        let value = read(&reader)
        mistakes += reader.mistakes
        return value
    }

    /// Reports unknown fields as mistakes, so that a misspelled option is not ignored.
    mutating func refuseOthers(than known: [String]) {
        for name in container.allKeys.map(\.stringValue).sorted() where !known.contains(name) {
            refuseField(name, "unknown field")
        }
    }

    /// Reports repeated names as mistakes. One parser would use the first value, another the last.
    mutating func refuseRepeatedNames() {
        for path in scan.repeatedNames.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let pointer = JSONPointer.text(path)
            if mistakes.contains(where: { $0.pointer == pointer }) { continue }
            mistakes.append(UnacceptableField(pointer: pointer, detail: "occurs more than once"))
        }
    }

    mutating func refuseField(_ name: String, _ detail: String) {
        mistakes.append(UnacceptableField(pointer: pointer(name), detail: detail))
    }

    private mutating func refuse<Value>(_ name: String, _ detail: String) -> Value? {
        refuseField(name, detail)
        return nil
    }

    /// Whether the field has a value, valid or not. `null` means the same as a missing field.
    func has(_ name: String) -> Bool {
        container.contains(FieldName(name)) && (try? container.decodeNil(forKey: FieldName(name))) != true
    }

    private mutating func isThere(_ name: String, required: Bool) -> Bool {
        if has(name) { return true }
        if required { refuseField(name, "is required") }
        return false
    }

    private func pointer(_ name: String) -> String { JSONPointer.text(path + [name]) }
}

/// Writes names in JSON Pointers.
enum JSONPointer {
    static func text(_ path: JSONScan.Path) -> String { path.map { "/\(escaped($0))" }.joined() }

    /// Escapes `~` and `/` in a name (RFC 6901). A long name is cut, and control characters are dropped.
    static func escaped(_ name: String) -> String {
        let shown = name.unicodeScalars.prefix(64).filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(shown)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}

/// A field's name in the JSON.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) {
        stringValue = name
    }

    init?(stringValue: String) {
        self.init(stringValue)
    }

    init?(intValue: Int) { nil }
}
