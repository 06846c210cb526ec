import Foundation
import Testing

@testable import paypage

/// JSON as a program reads it.
enum JSONObject: Hashable, Decodable {
    case null
    case flag(Bool)
    case integer(Int64)
    case text(String)
    case list([JSONObject])
    case fields([String: JSONObject])

    /// Encodes the value as the command does, and reads the text.
    init(_ value: some Encodable) {
        do {
            self = try JSONDecoder().decode(JSONObject.self, from: Data(JSONText.of(value).utf8))
        } catch {
            Issue.record("not JSON: \(error)")
            self = .null
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONObject].self) {
            self = .list(list)
        } else {
            self = .fields(try container.decode([String: JSONObject].self))
        }
    }

    /// Null for a missing field.
    subscript(_ name: String) -> JSONObject {
        if case .fields(let fields) = self { fields[name] ?? .null } else { .null }
    }

    /// Null behind the end.
    subscript(_ index: Int) -> JSONObject {
        if case .list(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }

    var keys: Set<String> { if case .fields(let fields) = self { Set(fields.keys) } else { [] } }

    var items: [JSONObject] { if case .list(let items) = self { items } else { [] } }
}

extension JSONObject: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(integerLiteral integer: Int64) { self = .integer(integer) }
    init(booleanLiteral flag: Bool) { self = .flag(flag) }
    init(arrayLiteral items: JSONObject...) { self = .list(items) }
    init(dictionaryLiteral fields: (String, JSONObject)...) { self = .fields(Dictionary(uniqueKeysWithValues: fields)) }
}
