import Foundation
import PayCore

/// Alipay's formats for forms, pages, times and amounts.
enum FakeAlipayWire {
    /// Parses a form or a query. Throws for a repeated name and for invalid UTF-8.
    static func parameters(_ text: String) throws -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) where !text.isEmpty {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let name = plain(parts[0]), let value = plain(parts[1]) else {
                throw FakeProblem("invalid form")
            }
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw FakeProblem("repeated parameter \(name)")
            }
        }
        return parameters
    }

    private static func plain(_ text: String) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }

    /// Encoded as by Java's `URLEncoder`.
    static func form(_ fields: [(name: String, value: String)]) -> String {
        var allowed = CharacterSet(charactersIn: "*-._ ")
        allowed.formUnion(CharacterSet(charactersIn: "0"..."9"))
        allowed.formUnion(CharacterSet(charactersIn: "A"..."Z"))
        allowed.formUnion(CharacterSet(charactersIn: "a"..."z"))
        return fields.map { field in
            let value = field.value.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
            return "\(field.name)=\(value.replacingOccurrences(of: " ", with: "+"))"
        }.joined(separator: "&")
    }

    /// The signed text: every non-empty parameter, sorted by name.
    static func signedText(_ parameters: [String: String], without: Set<String>) -> String {
        parameters.filter { !without.contains($0.key) && !$0.value.isEmpty }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    }

    /// The parameters that a browser sends when it submits a page's form.
    static func parameters(ofPage document: String) throws -> [String: String] {
        guard document.components(separatedBy: "<form").count == 2, document.contains("method=\"post\""),
            document.components(separatedBy: "<input").count == 2
        else { throw FakeProblem("expected one form with one field") }
        let action = try attribute("action", in: document)
        let (name, value) = (try attribute("name", in: inputs(of: document)), try attribute("value", in: document))
        guard let mark = action.firstIndex(of: "?") else { throw FakeProblem("the form's action has no query") }
        var parameters = try parameters(String(action[action.index(after: mark)...]))
        guard parameters.updateValue(value, forKey: name) == nil else {
            throw FakeProblem("repeated parameter \(name)")
        }
        return parameters
    }

    private static func inputs(of document: String) -> String {
        document.components(separatedBy: "<input").dropFirst().joined()
    }

    private static func attribute(_ name: String, in text: String) throws -> String {
        guard let start = text.range(of: " \(name)=\""),
            let end = text.range(of: "\"", range: start.upperBound..<text.endIndex)
        else { throw FakeProblem("the page has no \(name)") }
        return try unescaped(String(text[start.upperBound..<end.lowerBound]))
    }

    /// Throws if a special character is not escaped.
    private static func unescaped(_ text: String) throws -> String {
        let names = ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&amp;": "&"]
        var plain = ""
        var rest = Substring(text)
        while let first = rest.first {
            if "<>'\"".contains(first) { throw FakeProblem("unescaped \(first) in the page") }
            if first == "&" {
                guard let found = names.first(where: { rest.hasPrefix($0.key) }) else {
                    throw FakeProblem("unescaped &")
                }
                plain += found.value
                rest = rest.dropFirst(found.key.count)
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        return plain
    }

    /// A JSON object of strings in this order, with escaped slashes.
    static func json(_ fields: [(name: String, value: String)]) throws -> String {
        let encoder = JSONEncoder()
        let members = try fields.map { field in
            "\"\(field.name)\":\(String(decoding: try encoder.encode(field.value), as: UTF8.self))"
        }
        return "{\(members.joined(separator: ","))}"
    }

    /// The business content, which has texts and lists of texts. A list is joined by commas.
    static func content(_ text: String) throws -> [String: String] {
        try JSONDecoder().decode([String: Text].self, from: Data(text.utf8)).mapValues(\.joined)
    }

    private struct Text: Decodable {
        let joined: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let list = try? value.decode([String].self) {
                joined = list.joined(separator: ",")
            } else {
                joined = try value.decode(String.self)
            }
        }
    }

    static func time(_ instant: Instant) -> String {
        clock.string(from: Date(timeIntervalSince1970: Double(instant.milliseconds / 1_000)))
    }

    static func instant(_ text: String) throws -> Instant {
        guard let date = clock.date(from: text), clock.string(from: date) == text else {
            throw FakeProblem("invalid time: \(text)")
        }
        return Instant(milliseconds: Int64(date.timeIntervalSince1970) * 1_000)
    }

    private static var clock: DateFormatter {
        let clock = DateFormatter()
        clock.locale = Locale(identifier: "en_US_POSIX")
        clock.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
        clock.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return clock
    }

    static func yuan(_ fen: Int64) -> String { String(format: "%.2f", Double(fen) / 100) }

    /// Requires exactly two decimals.
    static func fen(_ yuan: String) throws -> Int64 {
        guard yuan.wholeMatch(of: /[0-9]{1,9}\.[0-9]{2}/) != nil,
            let fen = Int64(yuan.replacingOccurrences(of: ".", with: ""))
        else {
            throw FakeProblem("invalid amount: \(yuan)")
        }
        return fen
    }
}
