import PayCore

/// Reads the fields of a JSON object. It collects every mistake with its JSON Pointer instead of stopping at the first.
struct FieldReader {
    private let members: [JSONMember]
    /// The names on the path to this object.
    private let path: JSONDocument.Path
    private(set) var mistakes: [UnacceptableField] = []

    init(_ members: [JSONMember], path: JSONDocument.Path = []) {
        self.members = members
        self.path = path
    }

    /// A string that `parse` turns into a value. Nil, with a mistake, if it is invalid, or missing and required.
    mutating func text<Value>(
        _ name: String, required: Bool = false, mustBe rule: @autoclosure () -> String, _ parse: (String) -> Value?
    ) -> Value? {
        guard isThere(name, required: required) else { return nil }
        guard case .text(let text)? = members[name] else { return refuse(name, "must be a string: \(rule())") }
        guard let value = parse(text) else { return refuse(name, "must be \(rule())") }
        return value
    }

    /// An integer in integer notation. A string, a boolean, `99.00` and `9.9e3` are refused: a shop that sends `99.00`
    /// means major units.
    mutating func integer(_ name: String, required: Bool = false, in range: ClosedRange<Int64>) -> Int64? {
        guard isThere(name, required: required) else { return nil }
        if case .integer(let value?)? = members[name], range.contains(value) { return value }
        let rule = "an integer from \(range.lowerBound) to \(range.upperBound)"
        let spelling = members[name] == .nonInteger ? ", written without a fraction or an exponent" : ""
        return refuse(name, "must be \(rule)\(spelling)")
    }

    mutating func flag(_ name: String) -> Bool? {
        guard isThere(name, required: false) else { return nil }
        guard case .flag(let value)? = members[name] else { return refuse(name, "must be true or false") }
        return value
    }

    mutating func object<Value>(_ name: String, _ read: (inout FieldReader) -> Value?) -> Value? {
        guard isThere(name, required: false) else { return nil }
        guard case .object(let nested)? = members[name] else { return refuse(name, "must be an object") }
        var reader = FieldReader(nested, path: path + [name])
        let value = read(&reader)
        mistakes += reader.mistakes
        return value
    }

    /// Reports unknown fields as mistakes, so that a misspelled option is not ignored.
    mutating func refuseOthers(than known: [String]) {
        let unknown = Set(members.lazy.map(\.name).filter { !known.contains($0) })
        for name in unknown.sorted() { refuseField(name, "unknown field") }
    }

    /// Reports repeated names as mistakes. One parser would use the first value, another the last.
    mutating func refuse(repeated names: Set<JSONDocument.Path>) {
        for path in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
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
    func has(_ name: String) -> Bool { members[name] != nil }

    private mutating func isThere(_ name: String, required: Bool) -> Bool {
        if has(name) { return true }
        if required { refuseField(name, "is required") }
        return false
    }

    private func pointer(_ name: String) -> String { JSONPointer.text(path + [name]) }
}

/// Writes names in JSON Pointers.
enum JSONPointer {
    static func text(_ path: JSONDocument.Path) -> String { path.map { "/\(escaped($0))" }.joined() }

    /// Escapes `~` and `/` in a name (RFC 6901). A long name is cut, and control characters are dropped.
    static func escaped(_ name: String) -> String {
        let shown = name.unicodeScalars.prefix(64).filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(shown)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
