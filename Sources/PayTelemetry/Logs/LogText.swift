import PayCore

/// Formats texts and times for the log.
enum LogText {
    /// Whether a scalar is a control or layout character: control characters (C0, DEL, C1), line and paragraph
    /// separators, direction overrides. They are always escaped, because a client's text could otherwise forge or hide
    /// a record.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The text as a JSON string (RFC 8259), with quotes.
    static func json(_ text: String) -> String {
        if isPlainWord(text) { return "\"\(text)\"" }
        return quoted(text) { hexadecimal in
            "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        }
    }

    /// The text unchanged if it is a plain word, otherwise in quotes.
    static func word(_ text: String) -> String {
        if isPlainWord(text) { return text }
        let isPlain = text.unicodeScalars.allSatisfy { !steers($0) && !" \"=\\".unicodeScalars.contains($0) }
        return isPlain && !text.isEmpty ? text : quoted(text) { "\\u{\($0)}" }
    }

    /// Whether the text is visible ASCII that needs no escape, both in a line of text and in JSON. True for nearly
    /// every value, so the check works on bytes.
    static func isPlainWord(_ text: String) -> Bool {
        var text = text
        return !text.isEmpty
            && text.withUTF8 { bytes in
                bytes.allSatisfy {
                    $0.isVisibleASCII && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
                        && $0 != UInt8(ascii: "=")
                }
            }
    }

    /// The text without quotes, on one line: line breaks are escaped.
    static func sentence(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        return isPlain ? text : escaped(text, quotesToo: false) { "\\u{\($0)}" }
    }

    /// RFC 3339, UTC, to the millisecond: `2026-11-22T10:30:00.000Z`.
    static func time(_ instant: Instant) -> String {
        CivilTime(instant).text { $0.writeExactTimestamp(to: &$1) }
    }

    private static func quoted(_ text: String, unicode: (String) -> String) -> String {
        "\"\(escaped(text, quotesToo: true, unicode: unicode))\""
    }

    private static func escaped(_ text: String, quotesToo: Bool, unicode: (String) -> String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"" where quotesToo: escaped += "\\\""
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where steers(scalar): escaped += unicode(String(scalar.value, radix: 16))
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
