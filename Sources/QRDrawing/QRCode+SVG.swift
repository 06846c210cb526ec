extension QRCode {
    /// The code as an SVG element, for use inside HTML or as a document.
    ///
    /// The light modules are drawn too. Otherwise the code would appear inverted on a dark page, and scanners could not
    /// read it. The element has no style attribute, because a strict Content-Security-Policy would forbid one.
    ///
    /// - Parameter label: The text for screen readers. Without a label they skip the code.
    public func svg(moduleSize: Int = usualModuleSize, label: String?) -> String {
        let side = pixels(moduleSize: moduleSize)
        let modules = widthWithQuietZone
        let name = label.map { #"role="img" aria-label="\#($0.escapedForXML)""# } ?? #"aria-hidden="true""#
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(side)" height="\(side)" \
            viewBox="0 0 \(modules) \(modules)" shape-rendering="crispEdges" \(name)>\
            <rect width="\(modules)" height="\(modules)" fill="#fff"/>\
            <path stroke="#000" d="\(strokes)"/></svg>
            """
    }

    /// Draws each dark run of a row as a line, one module wide, through the middle of the row. Half the size of
    /// rectangles.
    private var strokes: String {
        var path = ""
        for row in 0..<width {
            var pen = 0
            for stretch in darkStretches(row: row) {
                let isFirst = pen == 0
                let column = stretch.lowerBound + Self.quietZone
                path += isFirst ? "M\(column) \(row + Self.quietZone).5" : "m\(column - pen) 0"
                path += "h\(stretch.count)"
                pen = column + stretch.count
            }
        }
        return path
    }
}

extension String {
    /// Escaped for a quoted attribute. Characters that XML does not allow become U+FFFD.
    fileprivate var escapedForXML: String {
        unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r": escaped += " "
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
