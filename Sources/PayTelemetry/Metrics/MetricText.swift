/// Formats names, labels and numbers in Prometheus' text exposition format, version 0.0.4.
enum MetricText {
    /// `name` in the format's alphabet, `[a-zA-Z_:][a-zA-Z0-9_:]*`. Any other character becomes `_`.
    static func metricName(_ name: String) -> String { sanitized(name, taking: ":") }

    /// The labels, sorted by name, as written between the braces. The first label of a name wins.
    ///
    /// `le` is reserved for histograms, and names that begin with two underscores are reserved for Prometheus. Such
    /// labels get the prefix `exported_`, as a scraper would add it.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var byName: [String: String] = [:]
        for (name, value) in dimensions {
            var name = sanitized(name)
            if name == "le" || name.hasPrefix("__") { name = "exported_" + name }
            if byName[name] == nil { byName[name] = value }
        }
        let labels = byName.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escapedValue($0.value))\"" }
        return labels.joined(separator: ",")
    }

    static func writeSample(_ name: String, _ labels: String, _ value: Double, to text: inout String) {
        text += labels.isEmpty ? "\(name) \(number(value))\n" : "\(name){\(labels)} \(number(value))\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        // Whole numbers up to 2 ⁵³ are written without Swift's ".0".
        if value == value.rounded(), abs(value) <= 9_007_199_254_740_992 { return String(Int64(value)) }
        return String(value)
    }

    static func escapedHelp(_ help: String) -> String { escaped(help, quotesToo: false) }

    private static func escapedValue(_ value: String) -> String { escaped(value, quotesToo: true) }

    private static func escaped(_ text: String, quotesToo: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotesToo: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func sanitized(_ name: String, taking extra: Unicode.Scalar? = nil) -> String {
        var sanitized = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": sanitized.append(scalar)
            case "0"..."9":
                if sanitized.isEmpty { sanitized.append("_") }
                sanitized.append(scalar)
            default: sanitized.append(scalar == extra ? scalar : "_")
            }
        }
        return sanitized.isEmpty ? "_" : String(sanitized)
    }
}
