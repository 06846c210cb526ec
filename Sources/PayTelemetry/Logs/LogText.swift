import PayCore

/// How texts and times are written into a log.
enum LogText {
    /// Whether a scalar steers a terminal or a layout instead of being read: control characters (C0, DEL, C1), line and
    /// paragraph separators, direction overrides. None goes into a log as itself, or a stranger's text could forge a
    /// record or hide one.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// A JSON string (RFC 8259), quotes included.
    static func json(_ text: String) -> String {
        if isPlainWord(text) { return "\"\(text)\"" }
        return quoted(text) { hexadecimal in
            "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        }
    }

    /// The text as it is when that can be told from what stands around it, else in quotes.
    static func word(_ text: String) -> String {
        if isPlainWord(text) { return text }
        let isPlain = text.unicodeScalars.allSatisfy { !steers($0) && !" \"=\\".unicodeScalars.contains($0) }
        return isPlain && !text.isEmpty ? text : quoted(text) { "\\u{\($0)}" }
    }

    /// Whether the text is of visible ASCII that is read as itself, in a line of text as in JSON: what nearly every value
    /// is, told by its bytes.
    static func isPlainWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
                    && $0 != UInt8(ascii: "=")
            }
    }

    /// A sentence without quotes around it, on one line whatever is in it.
    static func sentence(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        return isPlain ? text : escaped(text, quotesToo: false) { "\\u{\($0)}" }
    }

    /// RFC 3339, UTC, to the millisecond: `2026-11-22T10:30:00.000Z`.
    static func time(_ instant: Instant) -> String {
        var bytes: [UInt8] = []
        CivilTime(instant).writeExactTimestamp(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
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
