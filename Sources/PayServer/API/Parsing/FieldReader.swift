import PayCore

/// Reads the fields of a JSON object, keeping every mistake with its JSON Pointer instead of stopping at the first.
struct FieldReader {
    private let members: [JSONTextValue.Member]
    private let path: String
    private(set) var mistakes: [UnacceptableField] = []

    init(_ members: [JSONTextValue.Member], path: String = "") {
        self.members = members
        self.path = path
    }

    /// A text that `parse` makes a value of; nil, with a mistake, when it can't, or when it is missing and required.
    mutating func text<Value>(
        _ name: String, required: Bool = false, mustBe rule: @autoclosure () -> String, _ parse: (String) -> Value?
    ) -> Value? {
        switch given(name, required: required) {
        case nil: return nil
        case .text(let text)?:
            guard let value = parse(text) else { return refuse(name, "must be \(rule())") }
            return value
        case .flag?, .number?, .list?, .object?, .null?: return refuse(name, "must be a string: \(rule())")
        }
    }

    /// An integer, however it is written; a fraction, a string or a boolean is none.
    mutating func integer(_ name: String, required: Bool = false, in range: ClosedRange<Int64>) -> Int64? {
        guard let given = given(name, required: required) else { return nil }
        guard let value = given.integer, range.contains(value) else {
            return refuse(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    mutating func flag(_ name: String) -> Bool? {
        switch given(name, required: false) {
        case nil: return nil
        case .flag(let flag)?: return flag
        case .text?, .number?, .list?, .object?, .null?: return refuse(name, "must be true or false")
        }
    }

    mutating func object<Value>(_ name: String, _ read: (inout FieldReader) -> Value?) -> Value? {
        switch given(name, required: false) {
        case nil: return nil
        case .object(let members)?:
            var reader = FieldReader(members, path: pointer(name))
            let value = read(&reader)
            mistakes += reader.mistakes
            return value
        case .text?, .flag?, .number?, .list?, .null?: return refuse(name, "must be an object")
        }
    }

    /// Fields that nothing reads are mistakes: a misspelled option must not be passed over.
    mutating func refuseOthers(than known: [String]) {
        let others = members.map(\.name).filter { !known.contains($0) }
        for name in Set(others).sorted() {
            refuseField(name, "unknown field")
        }
    }

    mutating func refuseField(_ name: String, _ detail: String) {
        mistakes.append(UnacceptableField(pointer: pointer(name), detail: detail))
    }

    private mutating func refuse<Value>(_ name: String, _ detail: String) -> Value? {
        refuseField(name, detail)
        return nil
    }

    /// The first of that name. `null` says that an optional field is left out.
    private mutating func given(_ name: String, required: Bool) -> JSONTextValue? {
        switch members.first(where: { $0.name == name })?.value {
        case nil, .null?:
            if required { refuseField(name, "is required") }
            return nil
        case let value?: return value
        }
    }

    private func pointer(_ name: String) -> String { "\(path)/\(JSONPointer.escaped(name))" }
}

extension JSONTextValue {
    /// `9900.0` and `99e2` are integers too.
    fileprivate var integer: Int64? {
        switch self {
        case .number(let text): Int64(text) ?? Double(text).flatMap(Int64.init(exactly:))
        case .null, .flag, .text, .list, .object: nil
        }
    }
}

/// How names are written in a JSON Pointer.
enum JSONPointer {
    /// RFC 6901: `~` and `/` in a name are escaped. A name that is long or can't be read is cut.
    static func escaped(_ name: String) -> String {
        let shown = name.unicodeScalars.prefix(64).filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(shown)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
