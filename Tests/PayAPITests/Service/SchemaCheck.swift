import ServiceTestSupport
import Yams

/// Compares values with the schemas of the API's description. It knows the words of JSON Schema that the description
/// uses. Unlike JSON Schema, it refuses every field that a schema does not name: the description must be complete.
struct SchemaCheck: Sendable {
    /// The whole description.
    let root: JSONValue

    init(_ root: Node) {
        self.root = JSONValue(root)
    }

    /// The schema or the answer itself, or the component that it refers to.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"].string else { return value }
        return resolved(reference.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] })
    }

    /// The schema of an answer in JSON; null if there is none.
    func schema(_ method: String, _ path: String, _ status: Int) -> JSONValue {
        let responses = root["paths"][path][method]["responses"].fields
        let content = resolved(responses["\(status)"] ?? responses["default"] ?? .null)["content"].fields
        return (content["application/json"] ?? content["application/problem+json"] ?? .null)["schema"]
    }

    /// One line per mistake; empty if the value fits.
    func mistakes(of value: JSONValue, in schema: JSONValue, at place: String = "") -> [String] {
        let schema = resolved(schema)
        guard schema != .null else { return ["\(place): no schema"] }
        var found = mistakesOfScalar(value, in: schema).map { "\(place): \(value.text) \($0)" }
        if schema["items"] != .null {
            for (index, item) in value.items.enumerated() {
                found += mistakes(of: item, in: schema["items"], at: "\(place)/\(index)")
            }
        }
        let missing = schema["required"].items.compactMap(\.string).filter { !value.keys.contains($0) }
        found += missing.map { "\(place)/\($0): is missing" }
        for (name, field) in value.fields.sorted(by: { $0.key < $1.key }) {
            if let property = schema["properties"].fields[name] ?? anyField(schema) {
                found += mistakes(of: field, in: property, at: "\(place)/\(name)")
            } else {
                found.append("\(place)/\(name): is not described")
            }
        }
        return found
    }

    private func mistakesOfScalar(_ value: JSONValue, in schema: JSONValue) -> [String] {
        var found: [String] = []
        if let type = schema["type"].string, !fits(value, type) { found.append("is no \(type)") }
        if schema["const"] != .null, schema["const"] != value { found.append("is not the constant") }
        // The lists are open for later versions. This version must have no value that they lack.
        let list = schema["x-extensible-enum"].items
        if !list.isEmpty, !list.contains(value) { found.append("is not in the list") }
        if let text = value.string, let pattern = schema["pattern"].string {
            let match = try? Regex(pattern).wholeMatch(in: text)
            if match == nil { found.append("does not match \(pattern)") }
        }
        return found
    }

    /// The schema of fields with any name.
    private func anyField(_ schema: JSONValue) -> JSONValue? {
        schema["additionalProperties"].fields.isEmpty ? nil : schema["additionalProperties"]
    }

    private func fits(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .decimal: type == "number"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}

extension JSONValue {
    /// A value of a YAML document.
    init(_ node: Node) {
        switch node {
        case .mapping(let map):
            let fields = map.map { ($0.key.string ?? "", JSONValue($0.value)) }
            self = .object(Dictionary(fields) { _, last in last })
        case .sequence(let items): self = .array(items.map { JSONValue($0) })
        case .scalar, .alias:
            if let bool = node.bool {
                self = .bool(bool)
            } else if let int = node.int {
                self = .integer(Int64(int))
            } else {
                self = .string(node.string ?? "")
            }
        }
    }
}
