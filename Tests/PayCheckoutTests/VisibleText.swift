/// The texts of an HTML page that a buyer sees: no attributes, and nothing inside a `hidden` element.
enum VisibleText {
    /// Each run of text between two tags.
    static func runs(of html: String) -> [String] {
        var runs: [String] = []
        var open: [(name: Substring, isHidden: Bool)] = []
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            let text = rest[..<start]
            if !open.contains(where: \.isHidden) { runs.append(unescaped(text)) }
            guard let end = endOfTag(rest[start...]) else { break }
            let tag = rest[start...end]
            rest = rest[rest.index(after: end)...]
            let name = tag.dropFirst().drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber || $0 == "!" }
            if tag.hasPrefix("</") {
                if let last = open.lastIndex(where: { $0.name == name }) { open.removeSubrange(last...) }
            } else if !tag.hasSuffix("/>"), !void.contains(String(name)) {
                open.append((name, unseen.contains(String(name)) || tag.contains(" hidden")))
            }
        }
        return runs.map { trimmed($0) }.filter { !$0.isEmpty }
    }

    private static let void = ["!doctype", "meta", "link", "input", "img", "br", "path", "rect"]
    private static let unseen = ["head", "script", "style"]

    /// The end of the tag at the start: the first `>` outside a quoted value.
    private static func endOfTag(_ text: Substring) -> Substring.Index? {
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            if text[index] == ">", !isQuoted { return index }
        }
        return nil
    }

    private static func unescaped(_ text: Substring) -> String {
        String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
