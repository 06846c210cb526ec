import Foundation
package import Hummingbird

/// The names and values of a submitted form (`application/x-www-form-urlencoded`).
package struct FormFields: Sendable {
    private let pairs: [(name: String, value: String)]

    package init(_ body: [UInt8]) {
        pairs = body.split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.text(halves[0]), halves.count > 1 ? Self.text(halves[1]) : "")
        }
    }

    /// The value of a field that occurs exactly once; nil otherwise.
    package func only(_ name: String) -> String? {
        let found = pairs.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let spaced = String(decoding: bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
        return spaced.removingPercentEncoding ?? ""
    }
}

extension Request {
    /// Whether the body is a submitted form.
    package var hasForm: Bool {
        let type = headers[.contentType]?.split(separator: ";").first?.filter { $0 != " " }.lowercased()
        return type == "application/x-www-form-urlencoded"
    }
}
