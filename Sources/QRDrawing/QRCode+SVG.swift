extension QRCode {
    /// The code as an SVG element, which stands inside an HTML document or is a document by itself.
    ///
    /// The light modules are drawn too: on a dark page a scanner would see the code inside out. It has no style, which a
    /// strict Content-Security-Policy would forbid.
    /// - Parameter label: what a screen reader says of it. Without one it is passed over.
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

    /// Each dark stretch is a line of one module's width through the middle of its row: half the text of rectangles.
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
    /// The text as it stands in a quoted attribute. What XML can't hold even escaped becomes the sign for that.
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
