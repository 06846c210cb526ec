package import HummingbirdCore
import PayCore

/// Reads query parameters and collects every mistake. An unknown parameter is a mistake too.
package struct QueryReader {
    private let parameters: [(name: String, value: String)]
    private var known: Set<String> = []
    private var mistakes: [UnacceptableField] = []

    package init(_ uri: URI) {
        parameters = uri.queryParameters.map { (String($0.key), String($0.value)) }
    }

    package mutating func value<Value>(_ name: String, mustBe rule: String, _ parse: (String) -> Value?) -> Value? {
        known.insert(name)
        let given = parameters.filter { $0.name == name }
        guard let text = given.first?.value else { return nil }
        guard given.count == 1, let value = parse(text) else {
            mistakes.append(UnacceptableField(pointer: "/\(name)", detail: "must be \(rule)"))
            return nil
        }
        return value
    }

    /// Throws all collected mistakes.
    package func check() throws(Problem) {
        let unknown = parameters.map(\.name).filter { !known.contains($0) }
            .map { UnacceptableField(pointer: "/\(JSONPointer.escaped($0))", detail: "unknown query parameter") }
        guard mistakes.isEmpty, unknown.isEmpty else { throw .invalid(mistakes + unknown) }
    }
}
